"""The axes of pictures: what each spans, under which title and on which scale; and how it is rounded outwards."""

import math
from dataclasses import dataclass

import numpy as np

from ..words import TIMES

_N = "round(log(abs(datum.value)) / LN10)"  # of a power of ten


def _raised(power: str) -> str:
    """The expression of Vega for a whole number of up to three digits as a superscript."""
    digits = [f"'⁰¹²³⁴⁵⁶⁷⁸⁹'[floor(abs({power}) / {size}) % 10]" for size in (100, 10, 1)]
    most = f"(abs({power}) < 100 ? '' : {digits[0]}) + (abs({power}) < 10 ? '' : {digits[1]})"
    return f"({power} < 0 ? '⁻' : '') + {most} + {digits[2]}"


def power_of(value: str) -> str:
    """The expression of Vega for the power of ten that a number is written with; value: an expression."""
    return f"floor(log(abs({value})) / LN10 + 2.17e-4)"  # as rounded to three digits: 9.995 is 10


def number_words(value: str, power: str, digits: int = 3) -> str:
    """The expression of Vega for a number as `words.number` has it: 41.97, −22,572, 5.61 × 10²⁸, 10⁻⁶.

    value, power: expressions, of the number and of `power_of` it.  digits: before a power of ten; else one more.
    """
    size = f"abs({value})"
    first = f"format({size} / pow(10, {power}), '.{digits}~r')"
    scaled = f"({value} < 0 ? '−' : '') + ({first} == '1' ? '' : {first} + '{TIMES}') + '10' + {_raised(power)}"
    is_plain = f"{value} == 0 || {size} >= 9.9995e-4 && {size} < 999950"
    return f"{is_plain} ? format({value}, {size} < 999.95 ? '.{digits + 1}~r' : ',.0f') : {scaled}"


# Labels of an axis in even steps: 80,000; 2.5 × 10⁶.
COUNTS = (
    "datum.value == 0 || abs(datum.value) >= 1e-3 && abs(datum.value) < 1e6 ? format(datum.value, ',')"
    f" : {number_words('datum.value', power_of('datum.value'))}"
)
# Labels at powers of ten, and nowhere else: 10⁻³, 1, 10, 10².
POWERS = (
    "datum.value == 0 ? '0' : (datum.value < 0 ? '−' : '')"
    f" + ({_N} == 0 ? '1' : {_N} == 1 ? '10' : '10' + {_raised(_N)})"
)
# The same where they count something: 1, 10, 100, 1,000, 10,000, 10⁵.
POWERS_OF_COUNTS = f"abs(datum.value) < 5e4 ? format(datum.value, ',') : {POWERS}"


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
