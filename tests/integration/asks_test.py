"""Agents that ask their peers, and texts taken apart, through a real router and real agents."""

import os
import signal
import unittest

import harness

COMPANY = harness.HERE / "graphs/company.yaml"


class Asks(harness.Case):
    def run_company(self, message):
        return self.json("run", "company", message)

    def test_answers_come_through_peers_of_peers(self):
        with self.up(COMPANY):
            task = self.run_company("the price; hello; price twice")
            self.assertEqual(task["task"]["output"]["said"], ["It costs 12 euros.", "hello", "12 euros no more"])
            paths = [step["path"] for step in task["steps"]]
            for path in ("say[0].one.ask[1]", "say[0].one.ask[1].ask[1]", "say[2].one.ask[1].ask[1]"):
                self.assertIn(path, paths)
            self.assertNotIn("say[2].one.ask[2]", paths, "a refusal is no step")
            page = self.troupe("get", task["task"]["task_id"]).stdout
            self.assertIn("ask[1]", page)
            self.assertIn("expert-0", page)

    def test_windows_and_plans_cover_the_message(self):
        with self.up(COMPANY):
            message = "hello there; what is the price of it"
            output = self.run_company(message)["task"]["output"]
            joined = ""
            for window in output["windows"]:
                self.assertEqual(window["text"], message[window["start"]:window["end"]])
                joined += window["text"][len(joined) - window["start"]:]
            self.assertEqual(joined, message)
            self.assertEqual([part["skill"] for part in output["plan"]], ["other", "prices", "other"])
            self.assertIn("price", output["plan"][1]["text"])

    def test_cancelling_reaches_the_peer(self):
        with self.up(COMPANY):
            task_id = self.troupe("submit", "company", "slow").stdout.strip()
            asked = lambda: any(step["path"] == "say[0].one.ask[1]" for step in self.task(task_id).get("steps", []))
            harness.eventually(asked, "the expert is asked")
            self.troupe("cancel", task_id)
            harness.eventually(lambda: self.task(task_id)["task"]["state"] == "cancelled", "the task is cancelled")
            # the expert's place is free again long before its 30 s are over
            self.assertEqual(self.run_company("price")["task"]["output"]["said"], ["It costs 12 euros."])

    def answers(self):
        try:
            self.troupe("list")
        except AssertionError:
            return False
        return True

    def test_a_question_in_flight_survives_the_death_of_the_router(self):
        graph = self.folder / "company.yaml"
        graph.write_text(COMPANY.read_text().replace("delayMs: 30000, say: late", "delayMs: 1500, say: late"))
        with self.up(graph):
            task_id = self.troupe("submit", "company", "slow").stdout.strip()
            asked = lambda: any(step["path"] == "say[0].one.ask[1]" for step in self.task(task_id).get("steps", []))
            harness.eventually(asked, "the expert is asked")
            before = self.processes()["router"]
            os.kill(before, signal.SIGKILL)
            harness.eventually(lambda: self.processes()["router"] not in (0, before), "the router is back")
            harness.eventually(self.answers, "the router answers")
            self.assertIn("never", self.troupe("watch", task_id).stdout)
            task = self.task(task_id)
            self.assertEqual(task["task"]["output"]["said"], ["never"])
            one = [step for step in task["steps"] if step["path"] == "say[0].one.ask[1]"]
            self.assertEqual(len(one[0]["attempts"]), 1)


if __name__ == "__main__":
    unittest.main()
