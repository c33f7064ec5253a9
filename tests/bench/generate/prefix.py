"""A prompt that begins like an earlier one: how soon its first token comes, next to its own part alone."""

from race import Race, shown
from report import bar

SHARED, OWN = 400, 32


def measure(bench):
    engine = bench.bare(bench.compute)
    race = Race()
    for number in range(3 * bench.options.rounds):
        race.begin_round()
        shared = {"shared_tokens": SHARED, "shared_first": bench.visit(1, SHARED, 1)["first"]}
        race.add("first", 1, engine.ask(bench.visit(1, OWN, 1, **shared)))
        race.add("second", 1, engine.ask(bench.visit(1, OWN, 1, **shared)))
        race.add("alone", 1, engine.ask(bench.visit(1, OWN, 1)))
        if number % 3 == 2:
            bench.say(f"round {number // 3 + 1} of {bench.options.rounds}")
    figures = {name: shown(race.median(name, 1, "ttft_ms")) for name in ("first", "second", "alone")}
    return {"compute": engine.about["compute"], "shared_tokens": SHARED, "own_tokens": OWN, "ttft_ms": figures}, [
        bar("first token of the second request over that of its own part alone",
            shown(race.ratio("second", "alone", 1, "ttft_ms")), 1.2, "less")]
