"""Policies of a shop that does not exist: a condition, a promise and a time, put together from lists.

The last words of each list are strange: they are in no policy to train on, so what is right on them was not learnt by
heart.
"""

# by a word in the name of what the customer writes about; "" for anything else
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
    "delivery": ["a delivery is late", "a box is damaged", "nobody was at home", "the label cannot be read",
                 "a driver cannot find you", "a box was left outside", "a delivery went to a neighbour"],
    "faulty": ["a product does not switch on", "a part is missing", "a colour is wrong", "a screen is cracked",
               "a motor is loud", "a handle came off", "a product smells"],
    "returns": ["a shoe does not fit", "you have changed your mind", "a present is not liked", "a size is wrong",
                "you have ordered twice", "a return is lost", "a return is late"],
    "": ["a payment is not yours", "a fee is wrong", "a refund is missing", "you forgot your passcode",
         "a phone is lost", "you close your account", "a payment was declined", "a price has fallen",
         "a cheque is not booked", "your details have changed"],
}
# something is done with a thing
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
STRANGE = {"conditions": 2, "actions": 8, "kinds": 5, "things": 10}
UNITS = ["days", "hours", "working days", "minutes", "weeks"]
ENDS = ["free of charge", "on the same day", "by the end of the week"]
LIMITS = ["as long as it has not been used", "as long as you have the receipt", "as long as nobody has signed for it"]


def pick(rng, name, words, strange):
    count = STRANGE[name]
    return rng.choice(words[-count:] if strange else words[:-count])


def time_of(rng, held_out):
    """A time, and the words of it that an answer must keep. Numbers held out end in 3 or 7, those to train on never."""
    if rng.random() < 0.2:
        end = rng.choice(ENDS)
        return end, [end.split()[-1]]
    number = rng.choice([n for n in range(2, 90) if (n % 10 in (3, 7)) == held_out])
    unit = rng.choice(UNITS)
    return f"within {number} {unit}", [str(number), unit.split()[-1]]


def promise_of(rng, strange):
    """What is promised, and the words of it that an answer must keep."""
    action, kind, thing = (pick(rng, name, words, strange)
                           for name, words in (("actions", ACTIONS), ("kinds", KINDS), ("things", THINGS)))
    named = " ".join(filter(None, [rng.choice(["the", "your"]), kind, thing]))
    return action.format(named), [action.split()[0], *kind.split(), thing]


def policy_of(rng, about, held_out=False, strange=False):
    """A policy about that, the answer it gives, and the words that one must keep."""
    group = next(key for key in CONDITIONS if key in about.lower())
    condition = pick(rng, "conditions", CONDITIONS[group], strange)
    promise, keys = promise_of(rng, strange)
    time, time_keys = time_of(rng, held_out)
    policy = rng.choice([f"If {condition}, we {promise} {time}.", f"We {promise} {time} if {condition}.",
                         f"When {condition}, we {promise} {time}."])
    return policy, f"We will {promise} {time}.", keys + time_keys


def longer_policy_of(rng):
    """A policy of another form, and the answer it gives: two promises, a limit, or a fact that promises nothing."""
    promise, _ = promise_of(rng, False)
    second, _ = promise_of(rng, False)
    time, _ = time_of(rng, False)
    condition = pick(rng, "conditions", rng.choice(list(CONDITIONS.values())), False)
    limit = rng.choice(LIMITS)
    number = rng.randrange(2, 90)
    things = [f"{pick(rng, 'things', THINGS, False)}s" for _ in range(2)]
    fact = rng.choice([
        f"We sell {things[0]} of {number}, {number + 10} and {number + 30} euros, and {things[1]} too.",
        f"Our {things[0]} are kept for {number} {rng.choice(UNITS)}.",
        f"You can order {things[0]} and {things[1]} for {number} euros.",
        f"Our {rng.choice(['office', 'shop', 'workshop'])} is open from {number % 5 + 6} am to {number % 4 + 4} pm."])
    return rng.choice([
        (f"If {condition}, we {promise} and {second} {time}.", f"We will {promise} and {second} {time}."),
        (f"We {promise} {limit}.", f"We will {promise} {limit}."),
        (f"We {promise} {limit}, and {second} {time}.", f"We will {promise} {limit}, and {second} {time}."),
        (f"We {promise} {time}.", f"We will {promise} {time}."),
        (fact, fact)])
