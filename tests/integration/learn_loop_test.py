"""Students that are tried out: worse ones are sent back by what they do, and a loop trains, tries out and promotes."""

import os
import pathlib
import signal
import unittest

import harness

BANK = harness.HERE / "graphs/bank.yaml"
BRANCH = harness.HERE / "graphs/branch.yaml"
MODEL = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "troupe/models/all-minilm-l6-v2"
QUESTIONS = ("my card", "my rent")

# Stands in for `troupe-agent learn`: waits until it is told from where on its student is sure, or to refuse.
TRAINER = """#!/usr/bin/env python3
import os, pathlib, sys, time
command, recipe, out = sys.argv[1:4]
told = pathlib.Path({told!r})
while not told.exists():
    time.sleep(0.01)
said = told.read_text()
told.unlink()
if said == "fail":
    sys.exit("the recipe is wrong")
if said == "refuse":
    print("  all pairs fell from 90 % to 80 %", file=sys.stderr)
    sys.exit(4)
part = pathlib.Path(out + ".part")
part.mkdir()
for file in pathlib.Path({model!r}).resolve().iterdir():
    (part / file.name).symlink_to(file)
(part / "teach.yaml").write_text(f"teach: {{{{agent: TEACHER, below: {{said}}}}}}\\n")
part.rename(out)
"""


class Student(harness.Case):
    asked = 0

    def ask(self, graph, count=1, prefix=""):
        for _ in range(count):
            self.asked += 1
            self.troupe("run", graph, prefix + QUESTIONS[self.asked % 2], "-q", "--request-id", f"r{self.asked}")

    def is_ready(self, agent):
        replicas = [replica for graph in self.json("status")["graphs"] for replica in graph.get("replicas", [])]
        return any(replica["agent"] == agent and replica.get("ready") for replica in replicas)


class Canaries(Student):
    def worse(self, name, rules):
        """The bank with another student; that one's agent has a name of its own."""
        text = BANK.read_text()
        old = text[text.index("    small:"):text.index("    big:")]
        new = f"    {name}:\n      kind: scripted\n      script:\n{rules}"
        path = self.folder / f"{name}.yaml"
        path.write_text(text.replace(old, new).replace("agent: small", f"agent: {name}"))
        return path

    def sent_back(self, path, name):
        """How many requests it took until the router had sent it back, and why."""
        self.troupe("apply", path, "--canary", "50%", "--min-tasks", "20", "--min-checks", "8")
        harness.eventually(lambda: self.is_ready(name), "troupe up starts the new student")
        before = self.asked
        while "canary" in self.json("graphs", "bank"):
            self.assertLess(self.asked - before, 400, self.troupe("graphs", "bank").stdout)
            self.ask("bank")
        return self.asked - before, self.json("graphs", "bank")["events"][-1]["rolled_back"]["reason"]

    def test_a_student_made_worse_is_sent_back_by_itself(self):
        wrong = self.worse("wrong", """        rules:
          - {when: {contains: card}, output: {label: rent, score: 0.99}}
        else: {output: {label: card, score: 0.99}}
""")
        unsure = self.worse("unsure", "        else: {output: {label: card, score: 0.2}}\n")
        with self.up(BANK):
            self.ask("bank", 10)
            requests, why = self.sent_back(wrong, "wrong")
            print(f"sure and wrong: sent back after {requests} requests: {why}")
            self.assertIn("teachers differed from its students", why)
            requests, why = self.sent_back(unsure, "unsure")
            print(f"unsure all the time: sent back after {requests} requests: {why}")
            self.assertIn("its students were unsure", why)
            # nobody needs their agents any more, and the old student works on
            harness.eventually(lambda: "bank.unsure-0" not in self.processes(), "troupe up stops the student that is gone")
            self.assertEqual(self.troupe("run", "bank", "my card", "-q").stdout, "card\n")

    def test_a_spot_check_is_told_apart_from_a_doubt(self):
        checked = self.folder / "all.yaml"
        checked.write_text(BANK.read_text().replace("check: 20%", "check: 100%"))
        with self.up(checked):
            sure = self.json("run", "bank", "my card")["steps"][0]["doubt"]
            unsure = self.json("run", "bank", "something odd")["steps"][0]["doubt"]
        self.assertEqual((sure["spot_check"], sure["confidence"]), (True, 0.9))
        self.assertEqual((unsure.get("spot_check", False), unsure["confidence"]), (False, 0.1))


@unittest.skipUnless(MODEL.exists(), "the model is not here: deploy/install fetches it")
class Loop(Student):
    def setUp(self):
        super().setUp()
        self.data, self.students, self.told = self.folder / "data", self.folder / "students", self.folder / "told"
        self.trainer = self.folder / "trainer"
        self.trainer.write_text(TRAINER.format(told=str(self.told), model=str(MODEL)))
        self.trainer.chmod(0o755)
        (self.folder / "learn.yaml").write_text("spec: {student: anybody, lessons: [pairs.jsonl]}\n")
        self.file = self.folder / "loop.yaml"
        self.file.write_text("""apiVersion: troupe.dev/v1
kind: LearnLoop
metadata: {name: branch}
spec:
  graph: branch
  step: route
  recipe: learn.yaml
  folder: students
  every: 6
  canary: {percent: 50, minTasks: 8, minChecks: 3}
  promoteAfter: 12
""")

    def loop(self):
        return self.start("learn", "loop", self.file, "--data", self.data, "--trainer", self.trainer)

    def outcome(self, number):
        lines = self.troupe("learn", "status", self.students).stdout.splitlines()
        return next((line for line in lines if line.startswith(f"{number} ")), "")

    def ask_until(self, number, outcome):
        def happened():
            if outcome in self.outcome(number):
                return True
            self.ask("branch")
            return False

        before = self.asked
        harness.eventually(happened, f"round {number} is {outcome}")
        return self.asked - before

    def test_a_better_student_is_promoted_and_a_worse_one_sent_back(self):
        with self.up(BRANCH, "--data", self.data):
            loop = self.loop()
            # given lessons enough, and a loop that is killed while it learns
            harness.eventually(self.students.exists, "the loop has begun")
            self.ask_until(1, "learning")
            loop.kill()
            loop.wait()
            self.assertIn("no loop runs", self.troupe("learn", "status", self.students).stdout)
            # when training fails, what the recipe says by the next start counts
            self.told.write_text("fail")
            loop = self.loop()
            self.assertNotEqual(loop.wait(harness.LIMIT_S), 0)
            recipe = self.folder / "learn.yaml"
            recipe.write_text(recipe.read_text() + "# mended\n")
            # when it is started again and the student is sure of what it knows
            self.told.write_text("0.05")
            loop = self.loop()
            print(f"a better student: promoted after {self.ask_until(1, 'promoted')} requests")
            self.assertIn("# mended", (self.students / "001/recipe.yaml").read_text())
            # then new tasks run with it, and its teacher is asked for spot checks alone
            graph = self.json("graphs", "branch")
            self.assertNotIn("canary", graph)
            task = self.json("run", "branch", "my card")
            self.assertEqual(task["steps"][0]["attempts"][0]["agent"], "small-r1")
            # when what is learnt next is refused, more lessons are waited for
            self.told.write_text("refuse")
            self.ask_until(2, "refused: all pairs fell")
            # and one that is never sure is sent back by the router
            self.told.write_text("0.999")
            print(f"a worse student: sent back after {self.ask_until(3, 'rolled back')} requests")
            self.assertIn("unsure of", self.outcome(3))
            self.assertIn("another loop runs", self.troupe("learn", "loop", self.file, "--data", self.data, code=2).stderr)
            self.troupe("learn", "stop", self.students)
            self.assertEqual(loop.wait(harness.LIMIT_S), 0)
            self.troupe("rollback", "branch", "--reason", "people liked the old one")
            self.assertEqual(self.json("run", "branch", "my card")["steps"][0]["attempts"][0]["agent"], "small")


if __name__ == "__main__":
    unittest.main()
