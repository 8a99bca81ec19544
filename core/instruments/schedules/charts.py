"""Charts of a schedule beside the constant rate: loss and learning rate over one and the same axis of epochs."""

from functools import lru_cache
from typing import Any

import altair as alt

from ...drawing.chart_parts import Spec, layered, log_scale, plain_axis, power_axis, table
from ...drawing.charts import epoch_x, latest
from ..race.charts import runner_marks

_MARGIN = 58  # px left of both charts, so that an epoch stands at one place in both
_STYLES = (0, 5)  # of runners: grey and solid for the constant rate, orange and dashed for the schedule


@lru_cache(maxsize=64)
def losses(names: tuple[str, str], titles: tuple[str, str], epochs: int, span: tuple[float, float], title: str) -> Spec:
    """Loss against epoch. Table: runs (runner, epoch, loss, rate)."""
    axis = power_axis(*span, count=5)
    y = alt.Y("loss:Q", title=title, scale=log_scale(*span), axis=_same_margin(axis))
    return _over_epochs(names, titles, epochs, y, height=260, legend=False)


@lru_cache(maxsize=64)
def rates(names: tuple[str, str], titles: tuple[str, str], epochs: int, highest: float) -> Spec:
    """The learning rate against epoch, with the legend of both charts. Table: runs (runner, epoch, loss, rate)."""
    scale = alt.Scale(domain=[0, 1.05 * highest], nice=False)
    axis = plain_axis()
    axis.format = "~g"
    y = alt.Y("rate:Q", title="learning rate", scale=scale, axis=_same_margin(axis))
    return _over_epochs(names, titles, epochs, y, height=170, legend=True)


def _same_margin(axis: alt.Axis) -> alt.Axis:
    axis.minExtent = axis.maxExtent = _MARGIN
    axis.titleX = -_MARGIN + 4
    return axis


def _over_epochs(
    names: tuple[str, str], titles: tuple[str, str], epochs: int, y: alt.Y, height: int, legend: bool
) -> Spec:
    marks = runner_marks(names, titles, _STYLES, legend)
    unnamed = runner_marks(names, titles, _STYLES, legend=False)
    x = epoch_x(epochs, straight=True)
    lines = table("runs").encode(x=x, y=y)
    until = lines.transform_filter("datum.epoch <= toNumber(epoch)")
    tip: list[Any] = [
        alt.Tooltip("epoch:Q", format=","),
        alt.Tooltip("loss:Q", format=".4~g"),
        alt.Tooltip("rate:Q", format=".4~g"),
    ]
    now = latest(table("runs"), ("runner",)).mark_point(filled=True, size=80, opacity=1, clip=True)
    return layered(
        [
            lines.mark_line(strokeWidth=1.5, opacity=0.5, clip=True).encode(**unnamed),
            until.mark_line(strokeWidth=2.5, clip=True).encode(**marks),
            lines.mark_point(size=50, opacity=0, clip=True).encode(tooltip=tip),
            now.encode(x=x, y=y, color=unnamed["color"]),
        ],
        height=height,
    )
