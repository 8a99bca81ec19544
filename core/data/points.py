"""A small data set as text: points:1,2;2,4;3,6 is three points (x, y). It stands in links, so a link is the data."""

import math
from collections.abc import Iterable

POINTS = "points:"  # what the name of such a data set begins with
MOST_POINTS = 30  # of a link: longer ones are cut by mail programs and chats
LARGEST = 1e15  # up to here float64 tells whole numbers apart; the square of a square still fits
LONGEST_POINTS = 2000  # characters: 30 points of two numbers with 17 digits and an exponent fit

Pairs = tuple[tuple[float, float], ...]


def write_points(pairs: Iterable[tuple[float, float]]) -> str:
    """The points as text, each number in its shortest form that reads back as the same number.

    Raises ValueError where `read_points` could not read it back.
    """
    text = POINTS + ";".join(f"{_short(x)},{_short(y)}" for x, y in pairs)
    read_points(text)
    return text


def read_points(text: str) -> Pairs:
    """The pairs (x, y) of a text. Raises ValueError, in the words after "data must": what is allowed and what was got.

    2 to 30 points of finite numbers up to 1e15, not all of one x, which leaves a line undecided, nor all of one y.
    """
    if not text.startswith(POINTS) or len(text) > LONGEST_POINTS:
        raise ValueError(f"be {POINTS} and at most {LONGEST_POINTS:,} characters, got {len(text):,}")
    parts = [part for part in text.removeprefix(POINTS).split(";") if part.strip()]
    if not 2 <= len(parts) <= MOST_POINTS:
        raise ValueError(f"hold 2 to {MOST_POINTS} points, got {len(parts)}: upload a larger set as a table")
    pairs = tuple(_pair(part) for part in parts)
    for axis, name in enumerate("xy"):
        if len({pair[axis] for pair in pairs}) == 1:
            raise ValueError(f"hold points that differ in {name}, got {name} = {pairs[0][axis]:g} in all of them")
    return pairs


def _pair(text: str) -> tuple[float, float]:
    numbers = text.split(",")
    try:
        x, y = (float(number) for number in numbers)
    except ValueError:
        raise ValueError(f"hold points like 1,2;2,4, got {text[:20]!r}") from None
    for number in (x, y):
        if not math.isfinite(number) or abs(number) > LARGEST:
            raise ValueError(f"hold finite numbers up to {LARGEST:g}, got {number:g}")
    return x + 0.0, y + 0.0  # -0.0 becomes 0.0: they are one number


def _short(number: float) -> str:
    return repr(float(number) + 0.0).removesuffix(".0")
