"""Charts of rates that choose themselves: the loss against the step, and the rate that each step was taken at."""

import math

from ...drawing.axes import Axis
from ...drawing.chart_parts import Spec
from ...drawing.lines import Fields, Level, lines, race_styles

Names = tuple[str, ...]


def losses(theme: str, names: Names, titles: Names, places: tuple[int, ...], steps: int, y: Axis) -> Spec:
    """Loss above the lowest against step, a line a rule. Table: losses (runner, epoch, loss)."""
    of, x = Fields("losses", "runner", "epoch", "loss"), Axis(low=0, high=steps, title="step")
    return lines(theme, names, race_styles(places), x, y, 320, of=of, titles=titles, tips=(), leaves=True)


def rates(theme: str, names: Names, titles: Names, places: tuple[int, ...], steps: int, y: Axis, limit: float) -> Spec:
    """The rate of each step, a line a rule, and the stability limit (nan: none). Table: rates (runner, epoch, rate)."""
    of, x = Fields("rates", "runner", "epoch", "rate"), Axis(low=0, high=steps, title="step")
    level = Level(limit, "dashed: stability limit of a fixed rate", -16, above=True) if math.isfinite(limit) else None
    seen = {"width": 2, "tips": ("epoch", "rate"), "dots": 40}
    return lines(theme, names, race_styles(places), x, y, 320, of=of, titles=titles, level=level, **seen)
