"""The same requests with content made ahead, with answers kept, with both and with neither."""

import argparse
import contextlib
import csv
import itertools
import pathlib
import random
import re
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1] / "integration")]

import harness  # noqa: E402
from lines import Lines, Missing  # noqa: E402
from report import bar, report  # noqa: E402

BIRTHDAY = HERE.parents[2] / "deploy/graphs/birthday"
SEED = 20261129
# of all requests
GREETINGS = 0.4
NAMES = ["Anna", "Ben", "Chloé", "David", "Elif", "Farid", "Grace", "Hugo", "Ines", "Jan", "Klára", "Liam", "Mei", "Noah",
         "Olga", "Pablo", "Quinn", "Rosa", "Sven", "Tariq", "Uma", "Victor", "Wanda", "Xavier", "Yusuf", "Zoë"]
MAKE_S = 600.0


def say(text):
    print(text, file=sys.stderr, flush=True)


class Shop(harness.Case):
    """Routers, agents and a content server, in a folder of their own."""

    def port_of(self, server):
        """Where the server listens, once it does."""
        return int(harness.eventually(lambda: re.search(r"127\.0\.0\.1:(\d+)", server.stdout_text()), "it listens")[1])

    @contextlib.contextmanager
    def content_server(self, public):
        server = self.start("content", "serve", public, "--listen", "127.0.0.1:0")
        yield self.port_of(server)
        server.terminate()
        server.wait()

    def calls(self):
        """What models were asked so far, by kind of agent."""
        calls = {"generate": 0, "embed": 0}
        for graph in self.json("status")["graphs"]:
            for replica in graph["replicas"]:
                calls[replica["kind"]] += replica["done"]
        return calls


    def by_meaning(self, intents):
        """Answers given by meaning, and those of them that were made for a question of another intent."""
        made, given = {}, []
        for task in self.json("list", "--graph", "kept", "--limit", 100_000)["tasks"]:
            record = self.json("get", task["task_id"])
            intent = intents[record["task"]["input"]["question"]]
            reason = record["steps"][0]["attempts"][-1]["site"]["reason"]
            if "means the same" in reason:
                given.append((record["task"]["output"], intent))
            else:
                made.setdefault(record["task"]["output"], set()).add(intent)
        return len(given), sum(intent not in made.get(text, ()) for text, intent in given)


def wishes(count, questions):
    """What users want, in the order in which they want it: greetings for everybody, questions by Zipf's law."""
    chance = random.Random(SEED)
    chance.shuffle(questions)
    weights = list(itertools.accumulate(1 / (rank + 1) for rank in range(len(questions))))
    wanted = []
    for number in range(count):
        if chance.random() < GREETINGS:
            wanted.append({"user": f"user-{number}", "first_name": chance.choice(NAMES), "amount": f"{chance.randrange(5, 50)}.00",
                           "segment": chance.choice(["new", "loyal"]), "tone": chance.choice(["warm", "playful"])})
        else:
            wanted.append({"question": chance.choices(questions, cum_weights=weights)[0]})
    return wanted


def request(wish, ahead, kept):
    if "question" in wish:
        return {"graph": "kept" if kept else "desk", "input": wish}
    if ahead:
        return {"fill": {"set": "birthday", "audience": f"{wish['segment']}.{wish['tone']}", "user": wish["user"],
                         "slots": {"first_name": wish["first_name"], "amount": wish["amount"]}}}
    return {"graph": "greet", "input": {key: wish[key] for key in ("segment", "tone", "first_name", "amount")}}


def make_ahead(shop, public):
    """Has the model write the set of the example, accepts what passes the checks, and publishes it; what that cost."""
    here = shop.folder / "birthday"
    shutil.copytree(BIRTHDAY, here)
    with shop.up(here / "copywriter.yaml", "--data", shop.folder / "make"):
        made = shop.json("content", "make", here / "birthday.yaml", "--retry", 20, limit_s=MAKE_S)
        cost = {"texts": made["made"], "generate_calls": shop.calls()["generate"], "device_s": round(made["device_us"] / 1e6, 3)}
    shop.troupe("content", "review", here / "birthday.yaml", "--all-passing", "--by", "bench")
    shop.troupe("content", "publish", here / "birthday.yaml", "--to", public)
    return cost


def measure(shop, client, wanted, callers, ahead, kept, public, intents):
    graphs = [HERE / ("kept.yaml" if kept else "desk.yaml"), *([] if ahead else [HERE / "greet.yaml"])]
    data = shop.folder / f"data-{ahead}-{kept}"
    with shop.up(*graphs, "--listen", "127.0.0.1:0", "--data", data) as router, contextlib.ExitStack() as stack:
        content_port = stack.enter_context(shop.content_server(public)) if ahead else 0
        served = client.ask({"router": f"127.0.0.1:{shop.port_of(router)}", "content_port": content_port, "callers": callers,
                             "requests": [request(wish, ahead, kept) for wish in wanted]})
        calls = shop.calls()
        figures = {"generate_calls": calls["generate"], "embed_calls": calls["embed"],
                   **{key: round(served[key], 3) for key in ("device_s", "p50_ms", "p99_ms", "seconds")}}
        if kept:
            figures["hits"] = shop.json("cache", "stats")["tallies"]
            figures["by_meaning"], figures["by_meaning_wrong"] = shop.by_meaning(intents)
        return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", required=True, help="where the programs are")
    parser.add_argument("--questions", required=True, help="a CSV file of questions and their intents")
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--callers", type=int, default=16, help="requests at once")
    options = parser.parse_args()
    with open(options.questions, newline="") as file:
        intents = {row[0]: row[1] for row in itertools.islice(csv.reader(file), 1, None)}
    wanted = wishes(options.requests, list(intents))
    greetings = sum("question" not in wish for wish in wanted)
    distinct = len({wish["question"] for wish in wanted if "question" in wish})
    say(f"{greetings} greetings and {len(wanted) - greetings} questions, {distinct} of them distinct")
    shop = Shop()
    shop.setUp()
    client = Lines([pathlib.Path(options.programs) / "bench_savings"])
    try:
        public = shop.folder / "public"
        figures = {"requests": len(wanted), "greetings": greetings, "questions": len(wanted) - greetings, "distinct": distinct,
                   "made_ahead": make_ahead(shop, public)}
        say(f"made ahead: {figures['made_ahead']}")
        for name, ahead, kept in (("both", True, True), ("ahead", True, False), ("kept", False, True), ("neither", False, False)):
            figures[name] = measure(shop, client, wanted, options.callers, ahead, kept, public, intents)
            say(f"{name}: {figures[name]}")
    except Missing as missing:
        say(f"savings: error: {missing}")
        return 2
    finally:
        client.stop()
        shop.doCleanups()
    saved = {key: round(1 - figures["both"][key] / figures["neither"][key], 3) for key in ("generate_calls", "device_s")}
    bars = [bar("model calls that both save, of all", saved["generate_calls"], 0.5, "more"),
            bar("device-seconds that both save, of all", saved["device_s"], 0.5, "more")]
    return report("savings", figures, bars)


if __name__ == "__main__":
    sys.exit(main())
