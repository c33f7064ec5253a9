"""Prompts for the job of help-desk's writer: a customer's question and what the policy says, to one sentence.

Questions are real (banking77). Policies are those that help-desk's own writer is trained with. Two sets are held out, both
with questions of the test split and numbers that no training prompt has: `held_out`, whose words are known from training,
in other combinations, and `strange`, whose conditions, actions and things no training prompt has.

  desk_prompts.py DATA OUT [--train N] [--held-out N]
"""

import argparse
import csv
import json
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "deploy/graphs/help-desk/writer"))

from policies import policy_of  # noqa: E402

SYSTEM = "You answer customers of a web shop. Tell the customer what the policy says, in one sentence."


def prompt_of(question, intent, rng, held_out, strange):
    policy, answer, keys = policy_of(rng, intent, held_out, strange)
    row = {"prompt": [{"role": "system", "content": SYSTEM},
                      {"role": "user", "content": f"Customer: {question}\nPolicy: {policy}"}]}
    if held_out:
        row |= {"reference": answer, "keys": keys}
    return row


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def main():
    options = argparse.ArgumentParser()
    options.add_argument("data", type=pathlib.Path)
    options.add_argument("out", type=pathlib.Path)
    options.add_argument("--train", type=int, default=4000)
    options.add_argument("--held-out", type=int, default=300)
    options = options.parse_args()
    rng = random.Random(7)
    for name, file, count in (("train", "train.csv", options.train), ("strange", "test.csv", options.held_out),
                              ("held_out", "test.csv", options.held_out)):
        with open(options.data / file, newline="") as rows:
            questions = [(row["text"].strip(), row["category"]) for row in csv.DictReader(rows)]
        # a question over many lines, or a long one, is a job of another length
        questions = [(text, intent) for text, intent in questions if "\n" not in text and len(text) < 160]
        rng.shuffle(questions)
        rows = [prompt_of(text, intent, rng, name != "train", name == "strange") for text, intent in questions[:count]]
        write(options.out / f"{name}.jsonl", rows)
        if name == "train":
            write(options.out / "judged.jsonl", rows[:202])  # 12 steps of 16, and what is held out
    # what help-desk's graph shows its writer
    write(options.out / "examples.jsonl", [
        {"prompt": "Customer: i lost the gift card from order 20417\n"
                   "Policy: If a gift card is lost, we block it and send a new one within 2 days.",
         "answer": "We will block the lost gift card and send you a new one within 2 days."},
        {"prompt": "Customer: A screw of my desk is missing, can you help?\n"
                   "Policy: If a part is missing, we send it free of charge.",
         "answer": "We will send you the missing screw free of charge."}])


if __name__ == "__main__":
    main()
