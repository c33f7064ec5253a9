"""What a token costs as the queue grows, and whether memory stays where it is."""

from race import Race, shown
from report import bar

BATCH = 16
WAITING = (1, 4, 16, 64)


def measure(bench):
    engine = bench.bare(bench.compute, "--batch", BATCH)
    race = Race()
    for number in range(bench.options.rounds):
        race.begin_round()
        for waiting in WAITING:
            # whole answers, so that each visit has as many prompts as the others
            held = bench.visit(BATCH + waiting, 32, 32) | {"do": "hold", "tokens": 2 * 32 * BATCH}
            # those that follow the first ones have prompts too
            bench.used += held["tokens"] // 32
            race.add("hold", waiting, engine.ask(held))
        bench.say(f"round {number + 1} of {bench.options.rounds}")
    costs = {waiting: race.median("hold", waiting, "cpu_us_per_token") for waiting in WAITING}
    figures = {"compute": engine.about["compute"], "batch": BATCH,
               "cpu_us_per_token_by_waiting": {str(waiting): shown(cost) for waiting, cost in costs.items()}}
    bars = [bar("CPU per token, 1 to 64 waiting: most over least", shown(max(costs.values()) / min(costs.values())), 1.15,
                "less")]
    if bench.options.soak > 0:
        bench.say(f"soaking for {bench.options.soak:g} s")
        # with few enough pages that all of them are in memory early: each is taken from the system when it is first used
        engine.stop()
        engine = bench.bare(bench.compute, "--batch", BATCH, "--context", 512)
        soak = engine.ask(bench.visit(2 * BATCH, 400, 100) | {"do": "soak", "seconds": bench.options.soak})
        figures["soak"] = soak
        bars.append(bar("memory after the soak over that after a fifth of it",
                        shown(soak["rss_mib_late"] / soak["rss_mib_early"]), 1.05, "less"))
    return figures, bars
