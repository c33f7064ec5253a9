"""What every benchmark prints as its last line, for those in Python: see report.h."""

import json
import os
import re


def machine():
    """What the figures were measured on, and how busy it was."""
    with open("/proc/cpuinfo") as file:
        name = re.search(r"model name\s*:\s*(.*)", file.read())
    return f"{name.group(1) if name else 'unknown processor'}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


def bar(name, value, limit, better):
    """A value of None was not measured, which is not passed."""
    ok = value is not None and (value >= limit if better == "more" else value <= limit)
    return {"name": name, "value": value, "bar": limit, "better": better, "ok": ok}


def report(bench, figures, bars):
    """Prints the line; the exit code."""
    print(json.dumps({"bench": bench, "machine": machine(), "figures": figures, "bars": bars}))
    return 0 if all(bar["ok"] for bar in bars) else 1
