"""Charts of a log: losses of all runs, their learning rates, and final loss against rate. Options in, spec out."""

from functools import lru_cache
from typing import Any

import altair as alt

from ...drawing.axes import COUNTS, POWERS, Axis, decades
from ...drawing.chart_parts import (
    INK,
    LABEL_SIZE,
    Spec,
    layered,
    log_scale,
    plain_axis,
    power_axis,
    table,
    tip,
    told,
)
from ...drawing.charts import exit_marks, lane_letters, lane_marks


@lru_cache(maxsize=128)
def log_losses(
    theme: str,
    count: int,
    steps: Axis,
    losses: Axis,
    held_out: bool = False,
) -> Spec:
    """The losses of all runs against the step, each with its letter; with `held_out` also those of validation, thin.

    Tables: lanes (lane, step, loss), marks (lane, step, loss), exits (lane, step, loss, down, words, row), and
    test (lane, step, loss, dot) with `held_out`.
    """
    x, y = _step_x(steps), _y("loss:Q", losses)
    paint = lane_marks(count, theme)
    tips = [
        alt.Tooltip("lane:N", title="run"),
        alt.Tooltip("step:Q", title=steps.title, format=",.6~g"),
        tip("loss", losses.title),
    ]
    lines = table("lanes").mark_line(strokeWidth=2, clip=True, strokeJoin="round").encode(x=x, y=y, **paint)
    on_chart = f"datum.loss >= {losses.low} && datum.loss <= {losses.high}"
    hover = told(table("lanes").transform_filter(on_chart), "loss").mark_point(size=50, opacity=0)
    layers = [
        lines,
        *(_held_out(x, y, paint["color"], on_chart) if held_out else []),
        hover.encode(x=x, y=y, tooltip=tips),
    ]
    return layered([*layers, *_letters(theme, count, x, y), *_exits(theme, count, steps, x, y)], 320, scrub=False)


def _held_out(x: alt.X, y: alt.Y, colour: alt.Color, on_chart: str) -> list[alt.Chart]:
    """Validation: a thin line in the run's colour, with hollow dots here and there."""
    base = table("test").encode(x=x, y=y, color=colour)
    dots = base.transform_filter(f"datum.dot && {on_chart}").mark_point(
        size=30, filled=False, strokeWidth=1.5, opacity=1, clip=True
    )
    return [base.mark_line(strokeWidth=1, opacity=0.8, clip=True), dots]


def _letters(theme: str, count: int, x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """Each curve's letter, on it."""
    base = table("marks").encode(x=x, y=y)
    return [
        base.mark_point(filled=True, opacity=1, size=230).encode(color=lane_marks(count, theme)["color"]),
        base.mark_text(fontSize=LABEL_SIZE, fontWeight="bold").encode(**lane_letters(count, theme)),
    ]


def _exits(theme: str, count: int, steps: Axis, x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """Where a curve leaves the chart: a mark that points out of it, and its words on the side that has room."""
    right = f"datum.step > {(steps.low + steps.high) / 2}"
    down = "datum.down"
    dy = f"({down} ? -1 : 1) * (9 + 16 * datum.row)"
    mark, words = exit_marks(table("exits").encode(x=x, y=y), theme, down, right, dy)
    return [mark.encode(color=lane_marks(count, theme)["color"]), words]


@lru_cache(maxsize=64)
def log_rates(
    theme: str,
    count: int,
    steps: Axis,
    rates: Axis,
) -> Spec:
    """The learning rate of each run against the step. Tables: lanes (lane, step, rate), marks (lane, step, rate)."""
    x, y = _step_x(steps), _y("rate:Q", rates)
    lines = (
        table("lanes").mark_line(strokeWidth=2, interpolate="step-after").encode(x=x, y=y, **lane_marks(count, theme))
    )
    return layered([lines, *_letters(theme, count, x, y)], 150, scrub=False)


@lru_cache(maxsize=64)
def final_losses(theme: str, count: int, rates: Axis, losses: Axis) -> Spec:
    """The final loss of each run at its learning rate; what is beyond the axis stands at its edge, as a triangle.

    Table: finals (lane, rate, loss, words, off).
    """
    axis = alt.Axis(
        values=decades(*rates.ends), labelExpr=POWERS, grid=False, labelFontSize=LABEL_SIZE, titleFontSize=LABEL_SIZE
    )
    x = alt.X("rate:Q", title="learning rate", scale=log_scale(*rates.ends), axis=axis)
    y = _y("loss:Q", losses)
    tips = [
        alt.Tooltip("lane:N", title="run"),
        tip("rate", "learning rate"),
        alt.Tooltip("words:N", title="final loss"),
    ]
    base = told(table("finals"), "rate").encode(x=x, y=y)
    line = base.mark_line(color=INK[theme], strokeWidth=1.25, opacity=0.5)
    shape = alt.expr("datum.off ? 'triangle-up' : 'circle'")
    inside = alt.expr("datum.off ? 10 : 0")
    dots = base.mark_point(
        filled=True, opacity=1, size=alt.expr("datum.off ? 420 : 260"), shape=shape, yOffset=inside
    ).encode(color=lane_marks(count, theme)["color"], tooltip=tips)
    letters = base.mark_text(fontSize=LABEL_SIZE, fontWeight="bold", yOffset=alt.expr("datum.off ? 13 : 0")).encode(
        **lane_letters(count, theme)
    )
    return layered([line, dots, letters], 220, scrub=False)


def _step_x(steps: Axis) -> alt.X:
    axis = alt.Axis(tickCount=5, labelExpr=COUNTS, grid=False, labelFontSize=LABEL_SIZE, titleFontSize=LABEL_SIZE)
    return alt.X("step:Q", title=steps.title, scale=alt.Scale(domain=list(steps.ends), nice=False), axis=axis)


def _y(field: str, axis: Axis) -> alt.Y:
    few: dict[str, Any] = {"scale": alt.Scale(domain=list(axis.ends), nice=False), "axis": plain_axis()}
    if axis.log and axis.high / axis.low >= 10:
        few = {"scale": log_scale(*axis.ends), "axis": power_axis(*axis.ends, count=5)}
    return alt.Y(field, title=axis.title, **few)
