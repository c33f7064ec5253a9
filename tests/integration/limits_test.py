"""What a task may cost and where its work goes: prices, budgets, and a pool that takes what spills."""

import unittest

import harness

PRINTERS = harness.HERE / "graphs/printers.yaml"


class Limits(harness.Case):
    def test_lint_says_what_a_task_may_cost_at_most(self):
        # the dearer pool: 10 tokens of 0.01
        self.assertIn("ok; a task takes at most 1 call, 10 tokens, 20.0 s, 20.0 s of device time, 0.1 of money",
                      self.troupe("lint", PRINTERS).stdout)

    def test_work_that_has_no_room_spills_and_is_charged_by_the_other_pools_price(self):
        with self.up(PRINTERS):
            status = self.troupe("status").stdout
            self.assertRegex(status, r"printer\.far-0 .*ready .*takes what spills")
            # given the only place of the own pool taken
            slow = self.json("submit", "printers", "slow")["task_id"]
            harness.eventually(lambda: self.active("printer-0") == 1, "the slow one is at work")
            # when another task comes
            run = self.start("run", "printers", "quick", "--output", "json")
            self.assertEqual(run.wait(harness.LIMIT_S), 0, run.stderr_text())
            # then it went elsewhere, the record says why, and three tokens there cost 0.01 each
            quick = next(task for task in self.json("list")["tasks"] if task["task_id"] != slow)["task_id"]
            got = self.task(quick)
            site = got["steps"][0]["attempts"][0]["site"]
            self.assertEqual(site["replica"], "printer.far-0")
            self.assertIn("spilled, no room before it", site["reason"])
            self.assertEqual(int(got["task"]["money_micros"]), 30_000)
            self.assertEqual(got["task"]["priority"], 3)
            harness.eventually(lambda: self.task(slow)["task"]["state"] == "done", "the slow one is done")
            self.assertEqual(self.task(slow)["steps"][0]["attempts"][0]["site"]["replica"], "printer-0")

    def test_a_request_may_lower_a_budget_and_raise_its_priority(self):
        with self.up(PRINTERS):
            failed = self.troupe("run", "printers", "quick", "--max-money", "0.05", code=1)
            self.assertIn("may cost 0.1, but of the task's limit of 0.05 only 0.05 are left; raise limits.money",
                          failed.stderr)
            self.assertIn("--max-money must be a decimal number", self.troupe(
                "run", "printers", "quick", "--max-money", "much", code=2).stderr)
            self.troupe("run", "printers", "quick", "--max-tokens", "10", "--max-device-seconds", "20", "--priority", "9")

    def active(self, replica):
        graph = self.json("status")["graphs"][0]
        return next(one for one in graph["replicas"] if one["replica"] == replica)["active"]


if __name__ == "__main__":
    unittest.main()
