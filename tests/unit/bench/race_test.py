"""Medians and ratios of interleaved rounds."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))
from race import Race, shown  # noqa: E402


def race_of(*rounds):
    race = Race()
    for visits in rounds:
        race.begin_round()
        for target, speed in visits:
            race.add(target, 4, {"tg": speed})
    return race


class RaceTest(unittest.TestCase):
    def test_median_is_over_all_visits(self):
        race = race_of([("a", 1), ("a", 5)], [("a", 3)])
        self.assertEqual(race.median("a", 4, "tg"), 3)

    def test_ratio_is_of_the_same_round(self):
        # the machine was ten times slower in the second round, and both with it
        race = race_of([("a", 200), ("b", 100)], [("a", 20), ("b", 10)], [("a", 210), ("b", 100)])
        self.assertEqual(race.ratio("a", "b", 4, "tg"), 2)

    def test_ratio_takes_the_median_of_a_rounds_visits(self):
        race = race_of([("a", 10), ("b", 10), ("a", 30)])
        self.assertEqual(race.ratio("a", "b", 4, "tg"), 2)

    def test_best_is_chosen_in_each_round(self):
        race = race_of([("a", 40), ("b", 10), ("c", 20)], [("a", 40), ("b", 40), ("c", 20)])
        self.assertEqual(race.ratio_to_best("a", ["b", "c"], 4, "tg"), 1.5)

    def test_without_one_of_the_best_there_is_no_ratio(self):
        race = race_of([("a", 40), ("b", 10)])
        self.assertIsNone(race.ratio_to_best("a", ["b", "c"], 4, "tg"))
        self.assertIsNone(race.ratio_to_best("a", [], 4, "tg"))

    def test_what_was_not_measured_is_none(self):
        race = race_of([("a", 40), ("b", None)])
        self.assertIsNone(race.median("b", 4, "tg"))
        self.assertIsNone(race.median("a", 16, "tg"))
        self.assertIsNone(race.ratio("a", "b", 4, "tg"))
        self.assertEqual(race.best(["a", "b"], 4, "tg"), "a")
        self.assertIsNone(race.best([], 4, "tg"))

    def test_shown(self):
        self.assertEqual(shown(1234.56), 1235)
        self.assertEqual(shown(0.123456), 0.1235)
        self.assertIsNone(shown(None))


if __name__ == "__main__":
    unittest.main()
