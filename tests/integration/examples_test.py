"""The example graphs with the real weights: the right document is cited, the answer holds the known fact."""

import json
import pathlib
import os
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
        for name in ("ask-docs", "help-desk"):
            with self.subTest(name):
                done = self.troupe("test", GRAPHS / name / f"{name}.yaml", "--output", "json", limit_s=LIMIT_S)
                result = json.loads(done.stdout)
                self.assertEqual(result["failed"], 0, done.stdout)
                self.assertGreater(result["passed"], 2)


if __name__ == "__main__":
    unittest.main()
