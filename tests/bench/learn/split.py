"""banking77 as a stream: what teacher and student begin with, and what arrives afterwards, in order."""

import csv
import random

TAUGHT = 3000    # questions that the teacher is trained on
NEW = 20         # intents that first arrive halfway, of which the student has never heard
HELD_OUT = 0.1   # of the student's own


def read(path):
    """Pairs of text and label, each text once."""
    with open(path, newline="", encoding="utf-8") as file:
        return list({row["text"]: row["category"] for row in csv.DictReader(file)}.items())


def write(path, pairs):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "category"])
        writer.writerows(pairs)
    return path


def split(pairs, seed, arrivals):
    """By what they are for: "taught" (and of those "held"), "old" (and "old held"), "stream"; and the new intents."""
    rng = random.Random(seed)
    pairs = sorted(pairs)
    rng.shuffle(pairs)
    new = set(rng.sample(sorted({label for _, label in pairs}), NEW))
    taught, rest = pairs[:TAUGHT], pairs[TAUGHT:]
    cut = int(TAUGHT * HELD_OUT)
    parts = {"taught": taught[cut:], "held": taught[:cut]}
    for mine, theirs in (("old", "taught"), ("old held", "held")):
        parts[mine] = [pair for pair in parts[theirs] if pair[1] not in new]
    # the first half has old intents only, the second one all of the new ones' questions and what is left of the others'
    old, late = ([pair for pair in rest if (pair[1] in new) == wanted] for wanted in (False, True))
    half = min(arrivals // 2, len(old))
    second = old[half:] + late
    rng.shuffle(second)
    parts["stream"] = old[:half] + second[:arrivals - half]
    return parts, new
