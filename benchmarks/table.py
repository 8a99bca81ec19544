"""Timing that takes turns, and the rows of the table."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

WIDTHS = (58, 18, 38)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table; reached is None where the row only informs."""

    name: str
    goal: str
    measured: str
    reached: bool | None

    def __str__(self) -> str:
        verdict = {True: "reached", False: "NOT REACHED", None: "-"}[self.reached]
        cells = (self.name, self.goal, self.measured)
        padded = [cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True)]
        return "  ".join([*padded, verdict])


def at_least(name: str, goal: float, measured: float) -> Row:
    """A row for "so many times faster"."""
    return Row(name=name, goal=f">= {goal:g} x", measured=f"{measured:.1f} x", reached=measured >= goal)


def at_most(name: str, goal: float, measured: float, unit: str, details: str = "") -> Row:
    """A row for what may not exceed its goal."""
    return Row(
        name=name,
        goal=f"<= {goal:g} {unit}",
        measured=f"{measured:.3g} {unit}" + (f" ({details})" if details else ""),
        reached=measured <= goal,
    )


def information(name: str, measured: str) -> Row:
    """A row without a goal."""
    return Row(name=name, goal="-", measured=measured, reached=None)


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def median_seconds(work: Callable[[], object], repeats: int) -> float:
    """The median of some calls."""
    return statistics.median(seconds(work) for _ in range(repeats))


def times_faster(slow_slices: Sequence[Callable[[], object]], fast: Callable[[], object]) -> float:
    """How many times faster `fast` is than all slices of the slow work together.

    Each slice is run and takes turns with one whole run of `fast`, so that both meet the same noise;
    the ratio is that of the medians.
    """
    fast()  # the first call pays for imports and caches that later ones find
    slow_seconds, fast_seconds = [], []
    for slow in slow_slices:
        slow_seconds.append(seconds(slow))
        fast_seconds.append(seconds(fast))
    # The slices are equal work, so their median times their number is the whole without its outliers.
    return len(slow_slices) * statistics.median(slow_seconds) / statistics.median(fast_seconds)
