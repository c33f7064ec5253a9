"""`troupe replay` from a router and from the folder of a stopped one, `--from` as a new task, and `troupe explain`."""

import json
import unittest
import uuid

import harness

SHOP = harness.HERE / "graphs/shop.yaml"


class Replay(harness.Case):
    def records(self, *arguments):
        return [json.loads(line) for line in self.troupe("replay", *arguments, "--output", "json").stdout.splitlines()]

    def test_tells_a_task_record_by_record(self):
        data = self.folder / "data"
        with self.up(SHOP, "--data", data):
            task_id = self.json("run", "shop", "please stream")["task"]["task_id"]
            page = self.troupe("replay", task_id).stdout
            for piece in ("the task was taken in by shop", "start read at reader", "read came back from reader-0",
                          "changed read: state running -> done", "finish the task", "task: state running -> done"):
                self.assertIn(piece, page)
            live = self.records(task_id)
            self.assertEqual([record["sequence"] for record in live], list(range(1, len(live) + 1)))
            self.assertIn({"path": "read", "field": "state", "before": None, "after": "running"}, live[0]["changed"])
            state = self.json("replay", task_id, "--at", 2)["state"]
            self.assertEqual({step["path"]: step["state"] for step in state["steps"]}, {"read": "done", "write": "running"})
            self.assertIn("write running", self.troupe("replay", task_id, "--at", 2).stdout)
            self.troupe("replay", task_id, "--at", 99, code=4)
            self.troupe("replay", str(uuid.uuid4()), code=4)
            # the journal has one owner
            self.assertIn("in use by another router", self.troupe("replay", task_id, "--data", data, code=2).stderr)
        self.assertEqual(self.records(task_id, "--data", data), live)
        self.troupe("replay", str(uuid.uuid4()), "--data", data, code=4)
        self.troupe("replay", task_id, "--data", self.folder / "nowhere", code=4)

    def test_runs_a_task_again_from_a_step(self):
        with self.up(SHOP):
            task_id = self.json("run", "shop", "please stream")["task"]["task_id"]
            again = self.troupe("replay", task_id, "--from", "write", "--request-id", "r1").stdout.strip()
            self.assertEqual(self.troupe("replay", task_id, "--from", "write", "--request-id", "r1").stdout.strip(), again)
            self.assertNotEqual(again, task_id)
            self.assertIn("ten", self.troupe("watch", again).stdout)
            first, second = self.task(task_id), self.task(again)
            self.assertEqual(second["task"]["output"], first["task"]["output"])
            # the first step's work was copied, the second one's done anew
            site = [task["steps"][0]["attempts"][0]["site"] for task in (first, second)]
            self.assertEqual(site[0], site[1])
            done = {replica["replica"]: replica["done"] for replica in self.json("status")["graphs"][0]["replicas"]}
            self.assertEqual(done, {"reader-0": 1, "writer-0": 2})
            self.assertIn("did you mean 'write'?", self.troupe("replay", task_id, "--from", "wirte", code=4).stderr)
            self.troupe("replay", task_id, "--from", "read", "--request-id", "r1", code=2)

    def test_explain_knows_keys_and_kinds(self):
        for key, piece in [("agents.kind", "agents.kind: name of a kind"), ("generate.maxTokens", "left out: 256"),
                           ("spec.steps.each", "steps.each.max"), ("generate", "generate.temperature"),
                           ("scripted.input", "What a step hands it."), ("", "metadata")]:
            self.assertIn(piece, self.troupe("explain", *filter(None, [key])).stdout)
        self.assertIn("did you mean 'generate.maxTokens'?", self.troupe("explain", "generate.maxToken", code=4).stderr)
        self.assertEqual(self.json("explain", "limits.tokens")["default"], "none")


if __name__ == "__main__":
    unittest.main()
