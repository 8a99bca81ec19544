"""Charts of a range test on trial: loss against the rising rate with every rule's answer, and what training says."""

from functools import lru_cache
from typing import Any

import altair as alt

from ...drawing.axes import Axis
from ...drawing.chart_parts import (
    INK,
    LABEL_SIZE,
    PAPER,
    ROW_HEIGHT,
    Spec,
    layered,
    mark,
    power_axis,
    rate_x,
    table,
    tip,
    told,
)
from ...drawing.charts import role_colour, within
from ...words import many

_ROW = {"name": ROW_HEIGHT, "value": 18}  # px: a label and the air around it
_HEIGHT = 340  # px, with the axis


@lru_cache(maxsize=64)
def range_curve(theme: str, rates: Axis, losses: Axis, rows: int) -> Spec:
    """The range test: raw losses as dots, the smoothed ones as a line, each rule's suggestion as a named mark.

    Names stand in `rows` rows above the losses; a mark runs from its name down.
    Tables: raw (rate, loss), smoothed (rate, loss), marks (rate, words, row, left), blow_up (the same).
    """
    ink, red = INK[theme], role_colour("high", theme)
    x, y = rate_x(*rates.ends), _below(rows, "loss of each step's batch", losses)
    raw = table("raw").transform_filter(within("loss", losses.ends))
    dots = raw.mark_point(filled=True, size=16, color=ink, opacity=0.45).encode(x=x, y=y)
    tips = [tip("rate", "learning rate"), tip("loss")]
    line = table("smoothed").mark_line(color=ink, strokeWidth=2.5, clip=True).encode(x=x, y=y)
    targets = told(raw, "rate", "loss").mark_point(size=60, opacity=0)
    layers = [
        dots,
        line,
        *_named("marks", theme, x, {"color": ink, "strokeDash": [4, 3], "strokeWidth": 1.25}),
        *_named("blow_up", theme, x, {"color": red, "strokeWidth": 2.5}),
        targets.encode(x=x, y=y, tooltip=tips),
    ]
    key = [
        mark("loss of each step", "circle", ink, opacity=0.45),
        mark("smoothed", "line", ink),
        mark("what each rule suggests", "line", ink, dash=(4, 3), wide=1.25),
    ]
    return layered(layers, height=_HEIGHT, scrub=False, key=key) | {"params": [_ROW]}


@lru_cache(maxsize=64)
def trial_curve(theme: str, rates: Axis, losses: Axis, rows: int, epochs: int) -> Spec:
    """The sweep: loss after all epochs against the rate, a thin line a seed, each suggestion where it really ended.

    A suggestion that left the chart stands on the edge it left by, as a triangle that points out of it.
    Tables: sweep (seed, rate, loss), marks (rate, words, row, left), ends (rate, loss, way, rule, seed, words).
    """
    ink, good = INK[theme], role_colour("good", theme)
    x, y = rate_x(*rates.ends), _below(rows, f"loss after {many(epochs, 'epoch')}", losses)
    lines = (
        table("sweep").mark_line(color=ink, strokeWidth=1.75, opacity=0.6, clip=True).encode(x=x, y=y, detail="seed:N")
    )
    shapes = alt.Scale(domain=["in", "up", "down"], range=["circle", "triangle-up", "triangle-down"])
    tips = [
        alt.Tooltip("rule:N"),
        alt.Tooltip("seed:N"),
        tip("rate", "learning rate"),
        alt.Tooltip("words:N", title="loss"),
    ]
    ends = (
        told(table("ends"), "rate")
        .mark_point(filled=True, size=75, color=good, stroke=ink, strokeWidth=0.75, opacity=1)
        .encode(x=x, y=y, shape=alt.Shape("way:N", scale=shapes, legend=None), tooltip=tips)
    )
    layers = [
        lines,
        *_named("marks", theme, x, {"color": ink, "strokeDash": [4, 3], "strokeWidth": 1.25}),
        ends,
    ]
    key = [
        mark("the sweep, a line a seed", "line", ink, wide=1.75, opacity=0.6),
        mark("where a suggestion ended", "circle", good),
        mark("its median", "line", ink, dash=(4, 3), wide=1.25),
    ]
    return layered(layers, height=_HEIGHT, scrub=False, key=key) | {"params": [_ROW]}


def _named(name: str, theme: str, x: alt.X, stroke: dict[str, Any]) -> list[alt.Chart]:
    """A vertical mark at each rate of the table, from its row of words down to the axis.

    The words have a rim of paper, because the marks of the rows above run through them.
    """
    marks = table(name).encode(x=x)
    # Rows are so many px, not a scale: that would be merged with the losses'.
    top = alt.expr(f"{ROW_HEIGHT} * datum.row")
    rules = marks.mark_rule(**stroke, y=top, y2=alt.expr("height"), clip=True)
    placed: dict[str, Any] = {
        "align": alt.expr("datum.left ? 'right' : 'left'"),
        "dx": alt.expr("datum.left ? -5 : 5"),
        "y": alt.expr(f"{ROW_HEIGHT} * (datum.row + 0.5)"),
        "baseline": "middle",
        "fontSize": LABEL_SIZE,
    }
    words = marks.encode(text="words:N")
    halo = words.mark_text(**placed, color=PAPER[theme], stroke=PAPER[theme], strokeWidth=4, strokeJoin="round")
    return [rules, halo, words.mark_text(**placed, color=INK[theme])]


def _below(rows: int, title: str, losses: Axis) -> alt.Y:
    """The loss on a log axis that begins below the rows of words, and ends where the page lets the chart end."""
    place = [alt.expr("height"), alt.expr(f"{ROW_HEIGHT} * {rows}")]
    scale = alt.Scale(type="log", domain=list(losses.ends), range=place, nice=False)
    return alt.Y("loss:Q", title=title, scale=scale, axis=power_axis(*losses.ends, count=5))
