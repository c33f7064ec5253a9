"""What guessed tokens bring: on text that goes on freely, and on text that repeats its prompt."""

from race import Race, shown
from report import bar

TEXTS = {"free": {}, "repeated": {"repeated_tokens": 32}}
WAYS = ("off", "auto")


def measure(bench):
    cases = bench.options.sequences or [1, 4, 16]
    engines = {way: bench.bare(bench.compute, "--speculation", way) for way in WAYS}
    race = Race()
    for number in range(bench.options.rounds):
        race.begin_round()
        for case in cases:
            for text, more in TEXTS.items():
                visit = bench.visit(case, 128, 96, **more)
                # whoever is second finds a warmer and a busier machine: they take turns
                for way in WAYS if number % 2 == 0 else reversed(WAYS):
                    race.add(way, (text, case), engines[way].ask(visit))
        bench.say(f"round {number + 1} of {bench.options.rounds}")
    figures = {f"{text} at {case}": {
        "without_tok_s": shown(race.median("off", (text, case), "tg_tok_s")),
        "with_tok_s": shown(race.median("auto", (text, case), "tg_tok_s")),
        "with_over_without": shown(race.ratio("auto", "off", (text, case), "tg_tok_s")),
        "accepted_of_drafted": [race.median("auto", (text, case), key) for key in ("accepted", "drafted")],
    } for case in cases for text in TEXTS}
    bars = [bar(f"decode at {case}, {text} text, with guesses over without",
                figures[f"{text} at {case}"]["with_over_without"], least, "more")
            for case in cases for text, least in (("free", 0.95), ("repeated", 1.0))]
    return {"compute": engines["off"].about["compute"], **figures}, bars
