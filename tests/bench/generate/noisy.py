"""What is left of the speed where somebody else wants a core, and where two engines share the machine."""

import contextlib
import os
import subprocess
import sys

from race import Race, shown
from report import bar

BUSY = "import os\nos.sched_setaffinity(0, [0])\nwhile True: pass"


def measure(bench):
    cases = bench.options.sequences or [1, 4]
    one, two = bench.bare(bench.compute), bench.bare(bench.compute)
    race = Race()
    for number in range(bench.options.rounds):
        race.begin_round()
        for case in cases:
            race.add("alone", case, one.ask(bench.visit(case, 128, 64)))
            with busy_core():
                race.add("beside a busy core", case, one.ask(bench.visit(case, 128, 64)))
            race.add("two engines", case, together(bench, one, two, case))
        bench.say(f"round {number + 1} of {bench.options.rounds}")
    figures = {str(case): {target: shown(race.median(target, case, "tg_tok_s"))
                           for target in ("alone", "beside a busy core", "two engines")} for case in cases}
    bars = []
    for case in cases:
        for target, limit in (("beside a busy core", 0.4), ("two engines", 0.85)):
            bars.append(bar(f"decode at {case}, {target} over alone", shown(race.ratio(target, "alone", case, "tg_tok_s")),
                            limit, "more"))
    return {"compute": one.about["compute"], "decode_tok_s": figures}, bars


def together(bench, one, two, case):
    """Both at once, each with as many sequences; the sum."""
    one.send(bench.visit(case, 128, 64))
    two.send(bench.visit(case, 128, 64))
    return {"tg_tok_s": one.receive()["tg_tok_s"] + two.receive()["tg_tok_s"]}


@contextlib.contextmanager
def busy_core():
    """A process that keeps the first core of this machine busy."""
    busy = subprocess.Popen([sys.executable, "-c", BUSY])
    try:
        while len(os.sched_getaffinity(busy.pid)) > 1:
            os.sched_yield()
        yield
    finally:
        busy.kill()
        busy.wait()
