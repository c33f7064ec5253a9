"""What a run begins with: some intents of banking77, and of each a few texts and many, some of them held out."""

import random

FEW = 10        # real texts of each intent, for whoever has few
MANY = 50       # and many, the few among them
HELD_OUT = 0.2  # of either, to choose weights by


def draw(pairs, test, intents, seed):
    """Pairs of text and label by what they are for: "few", "few held", "many", "many held", "test"."""
    rng = random.Random(seed)
    chosen = sorted(rng.sample(sorted({label for _, label in pairs}), intents))
    parts = {"few": [], "few held": [], "many": [], "many held": []}
    for label in chosen:
        own = sorted(pair for pair in pairs if pair[1] == label)
        rng.shuffle(own)
        for name, count in (("few", FEW), ("many", MANY)):
            held = round(count * HELD_OUT)
            parts[f"{name} held"] += own[:held]
            parts[name] += own[held:count]
    parts["test"] = [pair for pair in test if pair[1] in chosen]
    return parts
