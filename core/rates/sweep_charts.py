"""Charts of a sweep: loss against learning rate at any budget, and the best rate against the budget."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import altair as alt

from core.chart_parts import INK, LABEL_SIZE, POWERS, Spec, decades, layered, log_scale, power_axis, table
from core.charts import COLOURS, ZONE_COLOURS, epoch_x, latest

_BAND, _ALIKE = 0.22, 0.16  # opacities


@lru_cache(maxsize=64)
def loss_by_rate(
    theme: str, rates: tuple[float, float], losses: tuple[float, float], limit: float | None, tested: bool
) -> Spec:
    """The loss against the learning rate at the epoch shown: median of the seeds, their band, the best rate.

    limit: where it is predicted to become unstable, None where that is unknown.  tested: whether there is a curve of
    held-out points too.
    Tables: curve (epoch, rate, low, typical, high, words), held_out (epoch, rate, loss), gone (epoch, rate),
    best (epoch, rate, loss, from, to, words).
    """
    ink, good = INK[theme], COLOURS["good"][1 if theme == "dark" else 0]
    x, y = (
        alt.X("rate:Q", **_rates(*rates)),
        alt.Y("typical:Q", title="loss", scale=log_scale(*losses), axis=power_axis(*losses)),
    )
    curve, best = latest(table("curve"), each=()), latest(table("best"), each=())
    band = curve.mark_area(color=ink, opacity=_BAND, clip=True).encode(
        x=x, y=alt.Y("low:Q", scale=log_scale(*losses)), y2="high:Q"
    )
    line = curve.mark_line(color=ink, strokeWidth=2.5, clip=True).encode(x=x, y=y)
    tip = [alt.Tooltip("rate:Q", title="learning rate", format=".3~g"), alt.Tooltip("words:N", title="loss")]
    dots = curve.mark_point(filled=True, size=26, color=ink, opacity=1, clip=True).encode(x=x, y=y, tooltip=tip)
    stretch = best.mark_rect(color=good, opacity=_ALIKE).encode(x=alt.X("from:Q", **_rates(*rates)), x2="to:Q")
    at = best.encode(x=x, y=alt.Y("loss:Q", scale=log_scale(*losses)))
    mark = at.mark_point(filled=True, size=150, color=good, opacity=1)
    low = f"datum.loss < {losses[0] * (losses[1] / losses[0]) ** 0.15}"  # its words would lie on the axis
    words = at.mark_text(
        dy=alt.expr(f"{low} ? -18 : 18"), fontSize=LABEL_SIZE + 1, fontWeight="bold", color=ink
    ).encode(text="words:N")
    gone = (
        latest(table("gone"), each=())
        .mark_point(shape="triangle-up", filled=True, size=60, color=COLOURS["high"][0], opacity=1, yOffset=6)
        .encode(x=x, y=alt.value(0))
    )
    layers = [stretch, band, line, dots, gone, mark, words]
    if tested:
        held_out = latest(table("held_out"), each=()).mark_line(
            color=ink, strokeWidth=1.5, strokeDash=[3, 3], clip=True
        )
        layers.insert(3, held_out.encode(x=x, y=alt.Y("loss:Q", scale=log_scale(*losses))))
    if limit is not None and rates[0] < limit < rates[1]:
        known = alt.Chart(alt.InlineData([{"rate": limit}])).encode(x=x)
        layers.append(known.mark_rule(color=ZONE_COLOURS["unstable"], strokeDash=[4, 3], strokeWidth=2))
        layers.append(
            known.mark_text(align="left", dx=6, fontSize=LABEL_SIZE, fontWeight="bold", color=ink, text="limit").encode(
                y=alt.value(60)
            )
        )
    return layered(layers, height=380)


@lru_cache(maxsize=64)
def best_by_budget(theme: str, rates: tuple[float, float], epochs: int) -> Spec:
    """The best rate against how long is trained, and the stretch that can't be told from it. Table: best."""
    ink, good = INK[theme], COLOURS["good"][1 if theme == "dark" else 0]
    x, y = epoch_x(epochs), alt.Y("rate:Q", **_rates(*rates))
    base = table("best")
    stretch = base.mark_area(color=good, opacity=_ALIKE, interpolate="step-after").encode(
        x=x, y=alt.Y("from:Q", **_rates(*rates)), y2="to:Q"
    )
    line = base.mark_line(color=ink, strokeWidth=2.5, interpolate="step-after").encode(x=x, y=y)
    now = latest(base, each=()).mark_point(filled=True, size=150, color=good, opacity=1).encode(x=x, y=y)
    return layered([stretch, line, now], height=220)


def _rates(low: float, high: float) -> dict[str, Any]:
    """A learning rate on a log axis, with a label at each power of ten."""
    axis = alt.Axis(
        values=decades(low, high), labelExpr=POWERS, grid=False, labelFontSize=LABEL_SIZE, titleFontSize=LABEL_SIZE
    )
    return {"title": "learning rate", "scale": log_scale(low, high), "axis": axis}
