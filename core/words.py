"""Words that several places say: numbers rounded for reading, the names of lanes and zones."""

import math
import re
from functools import lru_cache

import numpy as np

SKETCH = "prediction, a sketch"  # the line in a lesson's picture that draws what was predicted
LANE_LETTERS = "ABCDEFGH"  # what lanes are called on a page, in order; beyond it `lane_name` goes on
# What a learning rate does below lr x curvature = 1, from 1 to 2, and above 2 (without momentum).
ZONES = ("small and steady", "overshoots, converges", "unstable")

MINUS = "−"  # what stands before a number below 0 that is read; one that is typed, or code, has a hyphen
TIMES = "\u00a0×\u00a0"  # before a power of ten; a number stays in one line

_MOST_DECIMALS = 12  # what is smaller is shown with all its digits
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LOWERED = {raised: ord(digit) for digit, raised in zip("-0123456789", _RAISED.values(), strict=True)}
_POWER = re.compile(f"(?:(\\d(?:\\.\\d+)?){TIMES})?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)")


def lane_name(place: int) -> str:
    """What the lane at this place, from 0, is called: A to Z, then AA, AB and so on, as a spreadsheet's columns are."""
    before, letter = divmod(place, 26)
    return (lane_name(before - 1) if before else "") + chr(ord("A") + letter)


@lru_cache(maxsize=10_000)  # a page says hundreds of them, mostly the same again at each rerun
def number(value: float) -> str:
    """`value` rounded for reading: 41.97, −22,572, 5.61 × 10²⁸, 10⁻⁶; four digits, or three before a power of ten."""
    value = float(value)
    if np.isnan(value):
        return "not a number"
    if np.isinf(value):
        return "infinity" if value > 0 else "minus infinity"
    size = abs(float(f"{value:.4g}"))
    if size != 0 and not 1e-3 <= size < 1e6:
        digits, exponent = f"{value:.2e}".split("e")
        return readable(f"{digits.rstrip('0').rstrip('.')}e{exponent}")
    words = f"{value:,.0f}" if size >= 1000 else f"{float(f'{value:.4g}') + 0.0:.7f}".rstrip("0").rstrip(".")
    return readable(words)


def readable(text: str) -> str:
    """A number as Python writes it, -2.5e-04, as one reads it: −2.5 × 10⁻⁴; 1 times a power of ten is it alone."""
    digits, _, exponent = text.replace("-", MINUS, text.startswith("-")).partition("e")
    if not exponent:
        return digits
    power = "10" + str(int(exponent)).translate(_RAISED)
    return digits.removesuffix("1") + power if digits in ("1", f"{MINUS}1") else f"{digits}{TIMES}{power}"


def typed(words: str) -> str:
    """The words with their numbers as one types them, or copies them into code: 1e-6 for 10⁻⁶, -1 for −1."""
    plain = _POWER.sub(lambda found: f"{found[1] or 1}e{found[2].translate(_LOWERED)}", words)
    return re.sub(f"{MINUS}(?=\\d)", "-", plain)


def change(old: float, new: float) -> tuple[str, str]:
    """Both numbers for reading, with as many decimals as two digits of their difference need: 1.5753, 1.5756."""
    words = number(old), number(new)
    if words[0] != words[1] or old == new or not np.isfinite([old, new]).all():
        return words
    decimals = 1 - math.floor(math.log10(abs(new - old)))
    if decimals > _MOST_DECIMALS:
        return readable(repr(old)), readable(repr(new))
    return readable(f"{old:.{decimals}f}"), readable(f"{new:.{decimals}f}")


def count(value: int) -> str:
    """A whole number for reading: 1,592; 15.9 million."""
    for size, name in ((10**12, "trillion"), (10**9, "billion"), (10**6, "million")):
        if value >= size:
            return f"{value / size:.3g} {name}"
    return f"{value:,}"


def many(value: int, one: str, more: str = "") -> str:
    """So many of what one is called so: 1 seed, 1,592 epochs.  more: what several are called, else one with an s."""
    return f"{value:,} {one if value == 1 else more or one + 's'}"


def two_digits(value: float) -> str:
    """A measured number for reading, as far as a measurement deserves: 28; 1.4; 5.6 × 10²⁸."""
    return number(float(f"{value:.2g}"))


def duration(seconds: float) -> str:
    """A time for reading: 0.14 ms, 3.2 s, 31 hours, 26 years."""
    for size, unit in ((365.25 * 86400, "years"), (86400, "days"), (3600, "hours"), (60, "minutes"), (1, "s")):
        if seconds >= size:
            return f"{two_digits(seconds / size)} {unit}"
    return f"{two_digits(seconds * 1000)} ms"
