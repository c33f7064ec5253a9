"""A step that waits for a person: shown, kept over a SIGKILL of the router, decided once."""

import os
import signal
import subprocess
import unittest

import harness

REFUNDS = harness.HERE / "graphs/refunds.yaml"


class Approve(harness.Case):
    def test_a_person_decides_after_the_router_was_killed(self):
        with self.up(REFUNDS):
            run = self.start("run", "refunds", "order 3312")
            harness.eventually(lambda: "sign_off: waits for a person: Refund order 3312?" in run.stderr_text(), "it asks")
            task_id = self.json("list", "--waiting")["tasks"][0]["task_id"]
            self.assertIn(f"troupe decide {task_id} 'sign_off' --approve", run.stderr_text())
            # when the router is killed and comes back
            before = self.processes()["router"]
            os.kill(before, signal.SIGKILL)
            harness.eventually(lambda: self.processes()["router"] not in (0, before), "the router is back")
            page = harness.eventually(lambda: self.page(task_id), "the task is there")
            for piece in ("waits for a person", "asked: Refund order 3312?", f"troupe decide {task_id} 'sign_off'"):
                self.assertIn(piece, page)
            self.assertIn("sign_off waits for a person", self.troupe("list", "--waiting").stdout)
            # then the first decision holds
            self.troupe("decide", task_id, code=2)
            decided = self.troupe("decide", task_id, "--approve", "--by", "ann", "--note", "receipt seen").stdout
            self.assertEqual(decided, "approved by ann: receipt seen\n")
            self.assertEqual(run.wait(harness.LIMIT_S), 0, run.stderr_text())
            self.assertEqual(run.stdout_text().strip(), "refunded by ann")
            self.troupe("decide", task_id, "sign_off", "--approve", "--by", "ann", "--note", "receipt seen")
            late = self.troupe("decide", task_id, "sign_off", "--reject", "--by", "bob", code=2)
            self.assertIn("ann approved it at", late.stderr)
            self.troupe("decide", task_id, "nobody", "--reject", code=4)
            self.assertEqual(self.json("list", "--waiting")["tasks"], [])
            step = self.task(task_id)["steps"][1]
            self.assertEqual(step["approval"]["by"], "ann")
            self.assertEqual(step["output"]["approved"], True)

    def test_the_command_that_is_shown_reaches_a_router_that_lives_for_one_task(self):
        run = self.start("run", "--up", REFUNDS, "order 3312")
        harness.eventually(lambda: "troupe decide" in run.stderr_text(), "it says how to decide")
        line = next(line for line in run.stderr_text().splitlines() if "troupe decide" in line)
        command = line[line.index("troupe decide"):].replace("troupe", str(harness.BIN / "troupe"), 1)
        done = subprocess.run(["bash", "-c", command], env=self.environment, capture_output=True, text=True,
                              timeout=harness.LIMIT_S)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(run.wait(harness.LIMIT_S), 0, run.stderr_text())
        self.assertIn("refunded by", run.stdout_text())

    def page(self, task_id):
        try:
            return self.troupe("get", task_id).stdout
        except AssertionError:  # the router is not back yet
            return ""


if __name__ == "__main__":
    unittest.main()
