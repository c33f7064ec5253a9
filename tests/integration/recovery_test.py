"""Processes that die: `up` starts them again, tasks go on, watchers see no gap and no repeat."""

import json
import os
import signal
import unittest

import harness

SHOP = harness.HERE / "graphs/shop.yaml"
SENTENCE = "one two three four five six seven eight nine ten"


class Recovery(harness.Case):
    def kill(self, name):
        before = self.processes()[name]
        os.kill(before, signal.SIGKILL)
        return harness.eventually(lambda: self.processes()[name] not in (0, before) and self.processes()[name],
                                  f"{name} is started again")

    def slow_graph(self):
        """The shop with a writer that takes two seconds to say its ten words."""
        graph = self.folder / "shop.yaml"
        graph.write_text(SHOP.read_text().replace("delayMs: 20}", "delayMs: 200}"))
        return graph

    def check_whole(self, lines):
        records = [json.loads(line) for line in lines]
        self.assertEqual([record["sequence"] for record in records], list(range(1, len(records) + 1)))
        done = [record["event"]["step_done"]["path"] for record in records if "step_done" in record["event"]]
        self.assertEqual(sorted(done), ["read", "write"])
        text = {}
        for record in records:
            if "step_progress" in record["event"]:
                progress = record["event"]["step_progress"]
                text[progress["attempt"]] = text.get(progress["attempt"], "") + progress["text"]
        for attempt, streamed in text.items():
            self.assertTrue(SENTENCE.startswith(streamed), f"attempt {attempt} streamed {streamed!r}")

    def test_an_agent_that_is_killed_comes_back_and_its_task_ends_well(self):
        with self.up(self.slow_graph()):
            watch = self.start("run", "shop", "please stream")
            harness.eventually(lambda: "write: to writer" in watch.stderr_text(), "the writer is at work")
            self.kill("shop.writer-0")
            code = watch.wait(harness.LIMIT_S)
            self.assertIn(code, (0, 1), watch.stderr_text())
            # what was under way may fail (the graph gives the writer no retry); what comes after must work
            harness.eventually(lambda: self.troupe("status").stdout.count("  ready") == 2, "both agents are ready")
            self.assertEqual(self.troupe("run", "shop", "hello", "-q").stdout, "hello\n")

    def test_a_router_that_is_killed_goes_on_with_its_tasks(self):
        with self.up(self.slow_graph()):
            watch = self.start("run", "shop", "please stream", "--request-id", "r1")
            harness.eventually(lambda: "write: to writer" in watch.stderr_text(), "the writer is at work")
            task_id = self.json("list")["tasks"][0]["task_id"]
            records = self.start("watch", task_id, "--output", "json")
            harness.eventually(records.stdout_text, "the watch has begun")
            self.kill("router")
            self.assertEqual(watch.wait(harness.LIMIT_S), 0, watch.stderr_text())
            self.assertEqual(records.wait(harness.LIMIT_S), 0, records.stderr_text())
            self.assertEqual(watch.stdout_text().strip(), SENTENCE)
            self.check_whole(records.stdout_text().splitlines())
            # and a watcher that comes afterwards sees the same
            self.assertEqual(self.troupe("watch", task_id, "--output", "json").stdout, records.stdout_text())

    def test_tasks_survive_a_stop_and_a_new_start(self):
        with self.up(self.slow_graph()):
            task_id = self.troupe("submit", "shop", "please stream").stdout.strip()
            harness.eventually(lambda: len(self.task(task_id)["steps"]) == 2, "the second step has begun")
        with self.up(self.slow_graph()):
            self.assertIn(SENTENCE, self.troupe("watch", task_id).stdout)

    def test_an_agent_that_refuses_to_start_ends_up_with_its_last_words(self):
        graph = self.folder / "shop.yaml"
        # regular expressions are compiled by the agent, which says what is wrong with this one
        graph.write_text(SHOP.read_text().replace('{contains: "stream"}', '{regex: "("}'))
        done = self.troupe("up", graph, code=7)
        self.assertIn("shop.writer-0 does not start", done.stderr)
        self.assertIn("regex", done.stderr)

    def test_a_killed_up_takes_its_children_along(self):
        process = self.start("up", SHOP)
        harness.eventually(lambda: "listening on" in process.stdout_text(), "troupe up is ready")
        pids = list(self.processes().values())
        process.kill()
        process.wait()
        harness.eventually(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pids), "router and agents are gone")


if __name__ == "__main__":
    unittest.main()
