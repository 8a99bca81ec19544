"""One chart of lines: named lines over one pair of axes, with a band, marked points and a level where asked for."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

import altair as alt

from .axes import POWERS, Axis, decades
from .chart_parts import INK, LABEL_SIZE, Spec, layered, mark, plain_axis, rate_x, rimmed, table, themed, tip, told
from .charts import AMBER, COLOURS, DASHES, SKY, epoch_x, latest, leaving

# Roles first, as in the lab; then what has no role, Okabe and Ito's other colours; then what races, by the place among
# all of its kind, in a grey and Okabe and Ito's palette. A dash each: nothing is told by colour alone.
_RACE = ("#7A7A85", "#0072B2", "#56B4E9", "#E69F00", "#CC79A7", "#D55E00", "#009E73")
_RACE_DASHES = ((1, 0), (6, 3), (2, 2), (8, 2, 2, 2), (10, 4), (4, 2), (1, 1))
STYLES: dict[str, tuple[str, tuple[int, ...]]] = {
    **{role: (COLOURS[role][0], DASHES[role]) for role in COLOURS},
    "one": ("#0072B2", (1, 0)),
    "two": ("#E69F00", (7, 3)),
    "three": ("#CC79A7", (2, 2)),
    "four": ("#56B4E9", (8, 2, 2, 2)),
    "five": ("#009E73", (4, 2)),
    **{f"race {place}": style for place, style in enumerate(zip(_RACE, _RACE_DASHES, strict=True))},
}
_ON_LIGHT = {colour["dark"]: colour["light"] for colour in (SKY, AMBER)}
_ON_DARK = dict.fromkeys(("low", "one"), "#4BA3E3")  # their own is too dark there
_NARROW = 560  # px: below, a legend stands in two columns
_SYMBOL, _LETTER = 45, 7  # px: a line of a legend with the air around it, and one letter of its name
_FAINT = 0.5  # of what the play bar has not reached: less is lost on dark paper


class Fields(NamedTuple):
    """Where the lines stand: the table, and its columns."""

    table: str = "curves"
    name: str = "name"
    x: str = "x"
    y: str = "y"


_CURVES = Fields()


class Level(NamedTuple):
    """A level of y with its words, dy px below it, at the right end; or `above` the picture, where it has no room."""

    value: float
    words: str
    dy: int
    above: bool = False


class Looks(NamedTuple):
    """How lines are told apart by name: colour and dash with their legend, and both without."""

    colour: alt.Color
    dash: alt.StrokeDash
    unnamed: alt.Color
    undashed: alt.StrokeDash


@lru_cache(maxsize=256)
def lines(
    theme: str,
    names: tuple[str, ...],
    styles: tuple[str, ...],
    x: Axis,
    y: Axis,
    height: int = 300,
    *,
    of: Fields = _CURVES,
    titles: tuple[str, ...] = (),
    legend: bool = True,
    width: float = 2.5,
    faint: float = 0,
    tips: tuple[str, ...] | None = None,
    dots: int = 0,
    band: bool = False,
    marks: bool = False,
    best: bool = False,
    level: Level | None = None,
    margin: int = 0,
    leaves: bool = False,
) -> Spec:
    """Lines by name, each in its style (a key of STYLES), cut at the edge of the picture, with a legend.

    Tables: `of`, with low and high for a `band`; marks (name, x, y, words) for `marks`, points with words beside them;
    best for `best`, the best point of each line; below the picture, a triangle on its lower edge.
    titles: what the names are called, in a legend below; else it stands above, where there is more than one.
    width, faint: of the lines, px, and of what the page's play bar has not reached; 0 where there is none.
    tips: the columns that hovering tells, else name, x and y.  dots: how large the points are, 0 for unseen ones.
    leaves: whether a mark stands at the epoch at which a line first leaves the picture, above or below.
    margin: px left of the picture, else as its labels need.  With a play bar and tips, a dot is where it stands.
    """
    look = looks(theme, names, styles, of.name, titles if legend else (), bare=bool(titles) and not legend)
    across, up = _channel(alt.X, of.x, x), _channel(alt.Y, of.y, y, margin)
    base = table(of.table).encode(x=across, y=up)
    layers = _strokes(base, look, of.x, width, faint)
    if band:
        area = table(of.table).mark_area(opacity=0.18, clip=True)
        layers.insert(0, area.encode(x=across, y=_channel(alt.Y, "low", y), y2="high:Q", color=look.unnamed))
    inside = f"datum.{of.y} >= {y.low} && datum.{of.y} <= {y.high}"  # a dot on the frame is drawn whole
    if tips != ():
        said = tips or of[1:]
        read = told(base.transform_filter(inside), *(field for field in said if field not in (of.name, "epoch")))
        layers.append(_hovered(read, look, dots, [_tip(field, of, x, y) for field in said]))
    if best:
        looks_like: dict[str, Any] = {"filled": True, "size": 120, "opacity": 1, "stroke": INK[theme], "strokeWidth": 1}
        dot = table("best").transform_filter(inside).mark_point(**looks_like).encode(y=up)
        under = table("best").transform_filter(f"datum.{of.y} < {y.low}")  # 0 is no place on a log axis
        sunk = under.mark_point(shape="triangle-down", yOffset=-6, **looks_like).encode(y=alt.value(alt.expr("height")))
        layers += [each.encode(x=across, color=look.unnamed) for each in (dot, sunk)]
    if faint and tips != ():
        now = latest(table(of.table), (of.name,)).transform_filter(inside).mark_point(filled=True, size=80, opacity=1)
        layers.append(now.encode(x=across, y=up, color=look.unnamed))
    layers += _marked(theme, look, across, up, x) if marks else []
    layers += _level(theme, up, of.y, level) if level else []
    until = base.transform_filter("datum.epoch <= toNumber(epoch)") if faint else base
    layers += leaving(until, of.name, of.y, y.ends, across, look.unnamed) if leaves else []
    return layered(layers, height=height, scrub=faint > 0, key=_key(theme, titles, styles) if not legend else ())


def _key(theme: str, titles: tuple[str, ...], styles: tuple[str, ...]) -> list[dict[str, Any]]:
    """What a legend would say, where another chart's legend says it on the page."""
    looks = [
        (INK[theme], (1, 0)) if style == "ink" else (style_colour(style, theme), STYLES[style][1]) for style in styles
    ]
    return [mark(title, "line", colour, dash=dash) for title, (colour, dash) in zip(titles, looks, strict=False)]


def race_styles(places: Iterable[int]) -> tuple[str, ...]:
    """The style of each that races, by its place among all of its kind, so that it keeps it where not all are shown."""
    return tuple(f"race {place}" for place in places)


def _strokes(base: alt.Chart, look: Looks, x: str, width: float, faint: float) -> list[alt.Chart]:
    """The lines themselves; those that follow a play bar lie on faint ones that do not."""
    drawn = base.transform_filter("datum.epoch <= toNumber(epoch)") if faint else base
    line = drawn.mark_line(strokeWidth=width, clip=True).encode(color=look.colour, strokeDash=look.dash, order=f"{x}:Q")
    under = base.mark_line(strokeWidth=faint, opacity=_FAINT, clip=True)
    return [*([under.encode(color=look.unnamed, strokeDash=look.undashed)] if faint else []), line]


def _hovered(base: alt.Chart, look: Looks, dots: int, tips: list[alt.Tooltip]) -> alt.Chart:
    """The points that answer the mouse, seen or not."""
    points: alt.Chart = base.mark_point(filled=True, size=dots, opacity=1).encode(color=look.unnamed)
    if not dots:
        points = base.mark_point(size=60, opacity=0)
    return points.encode(tooltip=tips)


def _marked(theme: str, look: Looks, across: alt.X, up: alt.Y, x: Axis) -> list[alt.Chart]:
    """Points of the table marks, their words above them, or on the side that has room near an end."""
    points = table("marks").encode(x=across, y=up)
    left, right = (f"datum.x {side} {_part_of(x, part)}" for side, part in (("<", 0.25), (">", 0.6)))
    align = alt.expr(f"{right} ? 'right' : {left} ? 'left' : 'center'")
    shift = alt.expr(f"{right} ? -10 : {left} ? 10 : 0")
    words = points.mark_text(align=align, dx=shift, dy=-12, fontSize=LABEL_SIZE, color=INK[theme])
    return [
        points.mark_point(filled=True, size=90, opacity=1).encode(color=look.unnamed),
        words.encode(text="words:N"),
    ]


def _part_of(axis: Axis, part: float) -> float:
    """The value so far along an axis."""
    if axis.scale == "log":
        return float(axis.low * (axis.high / axis.low) ** part)
    return axis.low + part * (axis.high - axis.low)


def _level(theme: str, up: alt.Y, y: str, level: Level) -> list[alt.Chart]:
    """A dashed rule across, and its words."""
    line = alt.Chart(alt.InlineData([{y: level.value, "words": level.words}]))
    at: dict[str, Any] = {"x": alt.expr("width - 6"), "align": "right", "dy": level.dy, "fontSize": LABEL_SIZE}
    rule = line.mark_rule(color=INK[theme], strokeDash=[4, 3], strokeWidth=2).encode(y=up)
    words = line.encode(text="words:N", y=alt.value(0) if level.above else up)
    return [rule, *rimmed(words, theme, **at)]


def style_colour(style: str, theme: str) -> str:
    """The colour of a style, a key of STYLES, on a light or a dark page."""
    colour = STYLES[style][0]
    return themed(_ON_LIGHT.get(colour, colour), _ON_DARK.get(style, colour))[theme]


def looks(
    theme: str,
    names: tuple[str, ...],
    styles: tuple[str, ...],
    field: str = "name",
    titles: tuple[str, ...] = (),
    bare: bool = False,
) -> Looks:
    """Each name in its style, a key of STYLES or "ink".

    A legend below with the titles, where there are some; else above, where there is more than one name and not `bare`.
    """
    legend = _below(names, titles) if titles else _above(names) if len(names) > 1 and not bare else None
    known = {style: (style_colour(style, theme), dash) for style, (_, dash) in STYLES.items()}
    known["ink"] = (INK[theme], (1, 0))
    scale = alt.Scale(domain=list(names), range=[known[style][0] for style in styles])
    dashes = alt.Scale(domain=list(names), range=[list(known[style][1]) for style in styles])
    return Looks(
        colour=alt.Color(f"{field}:N", scale=scale, legend=legend),
        dash=alt.StrokeDash(f"{field}:N", scale=dashes, legend=legend),
        unnamed=alt.Color(f"{field}:N", scale=scale, legend=None),
        undashed=alt.StrokeDash(f"{field}:N", scale=dashes, legend=None),
    )


def _above(names: tuple[str, ...]) -> alt.Legend:
    row = sum(_SYMBOL + _LETTER * len(name) for name in names)
    return alt.Legend(
        orient="top",
        title=None,
        columns=alt.expr(f"width < {_NARROW} ? 2 : width < {row:g} ? 3 : {len(names)}"),  # one row would be cut off
        labelFontSize=LABEL_SIZE,
        labelLimit=320,
        symbolType="stroke",
        symbolSize=400,
        symbolStrokeWidth=2.5,
    )


def _below(names: tuple[str, ...], titles: tuple[str, ...]) -> alt.Legend:
    called = " : ".join(f"datum.label == '{name}' ? '{title}'" for name, title in zip(names, titles, strict=True))
    return alt.Legend(
        orient="bottom",
        columns=2,  # three would be cut on a phone
        title=None,
        labelFontSize=LABEL_SIZE,
        symbolStrokeWidth=2.5,
        labelExpr=f"{called} : ''",
    )


def _channel(kind: Any, field: str, span: Axis, margin: int = 0) -> Any:
    """x or y; rates and epochs from left to right stand on the axes they have everywhere."""
    if kind is alt.X and field in ("rate", "epoch"):
        return rate_x(*span.ends) if field == "rate" else epoch_x(span.high, span.scale == "linear", span.title)
    scale: dict[str, Any] = {"type": span.scale, "domain": list(span.ends), "nice": False}
    axis = plain_axis()
    if span.scale != "linear":
        first = span.low if span.scale == "log" else min(1.0, span.high)
        values = decades(first, max(span.high, first), span.labels)
        values = values if span.scale == "log" else [0, *values]
        axis = alt.Axis(values=values, labelExpr=POWERS, labelFontSize=LABEL_SIZE, titleFontSize=LABEL_SIZE)
    if span.scale == "symlog":
        scale["constant"] = 1
    elif field == "rate":
        axis.format = "~g"
    if margin:
        axis.minExtent = axis.maxExtent = margin
        axis.titleX = 4 - margin
    return kind(f"{field}:Q", title=span.title, scale=alt.Scale(**scale), axis=axis)


def _tip(field: str, of: Fields, x: Axis, y: Axis) -> alt.Tooltip:
    if field == of.name:
        return alt.Tooltip(f"{field}:N", title=" ")
    title = {of.x: x.title, of.y: y.title}.get(field, field)
    return alt.Tooltip("epoch:Q", title=title, format=",") if field == "epoch" else tip(field, title)
