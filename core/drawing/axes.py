"""The axes of pictures: what each spans, under which title and on which scale; and how it is rounded outwards."""

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One axis of a picture, from low to high.  scale: linear, log, or symlog, straight up to +-1 and a log beyond.

    labels: how many powers of ten it names at most, where it is no linear one.
    """

    low: float
    high: float
    title: str = ""
    scale: str = "linear"
    labels: int = 6

    @property
    def ends(self) -> tuple[float, float]:
        """(low, high)."""
        return self.low, self.high

    @property
    def log(self) -> bool:
        """Whether it is logarithmic all along."""
        return self.scale == "log"

    def holds(self, values: np.ndarray) -> np.ndarray:
        """(...) which values lie on it; nan does not."""
        with np.errstate(invalid="ignore"):
            inside: np.ndarray = (values >= self.low) & (values <= self.high)
            return inside


def positive(values: np.ndarray) -> np.ndarray:
    """(n,) those of the values that have a place on a log axis: finite ones above 0."""
    shown: np.ndarray = values[np.isfinite(values) & (values > 0)]
    return shown


def whole_decades(
    low: float, high: float, *, least: int = 0, most: float = math.inf, title: str = "", labels: int = 6
) -> Axis:
    """The log axis from low to high, rounded outwards to powers of ten.

    least, most: how many decades it has below its top; 1e308 is the highest top there is.
    """
    top = min(308, math.ceil(math.log10(high)))
    bottom = min(max(math.floor(math.log10(low)), top - most), top - least)
    return Axis(low=10.0**bottom, high=10.0**top, title=title, scale="log", labels=labels)


def decades(low: float, high: float, count: int = 8) -> list[float]:
    """Powers of ten from low to high, at most `count`, evenly spaced."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    step = max(1, math.ceil((last - first + 1) / count))
    return [10.0**k for k in range(first, last + 1, step)]


def padded(low: float, high: float) -> list[float]:
    """The stretch with a twentieth of room at both ends."""
    room = 0.05 * (high - low)
    return [low - room, high + room]
