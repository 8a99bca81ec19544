"""What is changed by hand while a run is trained: a lane's learning rate, or one of its parameters, from an epoch on.

As a link and an Experiment have it, a change is a text: `A_120_lr_0.05` gives lane A the rate 0.05 for all steps after
epoch 120, `B_30_p17_-0.4` sets lane B's parameter 17 (counted from 0, as network.py lays them out) to -0.4 where epoch
30 has ended.
"""

import math
import re
from typing import NamedTuple

from ..words import LANE_LETTERS

MAX_CHANGES = 16  # so many stand in a link, and in one line of words
LONGEST_CHANGE = 60  # characters
FORM = "a lane, an epoch, lr or a parameter's number, and a value, as A_120_lr_0.05 or B_30_p17_-0.4"
_FORM = re.compile(rf"([{LANE_LETTERS}])_(\d{{1,9}})_(lr|p\d{{1,6}})_([-+.e\d]{{1,30}})")


class Change(NamedTuple):
    """From `epoch` on, so many epochs after the start, lane number `lane` (from 0) goes on with `value`.

    parameter: which one is set to it; None: it is the learning rate.
    """

    lane: int
    epoch: int
    parameter: int | None
    value: float

    def __str__(self) -> str:
        what = "lr" if self.parameter is None else f"p{self.parameter}"
        return f"{LANE_LETTERS[self.lane]}_{self.epoch}_{what}_{self.value!r}"


def change(text: str) -> Change:
    """The change that a text names. Raises ValueError where it names none."""
    found = _FORM.fullmatch(text[: LONGEST_CHANGE + 1])
    try:
        value = float(found[4]) if found else math.nan
    except ValueError:
        value = math.nan
    if found is None or not math.isfinite(value):
        raise ValueError(f"changes must be {FORM}, got {text[:LONGEST_CHANGE]!r}")
    what = None if found[3] == "lr" else int(found[3][1:])
    return Change(LANE_LETTERS.index(found[1]), int(found[2]), what, value)


def checked_change(text: str) -> str:
    """A change's one normal form. Raises ValueError as `change` does."""
    return str(change(text))
