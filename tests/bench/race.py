"""What targets said, round by round. Ratios are taken within a round, where both ran under the same conditions."""

import statistics


class Race:
    """Figures by round, target and case. None stands for what was not measured, and comes out of it again."""

    def __init__(self):
        self.rounds = []

    def begin_round(self):
        self.rounds.append({})

    def add(self, target, case, figures):
        """A visit in the round that runs; there may be several of one target with one case."""
        self.rounds[-1].setdefault((target, case), []).append(figures)

    def median(self, target, case, key):
        """Over all visits of all rounds."""
        return _median(figures.get(key) for one in self.rounds for figures in one.get((target, case), []))

    def ratio(self, over, under, case, key):
        """The median over the rounds."""
        return self.ratio_to_best(over, [under], case, key)

    def ratio_to_best(self, over, unders, case, key):
        """To the one of `unders` that was best in the round. A round in which one of them is missing does not count."""
        ratios = []
        for number in range(len(self.rounds)):
            mine = self._of_round(number, over, case, key)
            theirs = [self._of_round(number, under, case, key) for under in unders]
            if mine is not None and theirs and all(theirs):
                ratios.append(mine / max(theirs))
        return _median(ratios)

    def best(self, targets, case, key):
        """The one with the highest median."""
        medians = {target: self.median(target, case, key) for target in targets}
        known = [target for target in targets if medians[target] is not None]
        return max(known, key=medians.get, default=None)

    def _of_round(self, number, target, case, key):
        return _median(figures.get(key) for figures in self.rounds[number].get((target, case), []))


def _median(values):
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


def shown(value):
    """Four significant digits: what a figure deserves."""
    return value if value is None else float(f"{value:.4g}")
