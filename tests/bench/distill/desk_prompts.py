"""Prompts for the job of help-desk's writer: a customer's question and what the policy says, to one sentence.

Questions are real (banking77). Policies are put together from conditions, promises (an action, a thing) and times. Two
sets are held out, both with questions of the test split and numbers that no training prompt has: `held_out`, whose words
are known from training, in other combinations, and `strange`, whose conditions, actions and things no training prompt has.

  desk_prompts.py DATA OUT [--train N] [--held-out N]
"""

import argparse
import csv
import json
import pathlib
import random

SYSTEM = "You answer customers of a web shop. Tell the customer what the policy says, in one sentence."

# by the words in an intent's name; the last two of each list are strange to training
CONDITIONS = {
    "transfer": ["a transfer is late", "a transfer was declined", "a transfer went to the wrong person",
                 "a transfer has failed", "the receiver has not got the money", "a transfer is pending",
                 "a transfer was sent twice", "a transfer has to be stopped"],
    "top_up": ["a top-up has failed", "a top-up is pending", "a top-up was reverted", "a top-up does not show",
               "a top-up has to be verified", "a top-up was charged", "a top-up is too small"],
    "cash": ["a cash machine gave too little", "a cash machine is out of order", "a withdrawal is not yours",
             "a withdrawal was declined", "a cash fee is wrong", "a withdrawal is pending", "cash was not handed out"],
    "exchange": ["an exchange rate is wrong", "an exchange has failed", "a currency is missing",
                 "an exchange fee is wrong", "an exchange is late", "a rate has changed"],
    "verify": ["we cannot verify you", "a document is missing", "a photo is not clear", "your name has changed",
               "your papers have expired", "a document is not accepted"],
    "card": ["a card is late", "a card is lost", "a card was stolen", "a card does not work", "a card has expired",
             "a card was swallowed", "a card is broken", "a card is blocked"],
    "": ["a payment is not yours", "you were charged twice", "a fee is wrong", "a refund is missing",
         "you forgot your passcode", "a phone is lost", "you close your account", "a payment was declined",
         "a cheque is not booked", "your details have changed"],
}
# What is promised: something is done with a thing. The last of each list are strange to training.
ACTIONS = [
    "send you {}", "refund {}", "cancel {}", "repair {}", "replace {}", "block {}", "unlock {}", "trace {}", "correct {}",
    "check {}", "confirm {} by e-mail", "book {} again", "return {} to your account", "post {} to your address",
    "ask the bank about {}", "ask the shop about {}", "call you about {}", "write to you about {}", "look into {}",
    "text you {}", "print {} for you", "reset {}", "change {} in your profile", "stop {}", "pay out {}", "open {} for you",
    "add {} to your account", "remove {} from your account", "take {} back", "test {}", "review {}", "explain {} to you",
    "release {}", "close {}", "move {} to your card", "prepare {}", "approve {}", "order {} for you", "keep {} for you",
    "reserve {}", "collect {}", "exchange {}", "insure {}", "renew {}", "translate {}", "deliver {} to a neighbour",
    "clean {}", "pack {} again"]
KINDS = ["", "", "", "new", "second", "missing", "damaged", "printed", "spare", "full", "old", "first", "larger", "monthly",
         "signed", "lost", "blue", "heavy", "local", "sealed"]
THINGS = [
    "card", "fee", "refund", "code", "receipt", "voucher", "transfer", "payment", "order", "invoice", "cheque", "account",
    "form", "letter", "passcode", "limit", "photo", "document", "parcel", "charger", "screen", "battery", "cable", "box",
    "lamp", "chair", "table", "shelf", "manual", "label", "price", "discount", "gift", "deposit", "balance", "statement",
    "address", "phone", "key", "lock", "bag", "jacket", "shoe", "ticket", "booking", "contract", "subscription", "report",
    "amount", "rate", "withdrawal", "application", "membership", "warranty", "bicycle", "mattress", "printer", "tent",
    "kettle", "violin", "curtain", "helmet", "blanket", "camera"]
STRANGE = {"actions": 8, "kinds": 5, "things": 10}
UNITS = ["days", "hours", "working days", "minutes", "weeks"]
ENDS = ["free of charge", "on the same day", "by the end of the week"]


def split(words, strange, count):
    return words[-count:] if strange else words[:-count]


def time_of(random_, held_out):
    """A time, and the words of it that an answer must keep. Numbers held out end in 3 or 7, those of training never."""
    if random_.random() < 0.2:
        end = random_.choice(ENDS)
        return end, end.split()[-1]
    number = random_.choice([n for n in range(2, 90) if (n % 10 in (3, 7)) == held_out])
    unit = random_.choice(UNITS)
    return f"within {number} {unit}", f"{number} {unit.split()[-1]}"


def promise_of(random_, strange):
    """A promise, and the words of it that an answer must keep."""
    action, kind, thing = (random_.choice(split(words, strange, STRANGE[name]))
                           for name, words in (("actions", ACTIONS), ("kinds", KINDS), ("things", THINGS)))
    named = " ".join(filter(None, [random_.choice(["the", "your"]), kind, thing]))
    return action.format(named), [action.split()[0], *kind.split(), thing]


def prompt_of(question, intent, random_, held_out, strange):
    group = next(key for key in CONDITIONS if key in intent.lower())
    condition = random_.choice(split(CONDITIONS[group], strange, 2))
    promise, keys = promise_of(random_, strange)
    time, time_keys = time_of(random_, held_out)
    form = random_.randrange(3)
    policy = [f"If {condition}, we {promise} {time}.", f"We {promise} {time} if {condition}.",
              f"When {condition}, we {promise} {time}."][form]
    row = {"prompt": [{"role": "system", "content": SYSTEM},
                      {"role": "user", "content": f"Customer: {question}\nPolicy: {policy}"}]}
    if held_out:
        row |= {"reference": f"We will {promise} {time}.", "keys": keys + time_keys.split()}
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
    random_ = random.Random(7)
    for name, file, count in (("train", "train.csv", options.train), ("strange", "test.csv", options.held_out),
                              ("held_out", "test.csv", options.held_out)):
        with open(options.data / file, newline="") as rows:
            questions = [(row["text"].strip(), row["category"]) for row in csv.DictReader(rows)]
        # a question over many lines, or a long one, is a job of another length
        questions = [(text, intent) for text, intent in questions if "\n" not in text and len(text) < 160]
        random_.shuffle(questions)
        rows = [prompt_of(text, intent, random_, name != "train", name == "strange")
                for text, intent in questions[:count]]
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
