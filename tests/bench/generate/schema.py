"""What structured output costs a token."""

from race import Race, shown
from report import bar


def measure(bench):
    cases = bench.options.sequences or [1, 16]
    engine = bench.bare(bench.compute)
    # the grammar's view of the vocabulary is made once
    engine.ask(bench.visit(1, 16, 4, writes="json"))
    race = Race()
    for number in range(bench.options.rounds):
        race.begin_round()
        for case in cases:
            race.add("free", case, engine.ask(bench.visit(case, 128, 64)))
            race.add("json", case, engine.ask(bench.visit(case, 128, 64, writes="json")))
        bench.say(f"round {number + 1} of {bench.options.rounds}")
    figures = {str(case): {name: {key: shown(race.median(name, case, key)) for key in ("tg_tok_s", "cpu_us_per_token", "tokens")}
                           for name in ("free", "json")} for case in cases}
    bars = [bar(f"decode at {case}, structured over free", shown(race.ratio("json", "free", case, "tg_tok_s")), 0.9, "more")
            for case in cases]
    return {"compute": engine.about["compute"], **figures}, bars
