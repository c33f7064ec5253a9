#!/usr/bin/env python3
"""Writes pick_vectors.json: hashes and picks that pick.cc and troupe-content.js must give, worked out here a third time."""

import json
import pathlib
import random


def mixed(h):
    h ^= h >> 16
    h = h * 0x85EBCA6B & 0xFFFFFFFF
    h ^= h >> 13
    h = h * 0xC2B2AE35 & 0xFFFFFFFF
    return h ^ h >> 16


def hash_of(key):
    h = 0x811C9DC5
    for byte in key.encode():
        h = (h ^ byte) * 0x01000193 & 0xFFFFFFFF
    return mixed(h)


def negative_log(h):
    ln2 = 0.6931471805599453
    if h == 0:
        return 33 * ln2
    exponent = h.bit_length() - 1
    mantissa = (h + 0.5) / (1 << exponent)
    t = (mantissa - 1) / (mantissa + 1)
    s = t * t
    total = 1.0 / 13
    for odd in (11, 9, 7, 5, 3, 1):
        total = total * s + 1.0 / odd
    return (32 - exponent) * ln2 - 2 * t * total


def scores_of(name, texts, user):
    return [(negative_log(mixed(hash_of(f"{name}/{text}") ^ hash_of(user))) / weight, i)
            for i, (text, weight) in enumerate(texts) if weight > 0]


def pick(name, texts, user):
    return min(scores_of(name, texts, user))[1]


def near_ties(count):
    """Users whose two texts are all but equal: where the three are likeliest to differ."""
    texts = [["a", 1], ["b", 1]]
    found = []
    number = 0
    while len(found) < count:
        user = f"n{number}"
        number += 1
        (one, _), (other, _) = scores_of("tie", texts, user)
        if abs(one - other) < 2e-6:
            found.append({"set": "tie", "texts": texts, "user": user, "pick": pick("tie", texts, user)})
    return found


def main():
    chance = random.Random(20261129)
    keys = ["", "a", "user-1", "Zoë", "李小龍", "👩‍💻", "x" * 300]
    picks = []
    for i in range(400):
        texts = [[f"t{n}", chance.choice([0, 1, 1, 2, 5, 1000])] for n in range(chance.randint(1, 9))]
        texts[chance.randrange(len(texts))][1] = chance.randint(1, 9)
        user = chance.choice(keys) + str(i)
        picks.append({"set": f"set-{i % 7}", "texts": texts, "user": user, "pick": pick(f"set-{i % 7}", texts, user)})
    picks += near_ties(10)
    vectors = {"hashes": [[key, hash_of(key)] for key in keys], "picks": picks}
    path = pathlib.Path(__file__).with_name("pick_vectors.json")
    path.write_text(json.dumps(vectors, ensure_ascii=False, separators=(",", ":")).replace("},{", "},\n{") + "\n")


main()
