"""What a run of tests/bench/synthesise begins with."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench/synthesise"))

import draw  # noqa: E402


class Draw(unittest.TestCase):
    def setUp(self):
        # given 12 intents of 80 questions to train on and 5 to test with
        self.pairs = [(f"question {i} of {label}", f"intent {label}") for label in range(12) for i in range(80)]
        self.test = [(f"test {i} of {label}", f"intent {label}") for label in range(12) for i in range(5)]
        self.parts = draw.draw(self.pairs, self.test, intents=4, seed=1)

    def test_few_are_among_many_and_each_intent_has_as_many(self):
        few, many = (self.parts[name] + self.parts[f"{name} held"] for name in ("few", "many"))
        intents = {label for _, label in few}
        self.assertEqual(len(intents), 4)
        self.assertLessEqual(set(few), set(many))
        for label in intents:
            self.assertEqual(len({pair for pair in few if pair[1] == label}), draw.FEW)
            self.assertEqual(len({pair for pair in many if pair[1] == label}), draw.MANY)

    def test_what_is_held_out_is_not_trained_on_and_the_test_has_the_same_intents(self):
        for name in ("few", "many"):
            self.assertFalse(set(self.parts[name]) & set(self.parts[f"{name} held"]))
        self.assertEqual(len(self.parts["few held"]), 4 * 2)
        self.assertEqual({label for _, label in self.parts["test"]}, {label for _, label in self.parts["few"]})
        self.assertEqual(len(self.parts["test"]), 4 * 5)

    def test_the_seed_decides(self):
        shuffled = list(reversed(self.pairs))
        self.assertEqual(draw.draw(shuffled, self.test, intents=4, seed=1), self.parts)
        self.assertNotEqual(draw.draw(self.pairs, self.test, intents=4, seed=2), self.parts)


if __name__ == "__main__":
    unittest.main()
