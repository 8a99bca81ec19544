"""The chart of the trainability map: the picture on log axes, and a box to zoom into."""

from functools import lru_cache
from typing import Any

import altair as alt

from ...drawing.axes import POWERS, decades, number_words, power_of
from ...drawing.chart_parts import LABEL_SIZE, Spec, layered, log_scale, table

BOX = "box"  # the selection, of fields first and second
_LOOKS: dict[str, Any] = {"labelFontSize": LABEL_SIZE, "titleFontSize": LABEL_SIZE, "grid": False}


@lru_cache(maxsize=64)
def trainability_map(first: tuple[float, float], second: tuple[float, float]) -> Spec:
    """The picture over the rates of layer 1 (across) and layer 2 (up); dragging selects a box.

    Tables: picture (image, top, part), each band of it so far down and so tall, in parts of the height; corners (first,
    second): the ends of the window, which the box is measured by.
    """
    x = alt.X("first:Q", title="learning rate of layer 1", scale=log_scale(*first), axis=_axis(*first))
    y = alt.Y("second:Q", title="learning rate of layer 2", scale=log_scale(*second), axis=_axis(*second))
    corners = table("corners").mark_point(opacity=0).encode(x=x, y=y).properties(name="corners")
    image = (
        table("picture")
        .mark_image(
            width=alt.expr("width"),
            height=alt.expr("height * datum.part"),
            y=alt.expr("height * datum.top"),
            aspect=False,
            align="left",
            baseline="top",
            smooth=False,
        )
        .encode(x=alt.value(0), url="image:N")
    )
    box = {"name": BOX, "select": {"type": "interval", "encodings": ["x", "y"]}, "views": ["corners"]}
    return layered([image, corners], height=560, scrub=False) | {"params": [box]}


def _axis(low: float, high: float) -> alt.Axis:
    """Powers of ten; in a narrow window numbers with as many digits as tell them apart."""
    if len(powers := decades(low, high)) > 1:
        return alt.Axis(values=powers, labelExpr=POWERS, **_LOOKS)
    return alt.Axis(
        labelExpr=number_words("datum.value", power_of("datum.value"), digits=6),
        labelOverlap=True,
        tickCount=6,
        **_LOOKS,
    )
