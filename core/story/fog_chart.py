"""The pictures of lesson 2: the ground under the feet, and the map once the fog is lifted."""

from functools import lru_cache
from typing import Any

import altair as alt

from ..drawing.axes import Axis
from ..drawing.chart_parts import INK, LABEL_SIZE, Spec, layered, plain_axis, rimmed, table, themed, tip, told
from ..drawing.charts import role_colour
from ..drawing.lines import STYLES, lines, looks

_HEIGHT = 380
_ARROW = 90  # px from the middle to its tip
_SHAPE = "M-.03 0L-.03 -.72L-.13 -.72L0 -1L.13 -.72L.03 -.72L.03 0Z"  # upright, its foot in the middle, length 1
_ANGLE = alt.expr("atan2(datum.w, datum.b) * 180 / PI")  # from upright, clockwise
_LOWEST = STYLES["good"][0]
_FOG = themed("#9AA3AD", "#5B6570")


@lru_cache(maxsize=4)
def ground(theme: str) -> Spec:
    """The walker in the fog and an arrow that points downhill. Table: arrow (w, b), a direction of length 1.

    Placed by pixels from the middle, so that the direction is true however wide the picture is.
    """
    ink, way, fog = INK[theme], _you(theme), _FOG[theme]
    stops = [(f"{fog}00", 0.2), (f"{fog}C8", 0.7), (fog, 1.0)]
    mist = alt.RadialGradient(gradient="radial", stops=[alt.GradientStop(color=c, offset=at) for c, at in stops])
    one, arrow = alt.Chart(alt.InlineData([{}])), table("arrow")
    x, y, right, up = (
        alt.expr("width / 2"),
        alt.expr("height / 2"),
        "width / 2 + {} * datum.w",
        "height / 2 - {} * datum.b",
    )
    beyond: dict[str, Any] = {"x": alt.expr(right.format(_ARROW + 48)), "y": alt.expr(up.format(_ARROW + 26))}
    letters: dict[str, Any] = {"fontSize": LABEL_SIZE + 2, "color": ink}
    layers = [
        one.mark_rect(x=0, x2=alt.expr("width"), y=0, y2=alt.expr("height"), color=mist),
        arrow.mark_point(x=x, y=y, shape=_SHAPE, angle=_ANGLE, filled=True, size=(2 * _ARROW) ** 2, color=way),
        one.mark_point(x=x, y=y, filled=True, size=170, color=ink),
        arrow.mark_text(**beyond, **letters, fontWeight="bold", text="downhill"),
        one.mark_text(x=alt.expr("width - 8"), y=y, align="right", text="larger w →", **letters),
        one.mark_text(x=x, y=16, text="larger b ↑", **letters),
    ]
    # Vega-Lite takes no layer that encodes nothing.
    return layered([layer.encode(opacity=alt.value(1)) for layer in layers], height=_HEIGHT, scrub=False)


@lru_cache(maxsize=2)
def two_walkers(theme: str) -> Spec:
    """Two places and the slope at each.

    Tables: walkers and predicted (w, b, words); once known contours, ways (w, b, w2, b2), bottom (w, b) and
    far (w, b, words), words beside the ways.
    """
    x = alt.X("w:Q", title="w", scale=alt.Scale(domain=[-11, 11], nice=False), axis=plain_axis())
    y = alt.Y("b:Q", title="b", scale=alt.Scale(domain=[-2, 2], nice=False), axis=plain_axis())
    ink, walkers, bottom = INK[theme], table("walkers").encode(x=x, y=y), table("bottom").encode(x=x, y=y)
    ends = {"x2": "w2:Q", "y2": "b2:Q"}
    ways = table("ways").mark_rule(color=_you(theme), strokeWidth=2, strokeDash=[5, 4])
    words: dict[str, Any] = {"align": "left", "fontSize": LABEL_SIZE + 2}
    # Beside a way that goes down, below the middle of one that goes across.
    below = {"align": alt.expr("datum.w ? 'center' : 'left'"), "dx": alt.expr("datum.w ? 0 : 8"), "dy": 14}
    predicted, standing = table("predicted").encode(x=x, y=y), "datum.stands"
    ring = predicted.transform_filter(standing).mark_point(size=420, strokeWidth=2, opacity=1, color=ink)
    layers = [
        table("contours").mark_rule(color=ink, opacity=0.35, clip=True).encode(x=x, y=y, **ends),
        ways.encode(x=x, y=y, **ends),
        bottom.mark_point(shape="cross", angle=45, size=150, filled=True, opacity=1, color=_LOWEST),
        *rimmed(bottom.encode(text=alt.value("the bottom")), theme, dx=10, dy=16, **words),
        walkers.mark_point(filled=True, size=170, opacity=1, color=_you(theme)),
        *rimmed(walkers.encode(text="words:N"), theme, dx=-14, dy=-20, **words),
        *rimmed(table("far").encode(x=x, y=y, text="words:N"), theme, **words | below),
        ring,
        *rimmed(predicted.encode(text="words:N"), theme, dx=-14, dy=-38, **words),
    ]
    return layered(layers, height=_HEIGHT, scrub=False)


@lru_cache(maxsize=64)
def land(theme: str, w: tuple[float, float], b: tuple[float, float], alone: bool = False) -> Spec:
    """Lines of equal loss, the walker's path beside gradient descent's, the start and the lowest points.

    alone: whether there is the walker's path only.
    Tables: contours (w, b, w2, b2), paths (name, piece, step, w, b), places (w, b, what).
    """
    x = alt.X("w:Q", title="w", scale=alt.Scale(domain=list(w), nice=False), axis=plain_axis())
    y = alt.Y("b:Q", title="b", scale=alt.Scale(domain=list(b), nice=False), axis=plain_axis())
    ink = INK[theme]
    lines = table("contours").mark_rule(color=ink, opacity=0.35, strokeCap="butt")
    colour, dash, unnamed, _ = looks(theme, ("best fixed rate", "you")[alone:], ("two", "one")[alone:])
    paths = table("paths").encode(x=x, y=y, color=colour)
    tips = [alt.Tooltip("name:N", title=" "), alt.Tooltip("step:Q"), tip("w"), tip("b")]
    places = table("places").encode(x=x, y=y)
    right = f"datum.w > {(w[0] + w[1]) / 2}"
    return layered(
        [
            lines.encode(x=x, y=y, x2="w2:Q", y2="b2:Q"),
            paths.mark_line(strokeWidth=2.5, clip=True, strokeJoin="round").encode(
                strokeDash=dash, detail="piece:N", order="step:Q"
            ),
            told(paths, "w", "b")
            .mark_point(filled=True, opacity=1, clip=True)
            .encode(
                color=unnamed,
                size=alt.condition("datum.name == 'you'", alt.value(50), alt.value(16)),
                tooltip=tips,
            ),
            places.mark_point(shape="cross", angle=45, size=130, filled=True, opacity=1).encode(
                color=alt.condition("datum.what == 'start'", alt.value(ink), alt.value(_LOWEST))
            ),
            places.mark_text(
                align=alt.expr(f"{right} ? 'right' : 'left'"),
                dx=alt.expr(f"{right} ? -10 : 10"),
                dy=-11,
                fontSize=LABEL_SIZE + 1,
                fontWeight="bold",
                color=ink,
            ).encode(text="what:N"),
        ],
        height=_HEIGHT,
        scrub=False,
    )


def heights(theme: str, lifted: bool, last: int, low: float, high: float) -> Spec:
    """Height by step on a log axis; `lifted` with that of the best fixed rate. Tables: those of lines.lines."""
    names, styles = ("the bottom", "best fixed rate", "you"), ("good", "two", "one")
    kept = slice(None) if lifted else slice(0, None, 2)
    x = Axis(title="step", low=0, high=last)
    y = Axis(title="height (loss)", low=low, high=high, scale="log")
    return lines(theme, names[kept], styles[kept], x, y, height=260, marks=True)


def plateau(theme: str, last: int, high: float) -> Spec:
    """Height by step on a plain axis. Tables: curves (name, x, y), marks (name, x, y, words)."""
    x, y = Axis(title="step", low=0, high=last), Axis(title="height (loss)", low=0, high=high)
    return lines(theme, ("height",), ("one",), x, y, height=260, marks=True)


def _you(theme: str) -> str:
    """The walker's colour: the blue of a line's first style, lighter on dark ground."""
    return role_colour("low", theme)
