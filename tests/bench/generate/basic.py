"""Decode and prompts against the peers."""

import time

from lines import Missing
from race import Race, shown
from report import bar
from targets import digest

KEYS = ("pp_tok_s", "tg_tok_s", "out_tok_s", "ttft_ms")
COMPUTES = ["int4", "int8", "bf16"]
PREFILL = "prompt 512"
# After a visit a peer's OpenMP threads spin for up to 0.2 s, on cores that the next one is to have to itself.
SETTLE_S = 0.5
# sequences: (over whom, how often its speed)
DECODE_BARS = {1: (["llama-q4_1"], 1.0), 4: (["llama-q4_1", "vllm-bf16"], 1.6), 16: (["llama-q4_1", "vllm-bf16"], 1.3)}


def measure(bench):
    options = bench.options
    options.sequences = options.sequences or [1, 4, 16]
    ours = {f"troupe-{compute}": bench.bare(compute) for compute in options.compute or COMPUTES}
    peers, missing = start_peers(bench)
    race = Race()
    for number in range(options.rounds):
        race.begin_round()
        for case, visit, times in cases(bench):
            for _ in range(times):
                run_case(race, case, visit, ours, peers, missing)
            bench.say(f"round {number + 1} of {options.rounds}: {case}")

    targets = [*ours, *peers]
    figures = {"model_sha256": digest(options.model), "rounds": options.rounds, "threads": options.threads,
               "peers": {name: peer.about for name, peer in peers.items()} | missing}
    for case, _, _ in cases(bench):
        figures[str(case)] = {
            target: {key: shown(race.median(target, case, key)) for key in KEYS} for target in targets
        } | {f"{mine}/{peer}": {key: shown(race.ratio(mine, peer, case, key)) for key in KEYS[:3]}
             for mine in ours for peer in peers}
    return figures, bars(race, list(ours), options)


def start_peers(bench):
    peers, missing = {}, {}
    for name in bench.options.peers:
        try:
            peers[name] = bench.peer(name)
        except Missing as failure:
            missing[name] = str(failure)
            bench.say(f"not measured: {name}: {failure}")
    return peers, missing


def cases(bench):
    """(case, how a fresh visit is made, visits in a round)."""
    for sequences in bench.options.sequences:
        yield sequences, lambda sequences=sequences: bench.visit(sequences, 128, 64), 2 if sequences == 1 else 1
    yield PREFILL, lambda: bench.visit(1, 512, 2), 2


def run_case(race, case, visit, ours, peers, missing):
    """Peer, ours, peer, ours: each of ours next to each peer, on the same prompts."""
    for name in list(peers) or [None]:
        same = visit()
        if name is not None:
            try:
                race.add(name, case, peers[name].ask(same))
                time.sleep(SETTLE_S)
            except Missing as failure:
                missing[name] = str(failure)
                del peers[name]
        for mine, target in ours.items():
            race.add(mine, case, target.ask(same))


def bars(race, ours, options):
    """Of the best number format, by case."""
    found = []
    for sequences, (over, limit) in DECODE_BARS.items():
        if sequences not in options.sequences:
            continue
        over = [name for name in over if name in options.peers]
        best = race.best(ours, sequences, "tg_tok_s")
        found.append(bar(f"decode at {sequences} over {' and '.join(over) or 'nobody'}",
                         shown(race.ratio_to_best(best, over, sequences, "tg_tok_s")), limit, "more"))
    best = race.best(ours, PREFILL, "pp_tok_s")
    found.append(bar("prompts of 512 over vllm-bf16", shown(race.ratio(best, "vllm-bf16", PREFILL, "pp_tok_s")), 0.9,
                     "more"))
    return found
