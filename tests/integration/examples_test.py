"""The example graphs with the real weights: the right document is cited, the answer holds the known fact."""

import hashlib
import json
import os
import pathlib
import subprocess
import sys
import unittest

import harness

GRAPHS = harness.HERE.parent.parent / "deploy/graphs"
MODELS = pathlib.Path(os.environ.get("TROUPE_CACHE", pathlib.Path.home() / ".cache/troupe")) / "models"
# a model that shares two cores with others takes its time
LIMIT_S = 240.0

QUESTIONS = [
    ("when does the last ferry leave", "ferry.md", "15:45"),
    ("how high is the lighthouse", "lighthouse.md", "31 metres"),
    ("how much does entry to the keeper's house cost", "lighthouse.md", "4 euros"),
]


class Writer(unittest.TestCase):
    def test_its_adapter_was_made_of_what_stands_beside_it(self):
        folder = GRAPHS / "help-desk/writer"
        card = json.loads((folder / "adapter/card.json").read_text())
        prompts = subprocess.run([sys.executable, "-B", folder / "prompts.py"], stdout=subprocess.PIPE, check=True).stdout
        advice = "make the adapter anew, as writer/recipe.yaml says"
        self.assertEqual(card["data"][0]["sha256"], hashlib.sha256(prompts).hexdigest(), advice)
        self.assertEqual(card["recipe"], (folder / "recipe.yaml").read_text(), advice)
        weights = (folder / "adapter/adapter_model.safetensors").read_bytes()
        self.assertEqual(card["sha256"], hashlib.sha256(weights).hexdigest())


@unittest.skipUnless((MODELS / "all-minilm-l6-v2").exists(), f"no models in {MODELS}: run deploy/install")
class Examples(harness.Case):
    def test_ask_docs_cites_the_document_and_answers_from_it(self):
        with self.up(GRAPHS / "ask-docs/ask-docs.yaml"):
            for question, document, fact in QUESTIONS:
                with self.subTest(question):
                    task = self.json("run", "ask-docs", "--field", f"question={question}", limit_s=LIMIT_S)
                    output = task["task"]["output"]
                    self.assertEqual(output["sources"][0], document, output)
                    self.assertIn(fact, output["answer"], output)

    def test_the_cases_of_the_examples_pass(self):
        for name in ("ask-docs", "help-desk", "summarise"):
            with self.subTest(name):
                done = self.troupe("test", GRAPHS / name / f"{name}.yaml", "--output", "json", limit_s=LIMIT_S)
                result = json.loads(done.stdout)
                self.assertEqual(result["failed"], 0, done.stdout)
                self.assertGreater(result["passed"], 2)

    def test_a_writer_without_a_policy_asks_and_says_what_it_heard(self):
        with self.up(GRAPHS / "help-desk/help-desk.yaml", "--relax-pins"):
            task = self.json("run", "help-desk", "--field", "message=Do you ship to Portugal?", limit_s=LIMIT_S)
            part = task["task"]["output"]["parts"][0]
            self.assertEqual(part["source"], "shipping.md", part)
            self.assertIn("Europe", part["answer"])
            asked = [step["path"] for step in task["steps"] if ".ask[" in step["path"]]
            self.assertEqual(asked, ["handle[0].answer[0].draft.ask[1]"])

    def test_money_goes_back_only_where_a_person_agrees(self):
        with self.up(GRAPHS / "help-desk/help-desk.yaml", "--relax-pins"):
            for verdict, expected in (("--approve", "pay the second amount back"), ("--reject", "A colleague will look")):
                with self.subTest(verdict):
                    task_id = self.json("submit", "help-desk", "--field",
                                        "message=I was charged twice for order 3312.")["task_id"]
                    harness.eventually(lambda: self.json("list", "--waiting")["tasks"], "it asks", LIMIT_S)
                    self.troupe("decide", task_id, verdict, "--by", "ann")
                    harness.eventually(lambda: self.task(task_id)["task"]["state"] == "done", "it goes on", LIMIT_S)
                    answer = self.task(task_id)["task"]["output"]["parts"][0]["answer"]
                    self.assertIn(expected, answer)


if __name__ == "__main__":
    unittest.main()
