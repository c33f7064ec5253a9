"""Races the bare embedder against others that embed with the same weights."""

import argparse
import math
import os
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]
from lines import Lines, Missing  # noqa: E402
from race import Race, shown  # noqa: E402
from report import bar, report  # noqa: E402

PEERS = ["sentence-transformers", "onnx", "onnx-int8"]
FLOAT_PEERS = ["sentence-transformers", "onnx"]
REFERENCE = "sentence-transformers"
BATCHES = [1, 32]


def names(text):
    return [name for name in text.split(",") if name]


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--peers-home", required=True)
    parser.add_argument("--text", default="/usr/share/common-licenses/GPL-3")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--compute", type=names, default=["auto", "fp32"])
    parser.add_argument("--peers", type=names, default=PEERS)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    options = parser.parse_args()
    unknown = [name for name in options.peers if name not in PEERS]
    if unknown:
        parser.error(f"no peer {unknown[0]}; there are: {' '.join(PEERS)}")
    return options


def sentences(path):
    """Of mixed lengths, as texts are: some words to some hundred."""
    text = re.sub(r"\s+", " ", pathlib.Path(path).read_text(encoding="utf-8"))
    return [one for one in re.split(r"(?<=[.:;]) ", text) if len(one.split()) > 2]


def start(options):
    targets, missing = {}, {}
    for compute in options.compute:
        targets[f"troupe-{compute}"] = Lines([options.program, "--model", options.model, "--threads", options.threads,
                                              "--compute", compute])
    python = pathlib.Path(options.peers_home).expanduser() / "embed/venv/bin/python"
    for name in options.peers:
        try:
            if not python.exists():
                raise Missing(f"{python} is not there; set it up: tests/bench/run embed --install-peers")
            targets[name] = Lines([python, HERE / "peer.py", name, "--model", options.model, "--threads",
                                   options.threads, "--work", python.parents[2]],
                                  {"OMP_NUM_THREADS": str(options.threads)})
        except Missing as failure:
            missing[name] = str(failure)
            print(f"not measured: {name}: {failure}", file=sys.stderr, flush=True)
    return targets, missing


def least_cosine(vectors, reference):
    def cosine(a, b):
        return sum(x * y for x, y in zip(a, b)) / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))
    return min(map(cosine, vectors, reference))


def main():
    options = parse()
    texts = sentences(options.text)
    try:
        targets, missing = start(options)
    except Missing as failure:
        print(f"embed: {failure}", file=sys.stderr)
        return 2
    try:
        vectors = {name: target.ask({"texts": texts})["vectors"] for name, target in targets.items()}
        race = Race()
        for number in range(options.rounds):
            race.begin_round()
            for batch in BATCHES:
                for name, target in targets.items():
                    race.add(name, batch, target.ask({"texts": texts, "batch": batch, "seconds": options.seconds}))
            print(f"round {number + 1} of {options.rounds}, load {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)
    except Missing as failure:
        print(f"embed: {failure}", file=sys.stderr)
        return 2
    finally:
        for target in targets.values():
            target.stop()

    ours = [name for name in targets if name.startswith("troupe-")]
    peers = [name for name in FLOAT_PEERS if name in targets]
    reference = vectors.get(REFERENCE)
    figures = {"texts": len(texts), "rounds": options.rounds, "threads": options.threads, "missing": missing,
               "about": {name: target.about for name, target in targets.items()},
               "texts_s": {name: {batch: shown(race.median(name, batch, "texts_s")) for batch in BATCHES}
                           for name in targets},
               "least_cosine": {name: shown(least_cosine(of, reference)) for name, of in vectors.items()}
               if reference else {}}
    bars = [bar(f"{ours[0]} at {batch} over the fastest of {' and '.join(peers) or 'nobody'}",
                shown(race.ratio_to_best(ours[0], peers, batch, "texts_s")), 1.2, "more") for batch in BATCHES]
    bars.append(bar(f"least cosine of {ours[0]} to {REFERENCE}", figures["least_cosine"].get(ours[0]), 0.999, "more"))
    return report("embed", figures, bars)


if __name__ == "__main__":
    sys.exit(main())
