"""The words of a link that are no part of an Experiment."""

from typing import NamedTuple

from core.experiment.experiment import RATE_LIMITS
from core.instruments.range_test.trial import HIGH, LOW, LOWEST


class Extra(NamedTuple):
    """A number of some pages, not of their experiment; whole where `usual` is, which stands for no word in the link."""

    usual: float
    least: float
    most: float
    pages: tuple[str, ...]

    def value(self, text: str) -> float:
        """The number this text of a link names; the usual one where it names none, or one out of range."""
        return self.usual if self.refused(text) else type(self.usual)(text)

    def refused(self, text: str) -> bool:
        """Whether this text of a link names no number in range."""
        try:
            return not self.least <= type(self.usual)(text) <= self.most
        except ValueError:
            return True


# map: 0 for the learning rate alone, 1 with the batch size, 2 with the width, 3 for all update rules, 4 for schedules.
EXTRAS = {
    "rates": Extra(40, 20, 500, ("sweep", "range-test", "schedules")),
    "seeds": Extra(3, 1, 20, ("sweep", "range-test", "schedules")),
    "map": Extra(0, 0, 4, ("sweep",)),
    "range-low": Extra(LOW, LOWEST, RATE_LIMITS[1], ("range-test",)),
    "range-high": Extra(HIGH, LOWEST, RATE_LIMITS[1], ("range-test",)),
}
