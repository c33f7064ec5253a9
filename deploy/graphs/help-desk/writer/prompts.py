#!/usr/bin/env python3
"""What help-desk's writer is trained on: prompts as the graph gives them, with answers, as JSON lines.

Customers write as in ../skills.yaml. Policies are made up (policies.py): none is the shop's own, which the writer is to
pass on without having seen them.

  prompts.py > prompts.jsonl
"""

import json
import pathlib
import random
import re

from policies import longer_policy_of, policy_of

SYSTEM = "You answer customers of a web shop. Tell the customer what the policy says, in one sentence."
COUNT = 1600
PLAIN = 0.6  # share of policies with one promise and one condition
ALONE = 0.1  # share of prompts without the customer's words, as the graph gives them where a draft was refused


def customers(skills):
    """(skill, sentence) for each of the sentences."""
    skill = ""
    for line in skills.read_text().splitlines():
        if match := re.fullmatch(r"(\w+):", line):
            skill = match[1]
        elif match := re.fullmatch(r"  - (.*)", line):
            yield skill, match[1]


def main():
    rng = random.Random(11)
    said = list(customers(pathlib.Path(__file__).resolve().parents[1] / "skills.yaml"))
    for _ in range(COUNT):
        skill, sentence = rng.choice(said)
        sentence = sentence.replace("1234", str(rng.randrange(1000, 99999)))
        policy, answer = policy_of(rng, skill)[:2] if rng.random() < PLAIN else longer_policy_of(rng)
        customer = "" if rng.random() < ALONE else f"Customer: {sentence}\n"
        print(json.dumps({"prompt": [{"role": "system", "content": SYSTEM},
                                     {"role": "user", "content": f"{customer}Policy: {policy}"}],
                          "answer": answer}))


if __name__ == "__main__":
    main()
