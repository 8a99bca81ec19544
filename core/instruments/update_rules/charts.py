"""Charts of update rules on a surface: each one's way with what it remembers, and all of them side by side."""

from functools import lru_cache
from typing import Any

import altair as alt

from ...drawing.axes import Axis
from ...drawing.chart_parts import INK, LABEL_SIZE, PAPER, Spec, layered, mark, plain_axis, table, tip, told
from ...drawing.charts import latest, within
from ...drawing.lines import Fields, Level, lines, race_styles, style_colour

_ARROW = 80  # px, the longest
_SQUARE = 40  # px, the side of the largest
_SHAPE = "M-.03 0L-.03 -.74L-.11 -.74L0 -1L.11 -.74L.03 -.74L.03 0Z"  # upright, its foot in the middle, length 1
_ANGLE = alt.expr("atan2(datum.right * width, datum.up * height) * 180 / PI")  # from upright, clockwise
_CORNER = {"w": 84, "b": 34}  # px from the right: the middle of each square
_SHARES = Axis(low=1e-2, high=10.0, title="share of the limit", scale="log")
_FAINT = 0.5  # of what the play bar has not reached: less is lost on dark paper
_SEEN = "datum.epoch <= toNumber(epoch)"


@lru_cache(maxsize=128)
def way(theme: str, place: int, w: tuple[float, float], b: tuple[float, float], squares: bool) -> Spec:
    """One rule's way over the map, with arrows for what pulls and what is remembered; `squares`: in a corner, too.

    place: the rule's among all, for its colour.  Arrows and squares are as large as the square root of what they show.
    Tables: contours (w, b, w2, b2), path (epoch, w, b, height), arrows (kind, epoch, w, b, right, up, length),
    squares (axis, epoch, side), places (w, b).
    """
    ink, colour = INK[theme], style_colour(f"race {place}", theme)
    x = alt.X("w:Q", title="w", scale=alt.Scale(domain=list(w), nice=False), axis=plain_axis())
    y = alt.Y("b:Q", title="b", scale=alt.Scale(domain=list(b), nice=False), axis=plain_axis())
    rings = table("contours").mark_rule(color=ink, opacity=0.3, strokeCap="butt")
    path = table("path").encode(x=x, y=y, order="epoch:Q")

    def inside(chart: alt.Chart) -> alt.Chart:
        return chart.transform_filter(within("w", w) + " && " + within("b", b))

    seen = path.transform_filter(_SEEN)
    tips = [alt.Tooltip("epoch:Q", title="step"), tip("height")]
    arrows = latest(table("arrows"), ("kind",))
    arrow: dict[str, Any] = {
        "shape": _SHAPE,
        "angle": _ANGLE,
        "filled": True,
        "opacity": 1,
        "clip": True,
        "size": alt.expr(f"pow({2 * _ARROW} * datum.length, 2)"),
    }
    here = latest(table("path"), ()).encode(x=x, y=y)
    goal = table("places").mark_point(shape="cross", angle=45, size=120, filled=True, opacity=1, color=ink)
    layers = [
        rings.encode(x=x, y=y, x2="w2:Q", y2="b2:Q"),
        path.mark_line(color=colour, opacity=_FAINT, strokeWidth=1.5, clip=True),
        goal.encode(x=x, y=y),
        seen.mark_line(color=colour, strokeWidth=2.5, strokeJoin="round", clip=True),
        told(inside(seen), "height").mark_point(color=colour, filled=True, size=22, opacity=1).encode(tooltip=tips),
        *[
            arrows.transform_filter(f"datum.kind == '{kind}'").mark_point(**arrow, color=fill).encode(x=x, y=y)
            for kind, fill in (("downhill", ink), ("velocity", colour))
        ],
        inside(here).mark_point(filled=True, size=130, opacity=1, color=colour, stroke=ink, strokeWidth=1.5),
    ]
    if squares:
        layers += _squares(theme, colour)
    return layered(layers, height=300, key=_key(theme, colour, squares))


def _key(theme: str, colour: str, squares: bool) -> list[dict[str, Any]]:
    """What a page says of the marks in words."""
    return [
        mark("each step", "circle", colour),
        mark("downhill", "arrow", INK[theme]),
        mark("velocity, where a rule has one", "arrow", colour),
        mark("minimum", "cross", INK[theme]),
        *([mark("remembered size of past slopes", "square", colour)] if squares else []),
    ]


def _squares(theme: str, colour: str) -> list[alt.Chart]:
    """The remembered squares, one for w and one for b, on a plate in the upper right corner."""
    ink, across = INK[theme], alt.expr(f"width - (datum.axis == 'w' ? {_CORNER['w']} : {_CORNER['b']})")
    now = latest(table("squares"), ("axis",))
    side: Any = alt.expr(f"pow({_SQUARE} * datum.side, 2)")
    plate = alt.Chart(alt.InlineData([{}])).mark_rect(
        x=alt.expr("width - 114"), x2=alt.expr("width - 4"), y=4, y2=70, cornerRadius=6
    )
    shown = now.mark_point(shape="square", x=across, y=28, filled=True, color=colour, size=side)
    letters = now.mark_text(x=across, y=66, fontSize=LABEL_SIZE, color=ink, baseline="bottom")
    return [
        plate.encode(color=alt.value(PAPER[theme]), opacity=alt.value(0.85)),
        shown.encode(opacity=alt.value(1)),
        letters.encode(text="axis:N"),
    ]


def heights(
    theme: str, names: tuple[str, ...], titles: tuple[str, ...], places: tuple[int, ...], steps: int, y: Axis
) -> Spec:
    """Height against step, a line a rule. Table: ways (runner, epoch, loss)."""
    of, x = Fields("ways", "runner", "epoch", "loss"), Axis(low=0, high=steps, title="step")
    return lines(theme, names, race_styles(places), x, y, 280, of=of, titles=titles, tips=(), faint=2, leaves=True)


def shares(theme: str, names: tuple[str, ...], titles: tuple[str, ...], places: tuple[int, ...], steps: int) -> Spec:
    """Rate x sharpness as a share of each rule's own stability line. Table: ways (runner, epoch, share)."""
    of, x = Fields("ways", "runner", "epoch", "share"), Axis(low=0, high=steps, title="step")
    level = Level(1.0, "its own limit: unstable above", -10)
    return lines(
        theme, names, race_styles(places), x, _SHARES, 280, of=of, titles=titles, tips=(), faint=2, level=level
    )
