"""Charts: options in, Altair spec out. A chart knows named columns of named tables, nothing else.

Each builder is cached by its options and returns a Vega-Lite spec as a dict; the page sends it
with that run's tables. Charts of a run share a parameter `epoch`, which the page's play bar sets, so moving that
redraws them all in the browser.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt

from ..words import LANE_LETTERS, ZONES, many
from .axes import COUNTS, POWERS, POWERS_OF_COUNTS, decades, padded
from .chart_parts import (
    INK,
    LABEL_SIZE,
    Colour,
    Spec,
    layered,
    limit_marks,
    log_scale,
    mark,
    plain_axis,
    power_axis,
    rate_x,
    rimmed,
    table,
    themed,
    tip,
    told,
    zone_bands,
    zone_scale,
)

# Okabe and Ito's colour-blind safe palette: what stands for a role on a light page, and on a dark one.
COLOURS: dict[str, tuple[str, str]] = {
    "low": ("#0072B2", "#56B4E9"),
    "good": ("#009E73", "#5CC9A7"),
    "high": ("#D55E00", "#F29B5C"),
    "open": ("#7A7A85", "#A9A9B2"),
}
DASHES: dict[str, tuple[int, ...]] = {"low": (6, 3), "good": (1, 0), "high": (2, 2), "open": (8, 2, 2, 2)}
# Two of Okabe and Ito's are too light for lines on a light page, which need a contrast of 3: darker there.
SKY, AMBER = themed("#3A9BD6", "#56B4E9"), themed("#C48700", "#E69F00")
# Okabe and Ito's eight, one a lane by its letter: a lane keeps its hue whatever its rate does. Some are lighter on a
# dark page. And a dash each, so that nothing is told by colour alone.
_HUES = ("#0072B2", "#009E73", "#D55E00", "#CC79A7", SKY["light"], AMBER["light"], "#7A7A85", "#8C6D00")
_DARK_HUES = ("#3391DA", "#00B386", "#E8702A", "#CC79A7", "#8ED1F5", "#E69F00", "#A9A9B2", "#B8940F")
_DASHES = ((1, 0), (6, 3), (2, 2), (8, 2, 2, 2), (10, 4), (4, 2), (1, 1), (12, 3, 2, 3))
_FAINT = 0.28


def lane_colours(lanes: int, theme: str) -> list[str]:
    """A colour for each lane, by its letter."""
    hues = [themed(*hue)[theme] for hue in zip(_HUES, _DARK_HUES, strict=True)]
    return [hues[lane % len(hues)] for lane in range(lanes)]


def lane_dashes(lanes: int) -> list[list[int]]:
    """A dash for each lane, by its letter."""
    return [list(_DASHES[lane % len(_DASHES)]) for lane in range(lanes)]


def lane_looks(lane: int, theme: str) -> tuple[tuple[int, ...], str]:
    """The dash and the colour of a lane, which it keeps whatever its rate does."""
    return tuple(lane_dashes(lane + 1)[lane]), lane_colours(lane + 1, theme)[lane]


def role_colour(role: str, theme: str) -> str:
    """The colour of what stands alone for its role: lighter on a dark page."""
    return themed(*COLOURS[role])[theme]


def on_colour(colour: str) -> str:
    """The ink of letters on a colour: white or black, whichever has more contrast, and so always WCAG's 4.5."""
    if isinstance(colour, Colour):
        light, dark = (on_colour(colour.in_theme(theme)) for theme in ("light", "dark"))
        return themed(light, dark)["light" if colour == colour.in_theme("light") else "dark"]
    return "#FFFFFF" if 1.05 / (_luminance(colour) + 0.05) >= 4.58 else "#000000"  # as far from both


def _luminance(colour: str) -> float:
    """WCAG's relative luminance: 0 for black, 1 for white."""
    parts = (int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
    linear = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@lru_cache(maxsize=512)
def loss_curve(
    theme: str,
    dash: tuple[int, ...],
    colour: str,
    low: float,
    high: float,
    epochs: int,
    height: int = 240,
    tested: bool = False,
    straight: bool = False,
) -> Spec:
    """One lane's loss against the epoch; with `tested` also its loss on held-out points, thinner, in ink.

    straight: whether the epoch axis is, or logarithmic.
    Tables: curve (epoch, loss), exit (epoch, loss, words), test (epoch, loss).
    """
    on_chart = f"datum.loss >= {low} && datum.loss <= {high}"
    line: dict[str, Any] = {"color": colour, "strokeWidth": 2.5, "strokeDash": list(dash), "clip": True}
    x = epoch_x(epochs, straight)
    y = alt.Y("loss:Q", title="loss", scale=log_scale(low, high), axis=power_axis(low, high))
    base = table("curve").encode(x=x, y=y)
    until = base.transform_filter("datum.epoch <= toNumber(epoch)")
    now = until.transform_joinaggregate(last="max(epoch)").transform_filter(f"datum.epoch == datum.last && {on_chart}")
    tips = [alt.Tooltip("epoch:Q", format=","), tip("loss")]
    held_out = (
        table("test")
        .transform_filter("datum.epoch <= toNumber(epoch)")
        .mark_line(color=INK[theme], strokeWidth=1.25, clip=True, opacity=0.8)
        .encode(x=x, y=y)
    )
    layers = [
        base.mark_line(**line, opacity=_FAINT),
        *([held_out] if tested else []),
        until.mark_line(**line),
        told(base.transform_filter(on_chart), "loss").mark_point(size=60, opacity=0).encode(tooltip=tips),
        now.mark_point(size=70, filled=True, color=colour, opacity=1),
        *_exits(theme, colour, low, high, x, y, epochs / 2 if straight else math.sqrt(1 + epochs) - 1),
    ]
    both = [
        mark("on training points", "line", colour, dash=dash),
        mark("on held-out points", "line", INK[theme], wide=1.25),
    ]
    return layered(layers, height=height, key=both if tested else ())


@lru_cache(maxsize=64)
def all_losses(theme: str, count: int, low: float, high: float, epochs: int) -> Spec:
    """The loss of every lane against the epoch, with a mark where a lane leaves the chart.

    Tables: curves (lane, epoch, loss), exits (lane, epoch, loss).
    """
    x, look = epoch_x(epochs), lane_marks(count, theme)
    y = alt.Y("loss:Q", title="loss", scale=log_scale(low, high), axis=power_axis(low, high))
    leave = table("exits").encode(x=x, y=y, color=look["color"])
    down = f"datum.loss < {math.sqrt(low * high)}"
    marks = exit_marks(leave, theme, down, "false", "0")[:1]  # their words stand in the legend
    return layered([table("curves").mark_line(strokeWidth=2.5, clip=True).encode(x=x, y=y, **look), *marks], height=320)


def _exits(theme: str, colour: str, low: float, high: float, x: alt.X, y: alt.Y, middle: float) -> list[alt.Chart]:
    """Where the curve leaves the chart: a mark that points out of it, its words on the side that has room."""
    leave = table("exit").transform_filter("datum.epoch <= toNumber(epoch)").encode(x=x, y=y)
    down = f"datum.loss < {math.sqrt(low * high)}"
    return exit_marks(leave, theme, down, f"datum.epoch > {middle}", f"{down} ? -9 : 9", color=colour)


def exit_marks(chart: alt.Chart, theme: str, down: str, right: str, dy: str, **looks: Any) -> list[alt.Chart]:
    """Marks that point out of a chart, and their words (column words) on the side that has room.

    down, right: whether one leaves it downwards, or stands in the right half.  dy: where its words are.  All three are
    expressions of Vega.  looks: of the marks.
    """
    mark = chart.mark_point(
        shape="triangle",
        angle=alt.expr(f"{down} ? 180 : 0"),
        yOffset=alt.expr(f"{down} ? -8 : 8"),
        size=110,
        filled=True,
        opacity=1,
        **looks,
    )
    words = chart.mark_text(
        align=alt.expr(f"{right} ? 'right' : 'left'"),
        dx=alt.expr(f"{right} ? -11 : 11"),
        dy=alt.expr(dy),
        fontSize=LABEL_SIZE,
        color=INK[theme],
    ).encode(text="words:N")
    return [mark, words]


def leaving(
    until: alt.Chart, each: str, field: str, ends: tuple[float, float], x: alt.X, colour: alt.Color
) -> list[alt.Chart]:
    """A mark where each line first leaves the chart, on the edge it left by: above, and below.

    until: the rows that the play bar has reached.  each, field: the column that tells lines apart, and the one drawn
    up.  ends: of the axis up.  x: of the column epoch.
    """
    low, high = ends
    tip = [alt.Tooltip(f"{each}:N", title=" "), alt.Tooltip("epoch:Q", title="leaves the chart at", format=",")]
    ways = (("up", f"datum.{field} > {high}", 0, 6), ("down", f"datum.{field} < {low}", alt.expr("height"), -6))
    return [
        until.transform_filter(off)
        .transform_aggregate(epoch="min(epoch)", groupby=[each])
        .mark_point(shape=f"triangle-{way}", filled=True, size=90, opacity=1, yOffset=inside)
        .encode(x=x, y=alt.value(edge), color=colour, tooltip=tip)
        for way, off, edge, inside in ways
    ]


@lru_cache(maxsize=64)
def meter_gauge(theme: str, peak: bool) -> Spec:
    """The meter at the epoch shown, on a scale with marks at 1 and 2; with `peak` its largest too, as a hollow mark.

    Table: curve (epoch, meter).
    """
    zones = alt.Chart(alt.InlineData([{"from": k, "to": k + 1, "zone": zone} for k, zone in enumerate(ZONES)]))
    scale = alt.Scale(domain=[0, len(ZONES)], nice=False, clamp=True)
    axis = alt.Axis(
        values=[0, 1, 2], grid=False, ticks=False, domain=False, labelFontSize=LABEL_SIZE, format="d", title=None
    )
    band = zones.mark_bar(height=12, opacity=0.35).encode(
        x=alt.X("from:Q", scale=scale, axis=axis),
        x2="to:Q",
        color=alt.Color("zone:N", scale=zone_scale(), legend=None),
    )
    marks = (
        alt.Chart(alt.InlineData([{"at": 1}, {"at": 2}]))
        .mark_tick(size=18, thickness=2, color=INK[theme])
        .encode(x=alt.X("at:Q", scale=scale))
    )
    now = (
        table("curve")
        .transform_filter("datum.epoch <= toNumber(epoch) && isValid(datum.meter)")
        .transform_joinaggregate(last="max(epoch)")
        .transform_filter("datum.epoch == datum.last")
        .encode(x=alt.X("meter:Q", scale=scale))
    )
    needle = now.mark_point(shape="triangle-down", size=130, filled=True, color=INK[theme], opacity=1, yOffset=-10)
    largest = (
        table("curve")
        .transform_aggregate(meter="max(meter)")
        .mark_point(shape="triangle-down", size=130, color=INK[theme], opacity=0.6, yOffset=-10)
        .encode(x=alt.X("meter:Q", scale=scale))
    )
    key = [mark("at the last epoch", "triangle-down", INK[theme])]
    key += [mark("largest of the run", "triangle-down", INK[theme], hollow=True, opacity=0.6)] if peak else []
    return layered([band, marks, *([largest] if peak else []), needle], height=54, key=key)


@lru_cache(maxsize=64)
def ruler(theme: str, count: int, rates: tuple[float, float], losses: tuple[float, float], epochs: int) -> Spec:
    """Final loss against learning rate over the zones of theory.

    Tables: sweep (rate, loss), zones (from, to, zone), limits (rate, words, row),
    lanes (lane, rate, loss, words), below (rate, loss, words).
    """
    x = rate_x(*rates)
    y = alt.Y(
        "loss:Q",
        title=f"loss after {many(epochs, 'epoch')}",
        scale=log_scale(*losses),
        axis=power_axis(*losses, count=5),
    )
    curve = table("sweep").mark_line(color=INK[theme], strokeWidth=2.5, clip=True, opacity=0.75).encode(x=x, y=y)
    below = table("below").encode(x=x, y=y)
    sunk = below.mark_point(shape="triangle-down", size=90, filled=True, color=INK[theme], opacity=0.75, yOffset=-7)
    sunk_words = below.mark_text(align="right", dx=-10, dy=-8, fontSize=LABEL_SIZE, color=INK[theme]).encode(
        text="words:N"
    )
    lanes = table("lanes").encode(x=x, y=y)
    handles = lanes.mark_point(filled=True, opacity=1, size=240).encode(color=lane_marks(count, theme)["color"])
    letters = lanes.mark_text(fontSize=11, fontWeight="bold").encode(**lane_letters(count, theme))
    layers = [
        zone_bands(*rates),
        curve,
        *limit_marks(theme, *rates, down=110),
        sunk,
        sunk_words,
        handles,
        letters,
    ]
    key = [mark("loss at each rate", "line", INK[theme], opacity=0.75)]
    return layered(layers, height=270, scrub=False, key=key)


@lru_cache(maxsize=64)
def fitted_lines(
    theme: str,
    count: int,
    x: tuple[float, float],
    y: tuple[float, float],
    x_title: str,
    y_title: str,
) -> Spec:
    """The data and each lane's line at the epoch shown. Tables: points (x, y), fits (lane, epoch, x, y)."""
    x_axis = alt.X("x:Q", title=x_title, scale=alt.Scale(domain=padded(*x), nice=False), axis=plain_axis())
    y_axis = alt.Y("y:Q", title=y_title, scale=alt.Scale(domain=list(y), nice=False), axis=plain_axis())
    dots = table("points").mark_circle(size=55, color=INK[theme], opacity=0.55).encode(x=x_axis, y=y_axis)
    lines = (
        latest(table("fits"))
        .mark_line(strokeWidth=2.5, clip=True)
        .encode(x=x_axis, y=y_axis, **lane_marks(count, theme))
    )
    key = [mark("the data", "circle", INK[theme], opacity=0.55)]
    return layered([dots, lines], height=300, key=key)


@lru_cache(maxsize=64)
def contour(theme: str, count: int, w: tuple[float, float], b: tuple[float, float]) -> Spec:
    """Lines of equal loss over (w, b) and each lane's path.

    Tables: contours (level, w, b), paths (lane, epoch, w, b), places (w, b, what).
    """
    x = alt.X("w:Q", title="w", scale=alt.Scale(domain=list(w), nice=False), axis=plain_axis())
    y = alt.Y("b:Q", title="b", scale=alt.Scale(domain=list(b), nice=False), axis=plain_axis())
    rings = (
        table("contours")
        .transform_window(order="row_number()")  # corner by corner, as the table has them
        .mark_line(color=INK[theme], strokeWidth=1, opacity=0.3, clip=True)
        .encode(x=x, y=y, detail="level:N", order="order:Q")
    )
    seen = table("paths").transform_filter("datum.epoch <= toNumber(epoch)")
    steps = seen.mark_line(strokeWidth=2, clip=True, strokeJoin="round").encode(
        x=x, y=y, order="epoch:Q", **lane_marks(count, theme)
    )
    now = (
        latest(table("paths"))
        .transform_filter(within("w", w) + " && " + within("b", b))
        .mark_point(filled=True, size=90, opacity=1)
        .encode(x=x, y=y, color=lane_marks(count, theme)["color"])
    )
    places = table("places").encode(x=x, y=y)
    cross = places.mark_point(shape="cross", angle=45, size=90, color=INK[theme], filled=True, opacity=0.9)
    key = [mark("equal loss", "line", INK[theme], wide=1, opacity=0.3)]
    return layered([rings, steps, now, cross, *named_places(places, theme)], height=300, key=key)


def named_places(places: alt.Chart, theme: str) -> list[alt.Chart]:
    """Start and minimum by name, below them: paths run from side to side."""
    return rimmed(places.encode(text="what:N"), theme, dy=18, fontSize=LABEL_SIZE)


@lru_cache(maxsize=64)
def weight_curve(theme: str, count: int, low: float, high: float, epochs: int, symlog: bool) -> Spec:
    """w against the epoch, all lanes. Table: weights (lane, epoch, w)."""
    y = alt.Y("w:Q", title="w", scale=alt.Scale(domain=[low, high], nice=False), axis=plain_axis())
    if symlog:
        powers = [10.0 ** round(math.log10(high) * part) for part in (0.5, 1)]
        y = alt.Y(
            "w:Q",
            title="w",
            scale=alt.Scale(type="symlog", constant=1, domain=[low, high], nice=False),
            axis=alt.Axis(
                values=[-power for power in powers] + [0, *powers],
                labelExpr=POWERS,
                labelFontSize=LABEL_SIZE,
                titleFontSize=LABEL_SIZE,
                labelOverlap=False,
            ),
        )
    base = table("weights").encode(x=epoch_x(epochs), y=y, **lane_marks(count, theme))
    until = base.transform_filter("datum.epoch <= toNumber(epoch)")
    now = (
        latest(table("weights"))
        .transform_filter(within("w", (low, high)))
        .mark_point(filled=True, size=90, opacity=1)
        .encode(x=epoch_x(epochs), y=y, color=lane_marks(count, theme)["color"])
    )
    return layered(
        [
            base.mark_line(clip=True, strokeWidth=2, opacity=_FAINT),
            until.mark_line(clip=True, strokeWidth=2.5),
            now,
        ],
        height=300,
    )


def within(field: str, ends: tuple[float, float]) -> str:
    """The Vega expression that a row's column lies on the axis: a dot on the frame is drawn whole, one beyond not."""
    return f"inrange(datum.{field}, [{ends[0]}, {ends[1]}])"


def latest(chart: alt.Chart, each: Sequence[str] = ("lane",)) -> alt.Chart:
    """Only the rows at the last epoch that the play bar has reached; of each lane for itself, or of `each`."""
    return (
        chart.transform_filter("datum.epoch <= toNumber(epoch)")
        .transform_joinaggregate(last="max(epoch)", groupby=list(each))
        .transform_filter("datum.epoch == datum.last")
    )


def lane_marks(count: int, theme: str) -> dict[str, Any]:
    """Colour and dash by lane, so that no lane is told by colour alone."""
    letters = _letters(count)
    return {
        "color": alt.Color("lane:N", scale=alt.Scale(domain=letters, range=lane_colours(count, theme)), legend=None),
        "strokeDash": alt.StrokeDash(
            "lane:N",
            scale=alt.Scale(domain=letters, range=lane_dashes(count)),
            legend=None,
        ),
    }


def lane_letters(count: int, theme: str) -> dict[str, Any]:
    """Each lane's letter, in the ink that reads best on the lane's colour."""
    inks = [on_colour(colour) for colour in lane_colours(count, theme)]
    scale = alt.Scale(domain=_letters(count), range=inks)
    return {"text": "lane:N", "color": alt.Color("lane:N", scale=scale, legend=None)}


def _letters(count: int) -> list[str]:
    return list(LANE_LETTERS[:count])


def epoch_x(epochs: float, straight: bool = False, title: str = "epoch") -> alt.X:
    """An epoch axis that gives the first epochs room: straight near 0, logarithmic beyond. Or `straight` all along."""
    scale = alt.Scale(domain=[0, epochs], nice=False) if straight else None
    return alt.X(
        "epoch:Q",
        title=title,
        scale=scale or alt.Scale(type="symlog", constant=1, domain=[0, epochs], nice=False),
        axis=alt.Axis(
            **({"tickCount": 4} if straight else {"values": [0, *decades(1, epochs)]}),
            labelExpr=COUNTS if straight else POWERS_OF_COUNTS,
            grid=False,
            labelFontSize=LABEL_SIZE,
            titleFontSize=LABEL_SIZE,
        ),
    )
