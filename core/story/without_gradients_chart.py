"""Lesson 7's pictures: the race, evaluations against dimension, and seconds against parameters."""

from functools import lru_cache

from ..drawing.axes import Axis
from ..drawing.chart_parts import Spec
from ..drawing.lines import Level, lines

Styles = tuple[tuple[str, str], ...]  # (name of a line, key of lines.STYLES)


@lru_cache(maxsize=64)
def race(
    theme: str,
    styles: Styles,
    evaluations: int,
    low: float,
    high: float,
    band: bool = True,
    target: float | None = None,
) -> Spec:
    """The lowest loss so far, from low to high, against evaluations. Table curves (name, x, y; low, high).

    target: a level to mark, and with it a table marks (name, x, y, words).
    """
    x = Axis(title="evaluations", low=0, high=evaluations)
    y = Axis(title="lowest loss so far", low=low, high=high, scale="log")
    level = None if target is None else Level(target, "dashed: the target", -10, above=True)
    height = 420 if band else 330
    return lines(theme, *_split(styles), x, y, height=height, band=band, level=level, marks=level is not None)


@lru_cache(maxsize=8)
def arrivals(theme: str, styles: Styles, target: str) -> Spec:
    """Evaluations until the target against the numbers to find. Table curves (name, x, y)."""
    x = Axis(title="numbers to find", low=1.5, high=150, scale="log")
    y = Axis(title=f"evaluations to loss {target}", low=100, high=100_000, scale="log")
    return lines(theme, *_split(styles), x, y, height=360)


@lru_cache(maxsize=8)
def scale(theme: str, styles: Styles) -> Spec:
    """Seconds against parameters, far beyond the age of the universe. Tables curves (name, x, y), marks (and words)."""
    x = Axis(title="parameters", low=1, high=3e7, scale="log")
    y = Axis(title="seconds", low=1e-6, high=1e21, scale="log")
    return lines(theme, *_split(styles), x, y, height=420, marks=True)


def _split(styles: Styles) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(name for name, _ in styles), tuple(style for _, style in styles)
