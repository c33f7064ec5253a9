"""Quantises SmolLM2 in every way there is and evaluates what came out."""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]
from report import bar, report  # noqa: E402

AGENT = pathlib.Path(os.environ["TROUPE_BIN"]) / "troupe-agent"
CACHE = pathlib.Path(os.environ.get("TROUPE_CACHE", pathlib.Path.home() / ".cache/troupe"))
MODEL = CACHE / "models/smollm2-135m-instruct.gguf"


def default_texts():
    folder = pathlib.Path(os.environ.get("TROUPE_BANKING77", "../shared/data/banking77"))
    if not (folder / "train.csv").exists():
        sys.exit(f"quantize: no texts in {folder}: give --calibrate and --text, or set TROUPE_BANKING77 (see --help)")
    return folder / "train.csv", folder / "test.csv"


def agent(*arguments):
    print("troupe-agent", *arguments, file=sys.stderr, flush=True)
    done = subprocess.run([AGENT, *map(str, arguments)], stdout=sys.stderr)
    if done.returncode != 0:
        sys.exit(2)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--steps", type=int, default=200)
    options.add_argument("--windows", type=int, default=32)
    options.add_argument("--calibrate", nargs="+", type=pathlib.Path)
    options.add_argument("--text", nargs="+", type=pathlib.Path)
    options.add_argument("--task", type=pathlib.Path)
    options.add_argument("--out", type=pathlib.Path)
    options.add_argument("--no-qat", action="store_true")
    options = options.parse_args()
    if not options.calibrate or not options.text:
        train, test = default_texts()
        options.calibrate, options.text, options.task = [train], [test], test
    if not MODEL.exists():
        sys.exit(f"quantize: {MODEL} is not here: deploy/install models fetches it")

    temporary = tempfile.TemporaryDirectory()
    out = options.out or pathlib.Path(temporary.name)
    out.mkdir(parents=True, exist_ok=True)
    text = [argument for file in options.calibrate for argument in ("--calibrate", file)]
    ways = {
        "int8-rtn": ["--bits", 8, "--method", "rtn"],
        "int8-gptq": ["--bits", 8, "--method", "gptq", *text],
        "int4-rtn": ["--bits", 4, "--method", "rtn"],
        "int4-gptq": ["--bits", 4, "--method", "gptq", *text],
    }
    if not options.no_qat:
        ways["int4-qat"] = ["--bits", 4, "--method", "qat", "--steps", options.steps, *text]
    for name, way in ways.items():
        if not (out / name / "config.json").exists():
            agent("quantize", MODEL, out / name, *way)
    arguments = [argument for file in options.text for argument in ("--text", file)]
    if options.task:
        arguments += ["--task", options.task]
    agent("evaluate", MODEL, *(out / name for name in ways), *arguments, "--windows", options.windows, "--out", out)

    rows = json.loads((out / "report.json").read_text())["models"]
    by_name = dict(zip(["full", *ways], rows))
    loss = {name: row["perplexity_loss"] for name, row in by_name.items()}
    figures = {
        name: {key: round(value, 5) if isinstance(value, float) else value for key, value in row.items()}
        for name, row in by_name.items()
    }
    rounded = max(loss["int4-rtn"], 1e-9)
    int8 = max(loss["int8-rtn"], loss["int8-gptq"])
    bars = [
        bar("int8 (the worse of both), perplexity above the full model's", round(int8, 5), 0.01, "less"),
        bar("int4 calibrated, share of int4 rounded's loss", round(loss["int4-gptq"] / rounded, 4), 0.6, "less"),
    ]
    if not options.no_qat:
        trained = round(loss["int4-qat"] / rounded, 4)
        bars.append(bar("int4 trained, share of int4 rounded's loss", trained, 0.5, "less"))
    return report("quantize", figures, bars)


if __name__ == "__main__":
    sys.exit(main())
