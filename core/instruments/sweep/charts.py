"""Charts of a sweep: loss against learning rate at any budget, and the best rate against the budget."""

from functools import lru_cache
from typing import Any

import altair as alt

from ...drawing.axes import Axis
from ...drawing.chart_parts import (
    INK,
    LABEL_SIZE,
    Spec,
    layered,
    limit_marks,
    log_scale,
    mark,
    power_axis,
    rate_axis,
    rate_x,
    rimmed,
    table,
    themed,
    tip,
    told,
    zone_bands,
)
from ...drawing.charts import COLOURS, epoch_x, latest, role_colour, within

_LOWEST = themed("#803DF5", "#B27EFF")  # of the lowest loss so far: what the page's words call violet
_BAND, _ALIKE = 0.22, 0.16  # opacities
_BAR = 7  # px: how high the bar on the axis is


@lru_cache(maxsize=64)
def loss_by_rate(theme: str, rates: Axis, losses: Axis, zoned: bool, tested: bool) -> Spec:
    """The loss against the learning rate at the epoch shown: median of the seeds, their band, the best rate.

    Thinner, the median of the lowest loss that each run has had so far.
    zoned: whether theory knows what to expect of each rate.  tested: whether there is a curve of held-out points too.
    Tables: curve (epoch, rate, low, typical, high, words), lowest (epoch, rate, loss), gone (epoch, rate, left),
    best (epoch, rate, loss, from, to, words); held_out (epoch, rate, loss) where tested; zones (from, to, zone) and
    limits (rate, words, row) where zoned.
    """
    ink, y_scale = INK[theme], log_scale(*losses.ends)
    x, y = rate_x(*rates.ends), alt.Y("typical:Q", title="loss", scale=y_scale, axis=power_axis(*losses.ends))
    curve = latest(table("curve"), each=())
    band = curve.mark_area(color=ink, opacity=_BAND, clip=True).encode(
        x=x, y=alt.Y("low:Q", scale=y_scale), y2="high:Q"
    )
    line = curve.mark_line(color=ink, strokeWidth=2.5, clip=True).encode(x=x, y=y)
    tips = [tip("rate", "learning rate"), alt.Tooltip("words:N", title="loss")]
    inside = told(curve.transform_filter(within("typical", losses.ends)), "rate")
    dots = inside.mark_point(filled=True, size=26, color=ink, opacity=1)
    lowest, held_out = (latest(table(name), each=()).encode(x=x, y=_loss(losses)) for name in ("lowest", "held_out"))
    gone = (
        told(latest(table("gone"), each=()), "rate")
        .mark_point(shape="triangle-up", filled=True, size=60, color=COLOURS["high"][0], opacity=1, yOffset=6)
        .encode(
            x=x, y=alt.value(0), tooltip=[tips[0], alt.Tooltip("left:Q", title="left the chart by epoch", format=",")]
        )
    )
    layers = [
        *([zone_bands(*rates.ends)] if zoned else []),
        band,
        lowest.mark_line(color=_LOWEST[theme], strokeWidth=1.75, clip=True),
        line,
        *([held_out.mark_line(color=ink, strokeWidth=1.5, strokeDash=[3, 3], clip=True)] if tested else []),
        dots.encode(x=x, y=y, tooltip=tips),
        *(limit_marks(theme, *rates.ends, down=30) if zoned else []),
        gone,
        *_best(theme, rates, losses),
    ]
    return layered(layers, height=380, key=_key(theme, tested))


def _key(theme: str, tested: bool) -> list[dict[str, Any]]:
    """What a page says of the marks in words."""
    ink = INK[theme]
    held_out = mark("on held-out points", "line", ink, dash=(3, 3), wide=1.5)
    return [
        mark("median of the seeds", "line", ink),
        mark("from the lowest to the highest seed", "area", ink, opacity=_BAND),
        mark("lowest so far", "line", _LOWEST[theme], wide=1.75),
        *([held_out] if tested else []),
        mark("best rate; bar: about as good", "circle", role_colour("good", theme)),
        mark("above the chart", "triangle-up", COLOURS["high"][0]),
    ]


def _best(theme: str, rates: Axis, losses: Axis) -> list[alt.Chart]:
    """The best rate with its words, and what can't be told from it as a bar on the axis. Table: best.

    A bar: where the ground has the colours of zones, a tinted stretch of it would be one zone more.
    """
    good, best = role_colour("good", theme), latest(table("best"), each=())
    top, bottom = alt.value(alt.expr(f"height - {_BAR}")), alt.value(alt.expr("height"))
    bar = best.mark_rect(color=good, opacity=1).encode(x=rate_x(*rates.ends, "from:Q"), x2="to:Q", y=top, y2=bottom)
    at = best.encode(x=rate_x(*rates.ends), y=_loss(losses))
    near_the_end = f"datum.rate > {rates.low * (rates.high / rates.low) ** 0.9}"
    side = alt.expr(f"{near_the_end} ? 'right' : 'center'")
    return [
        bar,
        at.mark_point(filled=True, size=150, color=good, opacity=1),
        *rimmed(at.encode(text="words:N"), theme, dy=18, align=side, fontSize=LABEL_SIZE + 1),
    ]


def _loss(losses: Axis) -> alt.Y:
    return alt.Y("loss:Q", scale=log_scale(*losses.ends))


@lru_cache(maxsize=64)
def best_by_budget(theme: str, rates: Axis, epochs: int) -> Spec:
    """The best rate against how long is trained, and the stretch that can't be told from it. Table: best."""
    ink, good = INK[theme], role_colour("good", theme)
    x, y = epoch_x(epochs), alt.Y("rate:Q", **rate_axis(*rates.ends))
    base = table("best")
    stretch = base.mark_area(color=good, opacity=_ALIKE, interpolate="step-after").encode(
        x=x, y=alt.Y("from:Q", **rate_axis(*rates.ends)), y2="to:Q"
    )
    line = base.mark_line(color=ink, strokeWidth=2.5, interpolate="step-after").encode(x=x, y=y)
    now = latest(base, each=()).mark_point(filled=True, size=150, color=good, opacity=1).encode(x=x, y=y)
    key = [mark("best rate", "line", ink), mark("about as good", "area", good, opacity=_ALIKE)]
    return layered([stretch, line, now], height=220, key=key)
