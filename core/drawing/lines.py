"""The lessons' common picture: named lines over one pair of axes, with bands and marked points where there are some."""

from functools import lru_cache
from typing import Any, NamedTuple

import altair as alt

from .axes import Axis
from .chart_parts import INK, LABEL_SIZE, POWERS, Spec, decades, layered, plain_axis, table, themed
from .charts import COLOURS, DASHES

# Roles first, as in the lab; then what has no role: Okabe and Ito's other colours.
STYLES: dict[str, tuple[str, tuple[int, ...]]] = {
    **{role: (COLOURS[role][0], DASHES[role]) for role in COLOURS},
    "one": ("#0072B2", (1, 0)),
    "two": ("#E69F00", (7, 3)),
    "three": ("#CC79A7", (2, 2)),
    "four": ("#56B4E9", (8, 2, 2, 2)),
    "five": ("#009E73", (4, 2)),
}
_ON_DARK = {"#0072B2": "#4BA3E3"}  # the one colour of these that is too dark there
_NARROW = 560  # px: below, a legend stands in two columns


@lru_cache(maxsize=256)
def lines(
    theme: str,
    names: tuple[str, ...],
    styles: tuple[str, ...],
    x: Axis,
    y: Axis,
    height: int = 300,
    band: bool = False,
    marks: bool = False,
) -> Spec:
    """Lines by name, each in its style (a key of STYLES), with a legend above where there is more than one.

    Table: curves (name, x, y), and low, high for a band.  With `marks` also marks (name, x, y, words): points
    with words beside them.  Curves are cut at the edge of the picture.
    """
    colour, unnamed, dash = looks(theme, names, styles)
    base = table("curves").encode(x=_axis("x", x), y=_axis("y", y))
    drawn = [base.mark_line(strokeWidth=2.5, clip=True).encode(color=colour, strokeDash=dash, order="x:Q")]
    if band:
        area = table("curves").mark_area(opacity=0.18, clip=True)
        drawn.insert(0, area.encode(x=_axis("x", x), y=_axis("low", y), y2="high:Q", color=unnamed))
    tip = [alt.Tooltip("name:N", title=" "), _tip("x", x), _tip("y", y)]
    drawn.append(base.mark_point(size=60, opacity=0, clip=True).encode(tooltip=tip))
    if marks:
        points = table("marks").encode(x=_axis("x", x), y=_axis("y", y))
        right = f"datum.x > {(x.low * x.high) ** 0.5 if x.scale == 'log' else (x.low + x.high) / 2}"
        align, shift = alt.expr(f"{right} ? 'right' : 'left'"), alt.expr(f"{right} ? -10 : 10")
        drawn.append(points.mark_point(filled=True, size=90, opacity=1).encode(color=unnamed))
        drawn.append(
            points.mark_text(align=align, dx=shift, dy=-10, fontSize=LABEL_SIZE, color=INK[theme]).encode(
                text="words:N"
            )
        )
    return layered(drawn, height=height, scrub=False)


class Looks(NamedTuple):
    """How lines are told apart by name: the colour with its legend, the same colour without, and the dash."""

    colour: alt.Color
    unnamed: alt.Color
    dash: alt.StrokeDash


def looks(theme: str, names: tuple[str, ...], styles: tuple[str, ...]) -> Looks:
    """Each name in its style, a key of STYLES or "ink"; a legend above where there is more than one."""
    legend = None
    if len(names) > 1:
        columns = alt.expr(f"width < {_NARROW} ? 2 : {len(names)}")  # on a phone one row would be cut off
        legend = alt.Legend(
            orient="top",
            title=None,
            columns=columns,
            labelFontSize=LABEL_SIZE,
            labelLimit=320,
            symbolType="stroke",
            symbolSize=400,
            symbolStrokeWidth=2.5,
        )
    known = {**STYLES, "ink": (INK[theme], (1, 0))}
    colours = [known[style][0] for style in styles]
    colours = [themed(colour, _ON_DARK[colour])[theme] if colour in _ON_DARK else colour for colour in colours]
    scale = alt.Scale(domain=list(names), range=colours)
    dashes = alt.Scale(domain=list(names), range=[list(known[style][1]) for style in styles])
    return Looks(
        colour=alt.Color("name:N", scale=scale, legend=legend),
        unnamed=alt.Color("name:N", scale=scale, legend=None),
        dash=alt.StrokeDash("name:N", scale=dashes, legend=legend),
    )


def _axis(field: str, span: Axis) -> Any:
    kind: dict[str, Any] = {"type": span.scale, "domain": [span.low, span.high], "nice": False}
    axis = plain_axis()
    if span.scale != "linear":
        first = span.low if span.scale == "log" else min(1.0, span.high)
        values = decades(first, max(span.high, first), 6)
        axis = alt.Axis(
            values=values if span.scale == "log" else [0, *values],
            labelExpr=POWERS,
            labelFontSize=LABEL_SIZE,
            titleFontSize=LABEL_SIZE,
        )
    if span.scale == "symlog":
        kind["constant"] = 1
    channel = alt.X if field == "x" else alt.Y
    return channel(f"{field}:Q", title=span.title, scale=alt.Scale(**kind), axis=axis)


def _tip(field: str, span: Axis) -> alt.Tooltip:
    return alt.Tooltip(f"{field}:Q", title=span.title, format=".4~g")
