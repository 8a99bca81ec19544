"""What every chart is made of: named tables, axes, and the layers put together as one spec."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import altair as alt

Spec = dict[str, Any]

INK = {"light": "#31333F", "dark": "#FAFAFA"}
PAPER = {"light": "#FFFFFF", "dark": "#171614"}  # the page behind a chart
LABEL_SIZE = 12  # px; larger would not fit the axis of a lane a quarter of a screen wide
_AROUND = {"top": 6, "right": 6, "bottom": 4, "left": 2}  # px: half a mark on an edge; Streamlit's own leaves 20 below
POWERS = (
    "datum.value == 0 ? '0' : abs(log(abs(datum.value)) / LN10) < 4.5 ? format(datum.value, ',')"
    " : (datum.value < 0 ? '-1e' : '1e') + round(log(abs(datum.value)) / LN10)"
)


def table(name: str) -> alt.Chart:
    """A chart over the table that the page sends under this name."""
    return alt.Chart(alt.NamedData(name))


def layered(layers: Sequence[alt.Chart], height: int, scrub: bool = True) -> Spec:
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
        "config": {"aria": False},
        "padding": _AROUND,
    }


def log_scale(low: float, high: float) -> alt.Scale:
    """A logarithmic scale over exactly this stretch."""
    return alt.Scale(type="log", domain=[low, high], nice=False)


def power_axis(low: float, high: float, count: int = 6) -> alt.Axis:
    """Labels at powers of ten, about `count` of them: 0.001, 1, 1,000, 1e6."""
    return alt.Axis(
        values=decades(low, high, count),
        labelExpr=POWERS,
        labelFontSize=LABEL_SIZE,
        titleFontSize=LABEL_SIZE,
        labelOverlap=False,
    )


def plain_axis() -> alt.Axis:
    """Labels at five round numbers or so."""
    return alt.Axis(labelFontSize=LABEL_SIZE, titleFontSize=LABEL_SIZE, tickCount=5)


def decades(low: float, high: float, count: int = 8) -> list[float]:
    """Powers of ten from low to high, at most `count`, evenly spaced."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    step = max(1, math.ceil((last - first + 1) / count))
    return [10.0**k for k in range(first, last + 1, step)]


def padded(low: float, high: float) -> list[float]:
    """The stretch with a twentieth of room at both ends."""
    room = 0.05 * (high - low)
    return [low - room, high + room]
