"""The same through client, router and agent, streamed, next to the bare engine."""

import pathlib

from race import Race, shown
from report import bar
from lines import Lines

HERE = pathlib.Path(__file__).resolve().parent
KEYS = ("tg_tok_s", "out_tok_s", "ttft_ms", "tokens")


def measure(bench):
    options = bench.options
    cases = options.sequences or [1, 16]
    # what an agent computes in is the engine's own choice
    bare = bench.bare("auto")
    product = bench.keep(Lines([pathlib.Path(options.programs) / "bench_generate_product", "--programs", options.programs,
                                "--graph", HERE / "generate.yaml", "--data", pathlib.Path(options.programs).parent,
                                "--model", options.model, "--threads", options.threads]))
    race = Race()
    for number in range(options.rounds):
        race.begin_round()
        for case in cases:
            visit = bench.visit(case, 128, 64, writes="text")
            texts = bare.ask(visit | {"do": "prompts"})["texts"]
            race.add("bare", case, bare.ask(visit))
            race.add("product", case, product.ask({"texts": texts}))
        bench.say(f"round {number + 1} of {options.rounds}")
    figures = {str(case): {name: {key: shown(race.median(name, case, key)) for key in KEYS} for name in ("bare", "product")}
               for case in cases}
    bars = []
    for case in cases:
        bars.append(bar(f"tokens/s at {case}, product over bare engine",
                        shown(race.ratio("product", "bare", case, "out_tok_s")), 0.9, "more"))
        bars.append(bar(f"first token at {case}, product over bare engine",
                        shown(race.ratio("product", "bare", case, "ttft_ms")), 1.2, "less"))
    return {"compute": bare.about["compute"], **figures}, bars
