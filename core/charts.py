"""Charts: options in, Altair spec out. A chart knows named columns of named tables, nothing else.

Each builder is cached by its options and returns a Vega-Lite spec as a dict; the page sends it
with that run's tables. Charts of a run share a parameter `epoch` with a hidden input, which the page's
scrubber writes to, so moving that redraws them all in the browser.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt

from core.words import LANE_LETTERS, ZONES

Spec = dict[str, Any]

# Okabe and Ito's colour-blind safe palette; a second lane of a role takes the next shade of it.
COLOURS: dict[str, tuple[str, ...]] = {
    "low": ("#0072B2", "#56B4E9", "#004A75"),
    "good": ("#009E73", "#5CC9A7", "#00664A"),
    "high": ("#D55E00", "#F29B5C", "#963F00"),
    "open": ("#7A7A85", "#A9A9B2", "#55555E"),
}
DASHES: dict[str, tuple[int, ...]] = {"low": (6, 3), "good": (1, 0), "high": (2, 2), "open": (8, 2, 2, 2)}
ZONE_COLOURS = dict(zip(ZONES, ("#009E73", "#E6A700", "#D55E00"), strict=True))
_INK = {"light": "#31333F", "dark": "#FAFAFA"}
_CELLS = (24, 18)  # how finely a click on the contour is read; the number fields are exact
_FAINT = 0.28
_LABEL = 12  # px; larger would not fit the axis of a lane a quarter of a screen wide
_POWERS = (
    "datum.value == 0 ? '0' : abs(log(abs(datum.value)) / LN10) < 4.5 ? format(datum.value, ',')"
    " : (datum.value < 0 ? '-1e' : '1e') + round(log(abs(datum.value)) / LN10)"
)


def lane_colours(roles: Sequence[str]) -> list[str]:
    """A colour for each lane: that of its role, shaded by how many lanes of the role came before."""
    seen: dict[str, int] = {}
    colours = []
    for role in roles:
        shades = COLOURS[role]
        colours.append(shades[seen.get(role, 0) % len(shades)])
        seen[role] = seen.get(role, 0) + 1
    return colours


@lru_cache(maxsize=512)
def loss_curve(theme: str, role: str, colour: str, low: float, high: float, epochs: int) -> Spec:
    """One lane's loss against the epoch. Tables: curve (epoch, loss), exit (epoch, loss, words)."""
    on_chart = f"datum.loss >= {low} && datum.loss <= {high}"
    line: dict[str, Any] = {"color": colour, "strokeWidth": 2.5, "strokeDash": list(DASHES[role]), "clip": True}
    y = alt.Y("loss:Q", title="loss", scale=_log_scale(low, high), axis=_power_axis(low, high))
    base = _table("curve").encode(x=_epoch_x(epochs), y=y)
    until = base.transform_filter("datum.epoch <= toNumber(epoch)")
    now = until.transform_joinaggregate(last="max(epoch)").transform_filter(f"datum.epoch == datum.last && {on_chart}")
    tip = [alt.Tooltip("epoch:Q", format=","), alt.Tooltip("loss:Q", format=".4~g")]
    leave = _table("exit").transform_filter("datum.epoch <= toNumber(epoch)").encode(x=_epoch_x(epochs), y=y)
    # The mark points out of the chart, and its words stand on the side that has room.
    down, right = f"datum.loss < {math.sqrt(low * high)}", f"log(1 + datum.epoch) > {math.log1p(epochs) / 2}"
    layers = [
        base.mark_line(**line, opacity=_FAINT),
        until.mark_line(**line),
        base.transform_filter(on_chart).mark_point(size=60, opacity=0).encode(tooltip=tip),
        now.mark_point(size=70, filled=True, color=colour, opacity=1),
        leave.mark_point(
            shape="triangle",
            angle=alt.expr(f"{down} ? 180 : 0"),
            yOffset=alt.expr(f"{down} ? -8 : 8"),
            size=110,
            filled=True,
            color=colour,
            opacity=1,
        ),
        leave.mark_text(
            align=alt.expr(f"{right} ? 'right' : 'left'"),
            dx=alt.expr(f"{right} ? -11 : 11"),
            dy=alt.expr(f"{down} ? -9 : 9"),
            fontSize=_LABEL,
            color=_INK[theme],
        ).encode(text="words:N"),
    ]
    return _spec(layers, height=240)


@lru_cache(maxsize=64)
def meter_gauge(theme: str, peak: bool) -> Spec:
    """The meter at the epoch shown, on a scale with marks at 1 and 2; with `peak` its largest too, as a hollow mark.

    Table: curve (epoch, meter).
    """
    zones = alt.Chart(alt.InlineData([{"from": k, "to": k + 1, "zone": zone} for k, zone in enumerate(ZONES)]))
    scale = alt.Scale(domain=[0, len(ZONES)], nice=False, clamp=True)
    axis = alt.Axis(
        values=[0, 1, 2], grid=False, ticks=False, domain=False, labelFontSize=_LABEL, format="d", title=None
    )
    band = zones.mark_bar(height=12, opacity=0.35).encode(
        x=alt.X("from:Q", scale=scale, axis=axis),
        x2="to:Q",
        color=alt.Color("zone:N", scale=_zone_scale(), legend=None),
    )
    marks = (
        alt.Chart(alt.InlineData([{"at": 1}, {"at": 2}]))
        .mark_tick(size=18, thickness=2, color=_INK[theme])
        .encode(x=alt.X("at:Q", scale=scale))
    )
    now = (
        _table("curve")
        .transform_filter("datum.epoch <= toNumber(epoch) && isValid(datum.meter)")
        .transform_joinaggregate(last="max(epoch)")
        .transform_filter("datum.epoch == datum.last")
        .encode(x=alt.X("meter:Q", scale=scale))
    )
    needle = now.mark_point(shape="triangle-down", size=130, filled=True, color=_INK[theme], opacity=1, yOffset=-10)
    largest = (
        _table("curve")
        .transform_aggregate(meter="max(meter)")
        .mark_point(shape="triangle-down", size=130, color=_INK[theme], opacity=0.6, yOffset=-10)
        .encode(x=alt.X("meter:Q", scale=scale))
    )
    return _spec([band, marks, *([largest] if peak else []), needle], height=48)


@lru_cache(maxsize=64)
def ruler(
    theme: str, roles: tuple[str, ...], rates: tuple[float, float], losses: tuple[float, float], epochs: int
) -> Spec:
    """Final loss against learning rate over the zones of theory.

    Tables: sweep (rate, loss, target, words), zones (from, to, zone), limits (rate, words, row),
    lanes (lane, rate, loss, words), below (rate, loss, words).
    """
    colours = lane_colours(roles)
    x = alt.X(
        "rate:Q",
        title="learning rate",
        scale=alt.Scale(type="log", domain=list(rates), nice=False),
        axis=alt.Axis(
            values=_decades(*rates), labelExpr=_POWERS, grid=False, labelFontSize=_LABEL, titleFontSize=_LABEL
        ),
    )
    y = alt.Y(
        "loss:Q",
        title=f"loss after {epochs:,} epochs",
        scale=_log_scale(*losses),
        axis=_power_axis(*losses, count=5),
    )
    bands = (
        _table("zones")
        .mark_rect(opacity=0.14)
        .encode(
            x=alt.X("from:Q", scale=alt.Scale(type="log", domain=list(rates), nice=False), title="learning rate"),
            x2="to:Q",
            color=alt.Color("zone:N", scale=_zone_scale(), legend=None),
        )
    )
    curve = _table("sweep").mark_line(color=_INK[theme], strokeWidth=2.5, clip=True, opacity=0.75).encode(x=x, y=y)
    pick = alt.selection_point(name="rate", fields=["rate"], on="click", nearest=True, clear=False)
    targets = (
        _table("sweep")
        .mark_point(size=90, opacity=0.001, filled=True, color=_INK[theme])
        .encode(
            x=x,
            y=alt.Y("target:Q", scale=_log_scale(*losses)),
            tooltip=[
                alt.Tooltip("rate:Q", title="learning rate", format=".3~g"),
                alt.Tooltip("words:N", title="loss"),
            ],
        )
        .add_params(pick)
    )
    below = _table("below").encode(x=x, y=y)
    sunk = below.mark_point(shape="triangle-down", size=90, filled=True, color=_INK[theme], opacity=0.75, yOffset=-7)
    sunk_words = below.mark_text(align="right", dx=-10, dy=-8, fontSize=_LABEL, color=_INK[theme]).encode(
        text="words:N"
    )
    limit_words = (
        _table("limits")
        .mark_text(
            align="left",
            dx=6,
            dy=alt.expr("datum.row * 18"),
            fontSize=_LABEL,
            fontWeight="bold",
            color=_INK[theme],
        )
        .encode(x=x, y=alt.value(110), text="words:N")
    )
    limits = _table("limits").mark_rule(color=_INK[theme], strokeDash=[4, 3], strokeWidth=2).encode(x=x)
    lanes = _table("lanes").encode(
        x=x,
        y=y,
        color=alt.Color("lane:N", scale=alt.Scale(domain=_letters(roles), range=colours), legend=None),
    )
    handles = lanes.mark_point(filled=True, opacity=1, size=240)
    letters = _table("lanes").mark_text(fontSize=11, fontWeight="bold", color="white").encode(x=x, y=y, text="lane:N")
    layers = [bands, curve, limits, limit_words, sunk, sunk_words, handles, letters, targets]
    return _spec(layers, height=270, scrub=False)


@lru_cache(maxsize=64)
def fitted_lines(
    theme: str,
    roles: tuple[str, ...],
    x: tuple[float, float],
    y: tuple[float, float],
    x_title: str,
    y_title: str,
) -> Spec:
    """The data and each lane's line at the epoch shown. Tables: points (x, y), fits (lane, epoch, x, y)."""
    x_axis = alt.X("x:Q", title=x_title, scale=alt.Scale(domain=_padded(*x), nice=False), axis=_plain_axis())
    y_axis = alt.Y("y:Q", title=y_title, scale=alt.Scale(domain=list(y), nice=False), axis=_plain_axis())
    dots = _table("points").mark_circle(size=55, color=_INK[theme], opacity=0.55).encode(x=x_axis, y=y_axis)
    lines = _latest(_table("fits")).mark_line(strokeWidth=2.5, clip=True).encode(x=x_axis, y=y_axis, **_lanes(roles))
    return _spec([dots, lines], height=300)


@lru_cache(maxsize=64)
def contour(theme: str, roles: tuple[str, ...], w: tuple[float, float], b: tuple[float, float]) -> Spec:
    """Lines of equal loss over (w, b) and each lane's path; a click on a cell selects it.

    Tables: contours (level, w, b), paths (lane, epoch, w, b), places (w, b, what).
    """
    x = alt.X("w:Q", title="w", scale=alt.Scale(domain=list(w), nice=False), axis=_plain_axis())
    y = alt.Y("b:Q", title="b", scale=alt.Scale(domain=list(b), nice=False), axis=_plain_axis())
    pick = alt.selection_point(name="start", fields=["w", "b"], on="click", clear=False)
    rings = (
        _table("contours")
        .transform_window(order="row_number()")  # corner by corner, as the table has them
        .mark_line(color=_INK[theme], strokeWidth=1, opacity=0.3, clip=True)
        .encode(x=x, y=y, detail="level:N", order="order:Q")
    )
    # Cells to click are made in the browser: nothing but their number is sent.
    columns, rows = _CELLS
    wide, tall = (w[1] - w[0]) / columns, (b[1] - b[0]) / rows
    grid = (
        alt.Chart(alt.sequence(0, columns * rows, as_="cell"))
        .transform_calculate(w1=f"{w[0]} + {wide} * (datum.cell % {columns})")
        .transform_calculate(b1=f"{b[0]} + {tall} * floor(datum.cell / {columns})")
        .transform_calculate(
            w2=f"datum.w1 + {wide}",
            b2=f"datum.b1 + {tall}",
            w=f"datum.w1 + {wide / 2}",
            b=f"datum.b1 + {tall / 2}",
        )
        .mark_rect(opacity=0, cursor="crosshair")
        .encode(
            x=alt.X("w1:Q", scale=alt.Scale(domain=list(w), nice=False)),
            x2="w2:Q",
            y=alt.Y("b1:Q", scale=alt.Scale(domain=list(b), nice=False)),
            y2="b2:Q",
        )
        .add_params(pick)
    )
    seen = _table("paths").transform_filter("datum.epoch <= toNumber(epoch)")
    steps = seen.mark_line(strokeWidth=2, clip=True, strokeJoin="round").encode(
        x=x, y=y, order="epoch:Q", **_lanes(roles)
    )
    now = (
        _latest(_table("paths"))
        .mark_point(filled=True, size=90, opacity=1, clip=True)
        .encode(x=x, y=y, color=_lanes(roles)["color"])
    )
    places = _table("places").encode(x=x, y=y)
    cross = places.mark_point(shape="cross", angle=45, size=90, color=_INK[theme], filled=True, opacity=0.9)
    words = places.mark_text(align="left", dx=9, dy=-9, fontSize=_LABEL, color=_INK[theme]).encode(text="what:N")
    return _spec([rings, steps, now, cross, words, grid], height=300)


@lru_cache(maxsize=64)
def weight_curve(theme: str, roles: tuple[str, ...], low: float, high: float, epochs: int, symlog: bool) -> Spec:
    """w against the epoch, all lanes. Table: weights (lane, epoch, w)."""
    y = alt.Y("w:Q", title="w", scale=alt.Scale(domain=[low, high], nice=False), axis=_plain_axis())
    if symlog:
        powers = [10.0 ** round(math.log10(high) * part) for part in (0.5, 1)]
        y = alt.Y(
            "w:Q",
            title="w",
            scale=alt.Scale(type="symlog", constant=1, domain=[low, high], nice=False),
            axis=alt.Axis(
                values=[-power for power in powers] + [0, *powers],
                labelExpr=_POWERS,
                labelFontSize=_LABEL,
                titleFontSize=_LABEL,
                labelOverlap=False,
            ),
        )
    base = _table("weights").encode(x=_epoch_x(epochs), y=y, **_lanes(roles))
    until = base.transform_filter("datum.epoch <= toNumber(epoch)")
    now = (
        _latest(_table("weights"))
        .mark_point(filled=True, size=90, opacity=1, clip=True)
        .encode(x=_epoch_x(epochs), y=y, color=_lanes(roles)["color"])
    )
    return _spec(
        [
            base.mark_line(clip=True, strokeWidth=2, opacity=_FAINT),
            until.mark_line(clip=True, strokeWidth=2.5),
            now,
        ],
        height=300,
    )


def _table(name: str) -> alt.Chart:
    return alt.Chart(alt.NamedData(name))


def _latest(chart: alt.Chart) -> alt.Chart:
    """Only each lane's rows at the last epoch that the scrubber has reached."""
    return (
        chart.transform_filter("datum.epoch <= toNumber(epoch)")
        .transform_joinaggregate(last="max(epoch)", groupby=["lane"])
        .transform_filter("datum.epoch == datum.last")
    )


def _lanes(roles: Sequence[str]) -> dict[str, Any]:
    """Colour and dash by lane, so that no lane is told by colour alone."""
    letters = _letters(roles)
    return {
        "color": alt.Color("lane:N", scale=alt.Scale(domain=letters, range=lane_colours(roles)), legend=None),
        "strokeDash": alt.StrokeDash(
            "lane:N",
            scale=alt.Scale(domain=letters, range=[list(DASHES[role]) for role in roles]),
            legend=None,
        ),
    }


def _letters(roles: Sequence[str]) -> list[str]:
    return list(LANE_LETTERS[: len(roles)])


def _epoch_x(epochs: int) -> alt.X:
    """An epoch axis that gives the first epochs room: straight near 0, logarithmic beyond."""
    return alt.X(
        "epoch:Q",
        title="epoch",
        scale=alt.Scale(type="symlog", constant=1, domain=[0, epochs], nice=False),
        axis=alt.Axis(
            values=[0, *_decades(1, epochs)],
            labelExpr=_POWERS,
            grid=False,
            labelFontSize=_LABEL,
            titleFontSize=_LABEL,
            labelFlush=True,
        ),
    )


def _log_scale(low: float, high: float) -> alt.Scale:
    return alt.Scale(type="log", domain=[low, high], nice=False)


def _power_axis(low: float, high: float, count: int = 6) -> alt.Axis:
    return alt.Axis(
        values=_decades(low, high, count),
        labelExpr=_POWERS,
        labelFontSize=_LABEL,
        titleFontSize=_LABEL,
        labelOverlap=False,
    )


def _plain_axis() -> alt.Axis:
    return alt.Axis(labelFontSize=_LABEL, titleFontSize=_LABEL, tickCount=5)


def _decades(low: float, high: float, count: int = 8) -> list[float]:
    """Powers of ten from low to high, at most `count`, evenly spaced."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    step = max(1, math.ceil((last - first + 1) / count))
    return [10.0**k for k in range(first, last + 1, step)]


def _padded(low: float, high: float) -> list[float]:
    room = 0.05 * (high - low)
    return [low - room, high + room]


def _zone_scale() -> alt.Scale:
    return alt.Scale(domain=list(ZONE_COLOURS), range=list(ZONE_COLOURS.values()))


def _spec(layers: Sequence[alt.Chart], height: int, scrub: bool = True) -> Spec:
    """The layers as one spec; with `scrub`, tied to the page's scrubber.

    Without a label for each mark: the page gives the chart as a whole its words, which a reader can take in.
    """
    chart = alt.layer(*layers).properties(height=height).resolve_scale(color="independent", strokeDash="independent")
    if scrub:
        # 1e15: everything is shown until a scrubber says otherwise.
        epoch = alt.param(name="epoch", value=1e15, bind=alt.BindInput(input="hidden"))
        chart = chart.add_params(epoch)
    spec: Spec = chart.to_dict(validate=False)
    return {name: part for name, part in spec.items() if name not in ("config", "$schema")} | {
        "config": {"aria": False}
    }
