"""A student that learns from its teacher while questions arrive, asking where it is unsure or at random."""

import argparse
import hashlib
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from report import bar, report  # noqa: E402
from split import read, split, write  # noqa: E402

SEED = 20261129
# from where on the first student asks, before anything was learnt
FIRST_BELOW = 0.8
REFUSED = 4  # troupe-agent's exit code where the gate stops what was learnt


def say(text):
    print(text, file=sys.stderr, flush=True)


def share(flags):
    """Of those that are true, in percent."""
    flags = list(flags)
    return round(100 * sum(flags) / len(flags), 2) if flags else 0.0


def checked(text, share):
    """Whether the teacher is asked though the student is sure: that share of all texts, always the same ones."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) < share * 2**32


class Programs:
    """The product's programs, and files for them in one folder."""

    def __init__(self, options, folder):
        self.options, self.folder, self.speeds = options, folder, {}

    def call(self, *command):
        return subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, check=False, text=True)

    def answers(self, model, pairs):
        """(label, confidence) for each text."""
        texts = write(self.folder / "asked.csv", pairs)
        done = self.call(self.options.programs / "bench_learn", "--model", model, "--texts", texts, "--threads",
                         self.options.threads)
        done.check_returncode()
        *lines, last = map(json.loads, done.stdout.splitlines())
        self.speeds[model] = last["ms"]
        return [(line["label"], line["confidence"]) for line in lines]

    def train(self, verb, recipe, out, **names):
        """Whether it was written; it is not where the gate refuses it."""
        if out.exists():
            return True
        text = (HERE / recipe).read_text()
        for name, value in {**names, "THREADS": self.options.threads}.items():
            text = text.replace(name, str(value))
        if verb == "learn":
            text = text.replace("epochs: 8", f"epochs: {self.options.epochs}")
        path = out.with_suffix(".yaml")
        path.write_text(text)
        # a round's lessons are others than those of a run that was broken off
        fresh = ["--fresh"] if verb == "learn" else []
        done = self.call(self.options.programs / "troupe-agent", verb, path, out, *fresh)
        say(done.stdout.rstrip())
        if verb != "learn" or done.returncode != REFUSED:
            done.check_returncode()
        return done.returncode == 0

    def choose(self, student, texts, count):
        """Those of the texts that are worth asking about, by uncertainty and diversity."""
        file = write(self.folder / "unsure.csv", [(text, "") for text in texts])
        done = self.call(self.options.programs / "troupe-agent", "choose", student, file, "--count", count)
        done.check_returncode()
        return {json.loads(line)["text"] for line in done.stdout.splitlines()}


class Exam:
    """The test split, as teacher and student answer it together."""

    def __init__(self, programs, teacher, pairs, new):
        self.programs, self.teacher, self.pairs, self.new = programs, teacher, pairs, new
        self.teacher_says = [label for label, _ in programs.answers(teacher, pairs)]

    def by_age(self, labels):
        """Right in percent, of old and of new intents."""
        right = [(said == label, label in self.new) for said, (_, label) in zip(labels, self.pairs)]
        return {age: share(ok for ok, is_new in right if is_new == (age == "new")) for age in ("old", "new")}

    def right(self, labels):
        return share(said == label for said, (_, label) in zip(labels, self.pairs))

    def take(self, student, below):
        answers = self.programs.answers(student, self.pairs)
        asked = [confidence < below or checked(text, self.programs.options.check)
                 for (_, confidence), (text, _) in zip(answers, self.pairs)]
        own = [label for label, _ in answers]
        together = [theirs if ask else mine for mine, theirs, ask in zip(own, self.teacher_says, asked)]
        speeds = self.programs.speeds
        return {"asked": share(asked), "alone": self.by_age(own), "together": self.by_age(together),
                "alone_all": self.right(own), "together_all": self.right(together),
                "cost": round(speeds[student] / speeds[self.teacher] * 100 + share(asked), 2), "below": below}


class School:
    """One way of asking: a student, its lessons, and what became of it after each round."""

    def __init__(self, name, programs, student):
        self.name, self.programs, self.student, self.below = name, programs, student, FIRST_BELOW
        self.lessons, self.marks, self.asked, self.refused = [], [], [], 0

    def learn(self, number, old):
        lessons = self.programs.folder / f"{self.name}.jsonl"
        lessons.write_text("".join(
            json.dumps({"text": text, "label": label, "teacher_confidence": sure}) + "\n"
            for text, label, sure in self.lessons))
        out = self.programs.folder / f"{self.name}-{number}"
        if self.programs.train("learn", "lessons.yaml", out, MODEL=self.student, LESSONS=lessons, **old):
            self.student = out
            self.below = json.loads((out / "card.json").read_text())["escalation"]["below"]
        else:
            self.refused += 1

    def unsure(self, block, budget):
        """The texts that it asks about: spot checks, and where it is unsure, within the budget those that it learns
        most from."""
        answers = self.programs.answers(self.student, block)
        checks = {text for text, _ in block if checked(text, self.programs.options.check)}
        texts = [text for (text, _), (_, confidence) in zip(block, answers)
                 if confidence < self.below and text not in checks]
        budget -= len(checks)
        return checks | (set(texts) if len(texts) <= budget else self.programs.choose(self.student, texts, budget))


def play(options, programs, parts, new, test):
    """Both ways of asking, round by round."""
    folder = programs.folder
    files = {name: write(folder / f"{name.replace(' ', '-')}.csv", pairs) for name, pairs in parts.items()}
    teacher, knows_old, student = folder / "teacher", folder / "teacher-of-old", folder / "student"
    old = {"TRAIN": files["old"], "HELD": files["old held"]}
    programs.train("distill", "teacher.yaml", teacher, MODEL=options.model.resolve(), TRAIN=files["taught"],
                   HELD=files["held"])
    programs.train("distill", "teacher.yaml", knows_old, MODEL=options.model.resolve(), **old)
    programs.train("distill", "student.yaml", student, MODEL=knows_old, **old)
    answers = programs.answers(teacher, parts["stream"])
    teacher_says = {text: answer for (text, _), answer in zip(parts["stream"], answers)}
    exam = Exam(programs, teacher, test, new)
    schools = [School("unsure", programs, student), School("random", programs, student)]
    for school in schools:
        school.marks.append(exam.take(student, FIRST_BELOW))
    rng = random.Random(SEED)
    for number, begin in enumerate(range(0, len(parts["stream"]), options.every), 1):
        block = parts["stream"][begin:begin + options.every]
        asked = schools[0].unsure(block, int(options.budget * len(block)))
        drawn = rng.sample([text for text, _ in block], len(asked))
        for school, texts in zip(schools, (sorted(asked), drawn)):
            school.asked.append(len(texts))
            school.lessons += [(text, *teacher_says[text]) for text in texts]
            school.learn(number, old)
            school.marks.append(exam.take(school.student, school.below))
            say(f"{school.name}, {begin + len(block)} arrived: {school.marks[-1]}")
    return exam, schools


def draw(programs, school, every, out):
    """Over arrivals, in percent: what is asked, how often both together are right, what it costs."""
    names = {"asked": "asked", "together_all": "right", "cost": "cost"}
    lines = [{"name": name, "points": [[i * every, mark[key]] for i, mark in enumerate(school.marks)]}
             for key, name in names.items()]
    curves = programs.folder / "curves.json"
    curves.write_text(json.dumps({"x": "questions that arrived", "y": "percent (cost: of asking the teacher always)",
                                  "lines": lines}))
    done = programs.call(programs.options.programs / "bench_learn", "--curves", curves)
    done.check_returncode()
    out.write_text(done.stdout)


def judge(exam, schools):
    unsure, by_chance = schools
    teacher, first, last = exam.by_age(exam.teacher_says), unsure.marks[0], unsure.marks[-1]
    figures = {"teacher": teacher, "first": first, "last": last, "random_last": by_chance.marks[-1],
               "rounds": [mark["asked"] for mark in unsure.marks], "lessons": unsure.asked,
               "refused": {school.name: school.refused for school in schools}}
    bars = [bar("asked at the end, %", last["asked"], 15, "less")]
    for age in ("old", "new"):
        bars.append(bar(f"together on {age} intents, % of the teacher's accuracy",
                        round(100 * last["together"][age] / teacher[age], 2), 97, "more"))
    bars.append(bar("points that the student alone forgot on old intents",
                    round(first["alone"]["old"] - last["alone"]["old"], 2), 1, "less"))
    bars.append(bar("points that the student alone is better than with random questions",
                    round(last["alone_all"] - by_chance.marks[-1]["alone_all"], 2), 0, "more"))
    return figures, bars


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--arrivals", type=int, default=7000)
    parser.add_argument("--every", type=int, default=1000)
    parser.add_argument("--budget", type=float, default=0.4)
    parser.add_argument("--check", type=float, default=0.04)
    parser.add_argument("--epochs", type=int, default=6)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        out = (options.out or pathlib.Path(temporary)).resolve()
        out.mkdir(parents=True, exist_ok=True)
        programs = Programs(options, out)
        parts, new = split(read(options.data / "train.csv"), SEED, options.arrivals)
        exam, schools = play(options, programs, parts, new, read(options.data / "test.csv"))
        draw(programs, schools[0], options.every, out / "learn.svg")
        return report("learn", *judge(exam, schools))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, subprocess.CalledProcessError) as problem:
        print(f"bench_learn: {problem}", file=sys.stderr)
        sys.exit(2)
