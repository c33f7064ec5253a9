"""The same requests with content made ahead, with answers kept, with both and with neither."""

import argparse
import contextlib
import csv
import itertools
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from lines import Lines, Missing  # noqa: E402
from report import bar, report  # noqa: E402

BIRTHDAY = HERE.parent.parent.parent / "deploy/graphs/birthday"
SEED = 20261129
# of all requests
GREETINGS = 0.4
NAMES = ["Anna", "Ben", "Chloé", "David", "Elif", "Farid", "Grace", "Hugo", "Ines", "Jan", "Klára", "Liam", "Mei", "Noah",
         "Olga", "Pablo", "Quinn", "Rosa", "Sven", "Tariq", "Uma", "Victor", "Wanda", "Xavier", "Yusuf", "Zoë"]
READY_S = 120.0


def say(text):
    print(text, file=sys.stderr, flush=True)


class Product:
    """The programs, in a folder of their own."""

    def __init__(self, programs, folder):
        self.programs, self.folder = pathlib.Path(programs), folder
        self.environment = {**os.environ, "XDG_RUNTIME_DIR": str(folder), "XDG_STATE_HOME": str(folder / "state")}
        self.environment.pop("TROUPE_ROUTER", None)

    def troupe(self, *arguments):
        done = subprocess.run([self.programs / "troupe", *map(str, arguments)], env=self.environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise Missing(f"troupe {' '.join(map(str, arguments))}: {done.stderr.strip()}")
        return done.stdout

    def json(self, *arguments):
        return json.loads(self.troupe(*arguments, "--output", "json"))

    @contextlib.contextmanager
    def serving(self, *arguments):
        """A server's port, once it listens; drained at the end."""
        log = self.folder / f"{len(list(self.folder.glob('*.log')))}.log"
        with open(log, "w") as out:
            process = subprocess.Popen([self.programs / "troupe", *map(str, arguments)], env=self.environment,
                                       stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
        end = time.monotonic() + READY_S
        try:
            while not (found := re.search(r"127\.0\.0\.1:(\d+)", log.read_text())):
                if process.poll() is not None or time.monotonic() > end:
                    raise Missing(f"troupe {arguments[0]} did not start:\n{log.read_text()}")
                time.sleep(0.05)
            yield int(found.group(1))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()

    def calls(self):
        """What models were asked so far, by kind of agent."""
        calls = {"generate": 0, "embed": 0}
        for graph in self.json("status")["graphs"]:
            for replica in graph["replicas"]:
                calls[replica["kind"]] += replica["done"]
        return calls


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


def make_ahead(product, public):
    """Has the model write the set of the example, accepts what passes the checks, and publishes it; what that cost."""
    here = product.folder / "birthday"
    shutil.copytree(BIRTHDAY, here)
    with product.serving("up", here / "copywriter.yaml", "--listen", "127.0.0.1:0", "--data", product.folder / "make"):
        made = product.json("content", "make", here / "birthday.yaml", "--retry", 20)
        cost = {"texts": made["made"], "generate_calls": product.calls()["generate"], "device_s": round(made["device_us"] / 1e6, 3)}
    product.troupe("content", "review", here / "birthday.yaml", "--all-passing", "--by", "bench")
    product.troupe("content", "publish", here / "birthday.yaml", "--to", public)
    return cost


def measure(product, client, wanted, callers, ahead, kept, public):
    graphs = [HERE / ("kept.yaml" if kept else "desk.yaml"), *([] if ahead else [HERE / "greet.yaml"])]
    data = product.folder / f"data-{ahead}-{kept}"
    with contextlib.ExitStack() as stack:
        port = stack.enter_context(product.serving("up", *graphs, "--listen", "127.0.0.1:0", "--data", data))
        content_port = stack.enter_context(product.serving("content", "serve", public, "--listen", "127.0.0.1:0")) if ahead else 0
        served = client.ask({"router": f"127.0.0.1:{port}", "content_port": content_port, "callers": callers,
                             "requests": [request(wish, ahead, kept) for wish in wanted]})
        calls = product.calls()
        figures = {"generate_calls": calls["generate"], "embed_calls": calls["embed"],
                   **{key: round(served[key], 3) for key in ("device_s", "p50_ms", "p99_ms", "seconds")}}
        if kept:
            figures["hits"] = product.json("cache", "stats")["tallies"]
        return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", required=True, help="where the programs are")
    parser.add_argument("--questions", required=True, help="a CSV file whose first column is questions")
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--callers", type=int, default=16, help="requests at once")
    options = parser.parse_args()
    with open(options.questions, newline="") as file:
        questions = [row[0] for row in itertools.islice(csv.reader(file), 1, None)]
    wanted = wishes(options.requests, questions)
    greetings = sum("question" not in wish for wish in wanted)
    distinct = len({wish["question"] for wish in wanted if "question" in wish})
    say(f"{greetings} greetings and {len(wanted) - greetings} questions, {distinct} of them distinct")
    # short, because a socket's path may have 107 bytes
    folder = pathlib.Path(tempfile.mkdtemp(prefix="trp", dir="/tmp"))
    try:
        product = Product(options.programs, folder)
        client = Lines([product.programs / "bench_savings"])
        figures = {"requests": len(wanted), "greetings": greetings, "questions": len(wanted) - greetings, "distinct": distinct,
                   "made_ahead": make_ahead(product, folder / "public")}
        say(f"made ahead: {figures['made_ahead']}")
        for name, ahead, kept in (("both", True, True), ("ahead", True, False), ("kept", False, True), ("neither", False, False)):
            figures[name] = measure(product, client, wanted, options.callers, ahead, kept, folder / "public")
            say(f"{name}: {figures[name]}")
        client.stop()
    except Missing as missing:
        say(f"savings: error: {missing}")
        return 2
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    saved = {key: round(1 - figures["both"][key] / figures["neither"][key], 3) for key in ("generate_calls", "device_s")}
    bars = [bar("model calls that both save, of all", saved["generate_calls"], 0.5, "more"),
            bar("device-seconds that both save, of all", saved["device_s"], 0.5, "more")]
    return report("savings", figures, bars)


if __name__ == "__main__":
    sys.exit(main())
