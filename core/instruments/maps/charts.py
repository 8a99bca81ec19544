"""The chart of a rate map: loss by colour over learning rate and a knob, and the best rate of each of its values."""

from functools import lru_cache

import altair as alt

from ...drawing.axes import POWERS, decades
from ...drawing.chart_parts import INK, LABEL_SIZE, PAPER, Spec, layered, table, tip, told


@lru_cache(maxsize=64)
def rate_map(
    theme: str, knob: str, values: tuple[int, ...], rates: tuple[float, ...], losses: tuple[float, float]
) -> Spec:
    """Loss over learning rate (across) and the knob's values (up); dark is low.

    rates: of the sweep, ascending: each is as wide as the way to its neighbours.
    Tables: cells (value, left, right, loss, words), best (value, rate, from, to).
    """
    ink = INK[theme]
    half = (rates[1] / rates[0]) ** 0.5
    ends = [rates[0] / half, rates[-1] * half]
    scale = alt.Scale(type="log", domain=ends, nice=False)
    axis = alt.Axis(
        values=decades(*ends), labelExpr=POWERS, grid=False, labelFontSize=LABEL_SIZE, titleFontSize=LABEL_SIZE
    )
    rows = alt.Y(
        "value:O",
        title=knob,
        sort="descending",
        scale=alt.Scale(domain=list(values), paddingInner=0, paddingOuter=0),
        axis=alt.Axis(labelFontSize=LABEL_SIZE, titleFontSize=LABEL_SIZE, format=","),
    )
    # Viridis is even in lightness, and safe for colour-blind eyes.
    colour = alt.Color(
        "loss:Q",
        title="final loss",
        scale=alt.Scale(type="log", domain=list(losses), scheme="viridis", clamp=True),
        legend=alt.Legend(orient="bottom", gradientLength=220, labelFontSize=LABEL_SIZE, titleFontSize=LABEL_SIZE),
    )
    tips = [
        alt.Tooltip("value:O", title=knob, format=","),
        tip("rate", "learning rate"),
        alt.Tooltip("words:N", title="final loss"),
    ]
    heat = (
        told(table("cells"), "rate")
        .mark_rect()
        .encode(
            x=alt.X("left:Q", title="learning rate", scale=scale, axis=axis),
            x2="right:Q",
            y=rows,
            color=colour,
            tooltip=tips,
        )
    )
    best = table("best").encode(y=rows)
    paper = str(PAPER["light"])  # in both themes: it lies on colours
    stretch = best.mark_rule(color=paper, strokeWidth=2).encode(x=alt.X("from:Q", scale=scale), x2="to:Q")
    mark = best.mark_point(filled=True, size=110, color=paper, stroke=ink, strokeWidth=1, opacity=1).encode(
        x=alt.X("rate:Q", scale=scale)
    )
    return layered([heat, stretch, mark], height=max(220, 44 * len(values)) + 90, scrub=False)
