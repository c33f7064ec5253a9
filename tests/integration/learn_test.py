"""A student answers where it is sure, its teacher where it is not; what the teacher said can be trained on."""

import json
import unittest

import harness

SCHOOL = harness.HERE / "graphs/school.yaml"


class Learn(harness.Case):
    def test_what_a_student_was_unsure_of_is_exported_with_its_teachers_answer(self):
        data = self.folder / "data"
        self.assertIn("pairs of answers are kept to learn from", self.troupe("lint", SCHOOL).stdout)
        with self.up(SCHOOL, "--data", data, "--retain-lessons", "30d"):
            tasks = [self.json("run", "school", question) for question in ("my card", "my rent", "my dog")]
        self.assertEqual([task["task"]["output"] for task in tasks], ["card", "rent", "other"])
        doubt = tasks[1]["steps"][0]["doubt"]
        self.assertEqual((doubt["teacher"], doubt["confidence"], doubt["output"]["label"]), ("big", 0.4, "other"))
        lines = self.troupe("learn", "export", "school", "--step", "route", "--data", data).stdout.splitlines()
        # the sure answer and the one whose teacher failed are no lessons
        self.assertEqual(len(lines), 1)
        lesson = json.loads(lines[0])
        self.assertEqual((lesson["text"], lesson["label"]), ("my rent", "rent"))
        self.assertEqual((lesson["student_label"], lesson["confidence"]), ("other", 0.4))
        none = self.troupe("learn", "export", "school", "--step", "rout", "--data", data, code=4)
        self.assertIn("there are some of: route", none.stderr)


if __name__ == "__main__":
    unittest.main()
