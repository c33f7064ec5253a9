"""Races the bare engine against others that generate with the same weights."""

import argparse
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import basic  # noqa: E402
import flat  # noqa: E402
import noisy  # noqa: E402
import prefix  # noqa: E402
import product  # noqa: E402
import schema  # noqa: E402
import speculate  # noqa: E402
from lines import Lines, Missing  # noqa: E402
from report import report  # noqa: E402
from targets import LlamaBench, Vllm  # noqa: E402

# A peer is one line: its name, and how it is started.
PEERS = {
    "llama-q4_1": lambda bench: LlamaBench(bench.peers_home, bench.options.model, bench.options.threads),
    "vllm-bf16": lambda bench: Vllm(bench.peers_home, bench.options.model, bench.options.threads, bench.prompts),
}
# What is measured in place of the race, by flag.
MODES = {"noisy": noisy, "flat": flat, "prefix": prefix, "schema": schema, "speculate": speculate,
         "product": product}


class Bench:
    """What all modes need: the flags, our programs, and prompts that nobody has seen."""

    def __init__(self, options):
        self.options = options
        self.peers_home = pathlib.Path(options.peers_home).expanduser()
        self.running = []
        self.used = 0

    @property
    def compute(self):
        """The number format of modes that measure one: the product's own choice unless the flag names one."""
        return (self.options.compute or ["auto"])[0]

    def bare(self, compute, *more):
        """The bare engine in a process of its own."""
        return self.keep(Lines([pathlib.Path(self.options.programs) / "bench_generate", "--model", self.options.model,
                                "--text", self.options.text, "--threads", self.options.threads, "--compute", compute,
                                *more]))

    def peer(self, name):
        return self.keep(PEERS[name](self))

    def keep(self, target):
        self.running.append(target)
        return target

    def visit(self, sequences, prompt_tokens, new_tokens, **more):
        """A visit with fresh prompts."""
        self.used += sequences
        return {"sequences": sequences, "prompt_tokens": prompt_tokens, "new_tokens": new_tokens,
                "first": self.used - sequences, **more}

    def prompts(self, visit):
        """The prompts of a visit as tokens, as the engine gets them."""
        ours = next(target for target in self.running if "digest" in target.about)
        return ours.ask({**visit, "do": "prompts"})["prompts"]

    def stop(self):
        for target in self.running:
            target.stop()

    def say(self, text):
        print(f"{text}, load {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)


def names(text):
    return [name for name in text.split(",") if name]


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--peers-home", required=True)
    parser.add_argument("--text", default="/usr/share/common-licenses/GPL-3")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--compute", type=names, default=[])
    parser.add_argument("--peers", type=names, default=list(PEERS))
    parser.add_argument("--sequences", type=lambda text: [int(one) for one in names(text)], default=[])
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    mode = parser.add_mutually_exclusive_group()
    for name, module in MODES.items():
        mode.add_argument(f"--{name}", dest="mode", action="store_const", const=module, default=basic)
    parser.add_argument("--soak", type=float, default=300.0)
    options = parser.parse_args()
    unknown = [name for name in options.peers if name not in PEERS]
    if unknown:
        parser.error(f"no peer {unknown[0]}; there are: {' '.join(PEERS)}")
    return options


def main():
    bench = Bench(parse())
    try:
        figures, bars = bench.options.mode.measure(bench)
    except Missing as failure:
        print(f"generate: {failure}", file=sys.stderr)
        return 2
    finally:
        bench.stop()
    figures["mode"] = bench.options.mode.__name__
    return report("generate", figures, bars)


if __name__ == "__main__":
    sys.exit(main())
