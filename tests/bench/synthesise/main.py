"""A classifier of few real texts, of these and what a teacher wrote after them, and of many real texts."""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "learn")]

from draw import draw  # noqa: E402
from report import bar, report  # noqa: E402
from split import read, write  # noqa: E402

SEEN = 3200  # texts that each classifier is trained on, the same ones again and again where there are few


def say(text):
    print(text, file=sys.stderr, flush=True)


class Programs:
    """The product's programs, and files for them in one folder."""

    def __init__(self, options, folder):
        self.options, self.folder = options, folder

    def call(self, program, *arguments):
        command = [self.options.programs / program, *arguments]
        done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, check=True, text=True)
        return done.stdout

    def make(self, verb, recipe, out, **names):
        """A folder by a recipe, unless it is there."""
        if out.exists():
            return
        text = (HERE / recipe).read_text()
        for name, value in {**names, "THREADS": self.options.threads}.items():
            text = text.replace(name, str(value))
        path = out.with_suffix(".yaml")
        path.write_text(text)
        say(self.call("troupe-agent", verb, path, out).rstrip())

    def accuracy(self, model, test, pairs):
        """In percent."""
        printed = self.call("bench_learn", "--model", model, "--texts", test, "--threads", self.options.threads)
        *lines, _ = map(json.loads, printed.splitlines())
        return round(100 * sum(line["label"] == label for line, (_, label) in zip(lines, pairs)) / len(pairs), 2)


def count_of(path):
    with open(path, encoding="utf-8") as file:
        return sum(1 for line in file if line.strip()) - (path.suffix == ".csv")


def play(options, folder, seed):
    """One draw: accuracy on the test split by what a classifier was trained on, and what the teacher wrote."""
    folder.mkdir(parents=True, exist_ok=True)
    programs = Programs(options, folder)
    parts = draw(read(options.data / "train.csv"), read(options.data / "test.csv"), options.intents, seed)
    files = {name: write(folder / f"{name.replace(' ', '-')}.csv", pairs) for name, pairs in parts.items()}
    programs.make("synthesise", "synthetic.yaml", folder / "texts", TEACHER=options.teacher.resolve(),
                  EMBEDDER=options.model.resolve(), EXAMPLES=files["few"], SEED=seed)
    arms = {"few": (files["few"], files["few held"]),
            "synthetic": (folder / "texts" / "train.jsonl", files["few held"]),
            "many": (files["many"], files["many held"])}
    right = {}
    for name, (texts, held) in arms.items():
        epochs = max(1, round(SEEN / count_of(texts)))
        programs.make("distill", "student.yaml", folder / name, MODEL=options.model.resolve(), TRAIN=texts, HELD=held,
                      EPOCHS=epochs, SEED=seed)
        right[name] = programs.accuracy(folder / name, files["test"], parts["test"])
    card = json.loads((folder / "texts" / "card.json").read_text())
    say(f"draw {seed}: right {right}, {card['counts']}")
    return right, card


def judge(draws):
    figures = {"right": {name: [right[name] for right, _ in draws] for name in draws[0][0]},
               "written": [card["counts"] for _, card in draws], "mixed": [card["mixed"] for _, card in draws]}
    figures["mean"] = {name: round(statistics.mean(list_), 2) for name, list_ in figures["right"].items()}
    figures["spread"] = {name: round(statistics.pstdev(list_), 2) for name, list_ in figures["right"].items()}
    added = [right["synthetic"] - right["few"] for right, _ in draws]
    missing = [right["many"] - right["few"] for right, _ in draws]
    figures["added"] = [round(points, 2) for points in added]
    points = round(statistics.mean(added), 2)
    bars = [bar("points that synthetic texts add to the few real ones, in the mean", points, 0, "more")]
    # of what as many real texts would have added
    figures["share_of_real"] = round(statistics.mean(added) / statistics.mean(missing), 2) if any(missing) else None
    return figures, bars


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--teacher", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--intents", type=int, default=20)
    parser.add_argument("--draws", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        out = (options.out or pathlib.Path(temporary)).resolve()
        draws = [play(options, out / f"draw-{seed}", seed) for seed in range(1, options.draws + 1)]
        return report("synthesise", *judge(draws))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, subprocess.CalledProcessError) as problem:
        print(f"bench_synthesise: {problem}", file=sys.stderr)
        sys.exit(2)
