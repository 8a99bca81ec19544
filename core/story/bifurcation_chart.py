"""The picture of the doubling route to chaos: the values w still takes after many steps, against the learning rate."""

from functools import lru_cache

import altair as alt

from ..drawing.chart_parts import INK, LABEL_SIZE, Spec, layered, plain_axis, table
from ..drawing.charts import COLOURS

_HEIGHT = 340


@lru_cache(maxsize=16)
def bifurcation(theme: str, rates: tuple[float, float], limit: float) -> Spec:
    """Dots of w against the rate, the limit as a rule, and one rate's own dots on top.

    Tables: dots (rate, w), chosen (rate, w).  rates: what the axis spans.
    """
    x = alt.X("rate:Q", title="learning rate", scale=alt.Scale(domain=list(rates), nice=False), axis=plain_axis())
    y = alt.Y("w:Q", title="w, after many steps", scale=alt.Scale(domain=[0, 1.3], nice=False), axis=plain_axis())
    ink, shade = INK[theme], COLOURS["low"][1 if theme == "dark" else 0]
    dots = table("dots").mark_square(size=3, color=shade, opacity=0.55, clip=True).encode(x=x, y=y)
    at_limit = alt.Chart(alt.InlineData([{"rate": limit, "words": "the limit"}])).encode(x=x)
    rule = at_limit.mark_rule(color=ink, strokeDash=[4, 3], strokeWidth=1.5)
    words = at_limit.mark_text(align="left", dx=6, fontSize=LABEL_SIZE + 1, color=ink).encode(
        y=alt.value(12), text="words:N"
    )
    chosen = table("chosen").encode(x=x)
    line = chosen.mark_rule(color=COLOURS["high"][0], opacity=0.12, clip=True)
    own = chosen.mark_point(filled=True, size=45, color=COLOURS["high"][0], opacity=1, clip=True).encode(y=y)
    return layered([dots, rule, words, line, own], height=_HEIGHT, scrub=False)
