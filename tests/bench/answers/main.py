"""Sends messages with known facts through help-desk and counts what came back right."""

import argparse
import json
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1] / "integration")]
import harness  # noqa: E402
from report import bar, report  # noqa: E402

GRAPH = HERE.parents[2] / "deploy/graphs/help-desk/help-desk.yaml"


class Desk(harness.Case):
    """A router and the graph's agents, in a folder of their own."""

    def ask(self, message):
        """The finished task. Where a person is asked, the person agrees."""
        task_id = self.json("submit", "help-desk", "--field", f"message={message}")["task_id"]
        while True:
            task = self.task(task_id)
            if task["task"]["state"] != "running":
                return task
            for step in task["steps"]:
                if step.get("approval") and step["approval"].get("verdict", "unspecified") == "unspecified":
                    self.json("decide", task_id, step["path"], "--approve", "--by", "bench")
            time.sleep(0.1)


def check(requests, parts):
    """For each request what of it is right; a request has its own part where there are as many parts as requests."""
    aligned = len(parts) == len(requests)
    found = []
    for number, request in enumerate(requests):
        part = (parts[number] if aligned else None) or {}
        facts = part.get("facts") or {}
        found.append({
            "own_part": bool(part) and part["request"].strip() in request["text"],
            "facts": [facts.get(name) == request.get(name) for name in ("order", "date") if name in request],
            "invented": sum(1 for name in ("order", "date") if name not in request and facts.get(name)),
            "source": part.get("source") == request["source"],
            "answer": request["says"].lower() in (part.get("answer") or "").lower(),
            "part": part,
        })
    return found


def share(values):
    values = list(values)
    return round(sum(values) / len(values), 4) if values else 0.0


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--messages", type=int, default=0)
    options.add_argument("--show", action="store_true")
    options = options.parse_args()
    messages = json.loads((HERE / "messages.json").read_text())
    messages = messages[:options.messages] if options.messages else messages

    found, asked, seconds, decided = [], 0, [], 0
    desk = Desk()
    desk.setUp()
    try:
        with desk.up(GRAPH, "--relax-pins"):
            for number, requests in enumerate(messages):
                start = time.monotonic()
                task = desk.ask(" ".join(request["text"] for request in requests))
                seconds.append(time.monotonic() - start)
                if task["task"]["state"] != "done":
                    sys.exit(f"answers: message {number}: {task['task']}")
                asked += sum(".ask[" in step["path"] for step in task["steps"])
                decided += sum(bool(step.get("approval")) for step in task["steps"])
                results = check(requests, task["task"]["output"]["parts"])
                found += results
                print(f"{number + 1}/{len(messages)}", file=sys.stderr, end="\r", flush=True)
                for request, result in zip(requests, results):
                    if options.show and not (result["own_part"] and all(result["facts"]) and result["source"]
                                             and result["answer"]):
                        print(json.dumps({"request": request, "part": result["part"]}), file=sys.stderr)
    finally:
        desk.doCleanups()

    figures = {
        "messages": len(messages),
        "requests": len(found),
        "own_part": share(result["own_part"] for result in found),
        "facts_exact": share(fact for result in found for fact in result["facts"]),
        "facts_invented": sum(result["invented"] for result in found),
        "right_document": share(result["source"] for result in found),
        "right_answer": share(result["answer"] for result in found),
        "asks": asked,
        "decisions": decided,
        "seconds_a_message": round(sum(seconds) / len(seconds), 2),
    }
    return report("answers", figures, [
        bar("every request in its own part", figures["own_part"], 1.0, "more"),
        bar("order numbers and days exact", figures["facts_exact"], 0.95, "more"),
        bar("right document cited", figures["right_document"], 0.9, "more"),
    ])


if __name__ == "__main__":
    sys.exit(main())
