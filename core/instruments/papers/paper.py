"""What a card of the gallery is: a published result, how it is rerun here, and what its numbers may be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from ...drawing.axes import Axis
from ...drawing.picture import Picture
from ...experiment.experiment import Experiment
from ...training.train import Progress

Range = tuple[float, float]
_HEIGHT = 300  # px of a picture
_STYLES = ("one", "two", "three", "four", "five")
_POINTS = 600  # of a curve that is drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One number of a result. each: where it lies for every seed.  median: where it lies over three seeds and more."""

    words: str
    each: Range
    median: Range | None = None

    def holds(self, values: Array) -> bool:
        """Whether the values (seeds,) are all where they may be, and with three and more their median too; nan is not.

        A run at the edge of stability is chaotic, so that of one seed only a wide range can be claimed.
        """
        low, high = self.each
        middle, top = self.median if self.median and len(values) > 2 else self.each
        return bool(((values >= low) & (values <= high)).all() and middle <= np.median(values) <= top)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """What one seed gave. values: a number for each that is expected, in that order.  pictures: what shows it best."""

    values: tuple[float, ...]
    pictures: tuple[Picture, ...]


Result = Callable[[int, Progress | None], Measured]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A published result. claim: what it says, in a sentence.  source: who and when.  arxiv: its number there.

    recipe: what is run here.  differs: how that differs from the paper's own.  result: runs it for a seed.
    seconds: about how long that takes.  chance: whether a seed changes anything.  reproduced: whether the claim shows
    here; else `expected` is what was found in its place.
    page: the address of the page it belongs to, and experiment: what that page opens with.
    """

    title: str
    claim: str
    source: str
    arxiv: str
    recipe: str
    differs: str
    expected: tuple[Expected, ...]
    result: Result
    seconds: float
    page: str
    experiment: Experiment | None = None
    chance: bool = True
    reproduced: bool = True


def picture(
    title: str, curves: Mapping[str, tuple[Array, Array]], x: Axis, y: Axis, alt: str, level: str = ""
) -> Picture:
    """A picture of curves by name, each (x (n,), y (n,)); what has no place on the axes is left out.

    level: the name among them of a level, drawn in ink.
    """
    tables = []
    for name, (across, up) in curves.items():
        shown = x.holds(across) & y.holds(up)
        first = int(shown.argmax())  # an adaptive rule's sharpness is not known before its first step
        shown[first:] &= np.cumsum(~shown[first:]) == 0  # a curve ends where it leaves the picture
        at = np.flatnonzero(shown)
        at = at[np.unique(np.linspace(0, len(at) - 1, _POINTS).round().astype(int))] if len(at) else at
        tables.append(pd.DataFrame({"name": name, "x": across[at], "y": up[at]}))
    styles = iter(_STYLES)
    return Picture(
        title=title,
        names=tuple(curves),
        styles=tuple("ink" if name == level else next(styles) for name in curves),
        x=x,
        y=y,
        tables={"curves": pd.concat(tables, ignore_index=True)},
        alt=alt,
        height=_HEIGHT,
    )
