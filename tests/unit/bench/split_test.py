"""What a stream of questions is cut into for tests/bench/learn."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench/learn"))

import split  # noqa: E402


class Split(unittest.TestCase):
    def setUp(self):
        # given 40 intents of 200 questions each
        self.pairs = [(f"question {i} of {label}", f"intent {label}") for label in range(40) for i in range(200)]
        self.parts, self.new = split.split(self.pairs, seed=1, arrivals=4000)

    def test_new_intents_arrive_halfway_and_the_student_never_saw_them(self):
        stream = self.parts["stream"]
        self.assertEqual(len(self.new), split.NEW)
        self.assertEqual(len(stream), 4000)
        self.assertFalse([label for _, label in stream[:2000] if label in self.new])
        self.assertEqual({label for _, label in stream[2000:]} & self.new, self.new)
        self.assertFalse([label for part in ("old", "old held") for _, label in self.parts[part] if label in self.new])

    def test_what_the_teacher_was_taught_does_not_arrive(self):
        taught = self.parts["taught"] + self.parts["held"]
        self.assertEqual(len(taught), split.TAUGHT)
        self.assertEqual({label for _, label in taught}, {label for _, label in self.pairs})
        self.assertFalse(set(taught) & set(self.parts["stream"]))
        self.assertFalse(set(self.parts["old"]) & set(self.parts["old held"]))
        self.assertLessEqual(set(self.parts["old"]), set(self.parts["taught"]))

    def test_the_same_seed_gives_the_same_stream(self):
        shuffled = list(reversed(self.pairs))
        self.assertEqual(split.split(shuffled, seed=1, arrivals=4000)[0], self.parts)
        self.assertNotEqual(split.split(self.pairs, seed=2, arrivals=4000)[0], self.parts)


if __name__ == "__main__":
    unittest.main()
