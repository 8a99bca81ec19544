"""A small data set as text: points:1,2;2,4;3,6 is three points (x, y). It stands in links, so a link is the data.

Many points have a shorter form, points:d2.2s.5k.s.s: of d2 every number times 10^2 is whole, and in base 36 it stands
as what it is more than that of the point before. Its characters are escaped in no link. Both forms are read.
"""

import math
import re
from collections.abc import Iterable
from decimal import Decimal

POINTS = "points:"  # what the name of such a data set begins with
MOST_POINTS = 30  # of a link: longer ones are cut by mail programs and chats
LARGEST = 1e15  # up to here float64 tells whole numbers apart; the square of a square still fits
LONGEST_POINTS = 2000  # characters: 30 points of two numbers with 17 digits and an exponent fit

_MOST_DECIMALS = 9
_READABLE = 120  # characters: so few can be read and changed by hand, in the first form

Pairs = tuple[tuple[float, float], ...]


def write_points(pairs: Iterable[tuple[float, float]]) -> str:
    """The points as text that reads back as the same numbers: where it is long, in the shorter of its two forms.

    Raises ValueError where `read_points` could not read it back.
    """
    pairs = list(pairs)
    text = POINTS + ";".join(f"{_short(x)},{_short(y)}" for x, y in pairs)
    kept = read_points(text)
    differences = _differences(kept) if len(text) > _READABLE else ""
    return differences if differences and len(differences) < len(text) else text


def read_points(text: str) -> Pairs:
    """The pairs (x, y) of a text. Raises ValueError, in the words after "data must": what is allowed and what was got.

    2 to 30 points of finite numbers up to 1e15, not all of one x, which leaves a line undecided, nor all of one y.
    """
    if not text.startswith(POINTS) or len(text) > LONGEST_POINTS:
        raise ValueError(f"be {POINTS} and at most {LONGEST_POINTS:,} characters, got {len(text):,}")
    said = text.removeprefix(POINTS)
    differences = re.fullmatch(r"d(\d)((?:\.-?[0-9a-z]{1,14})*)", said)
    parts = said.split(";") if differences is None else _summed(int(differences[1]), differences[2].split(".")[1:])
    parts = [part for part in parts if part.strip()]
    if not 2 <= len(parts) <= MOST_POINTS:
        raise ValueError(f"hold 2 to {MOST_POINTS} points, got {len(parts)}: upload a larger set as a table")
    pairs = tuple(_pair(part) for part in parts)
    for axis, name in enumerate("xy"):
        if len({pair[axis] for pair in pairs}) == 1:
            raise ValueError(f"hold points that differ in {name}, got {name} = {pairs[0][axis]:g} in all of them")
    return pairs


def _differences(pairs: Pairs) -> str:
    """The shorter form; "" where a number has more decimals, or more digits, than it can hold."""
    exact = [Decimal(_short(number)) for pair in pairs for number in pair]
    decimals = max(0, *(-int(number.as_tuple().exponent) for number in exact))
    if decimals > _MOST_DECIMALS or max(map(abs, exact)) * 10**decimals > LARGEST:
        return ""
    whole = [int(number * 10**decimals) for number in exact]
    steps = [value - before for value, before in zip(whole, [0, 0, *whole], strict=False)]
    return ".".join([f"{POINTS}d{decimals}", *map(_in_base_36, steps)])


def _summed(decimals: int, steps: list[str]) -> list[str]:
    """The points of the shorter form as those of the other; an odd number is left alone, which is no point."""
    whole = [int(step, 36) for step in steps]
    for k in range(2, len(whole)):
        whole[k] += whole[k - 2]
    numbers = [str(Decimal(value).scaleb(-decimals)) for value in whole]
    return [",".join(numbers[k : k + 2]) for k in range(0, len(numbers), 2)]


def _in_base_36(value: int) -> str:
    digits, left = "", abs(value)
    while left or not digits:
        left, digit = divmod(left, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return "-" * (value < 0) + digits


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
