"""The picture of lesson 6: the network as circles and lines, a line's colour, dash and thickness telling its number."""

from functools import lru_cache
from typing import Any

import altair as alt

from ..drawing.chart_parts import INK, LABEL_SIZE, PAPER, Spec, layered, table
from ..drawing.charts import DASHES, role_colour

_HEIGHT = 470
_CIRCLE = 2000  # px^2: holds five characters
_LETTERS = LABEL_SIZE + 2  # px
_COLUMNS = [{"x": 0, "words": "input"}, {"x": 1, "words": "hidden"}, {"x": 2, "words": "output"}]


@lru_cache(maxsize=8)
def network(theme: str) -> Spec:
    """Nodes hold their value; lines are blue where positive, orange and dashed where negative, thick where large.

    Tables: nodes (x, y, name, value, below, further), edges (x, y, x2, y2, kind, width, opacity),
    chosen (x, y, x2, y2, at_x, at_y, words).  Circles and letters are parts of its height: on a low slide they would
    lie on each other.
    """
    ink, paper = INK[theme], PAPER[theme]
    x_scale, y_scale = alt.Scale(domain=[-0.3, 2.4], nice=False), alt.Scale(domain=[-0.35, 3.8], nice=False)
    x, y = alt.X("x:Q", scale=x_scale, axis=None), alt.Y("y:Q", scale=y_scale, axis=None)
    kinds = ["positive", "negative", "zero", "overflow"]
    colours = [role_colour(role, theme) for role in ("low", "high", "open", "open")]
    dashes = [list(DASHES["good"]), [7, 4], [1, 4], [1, 4]]
    edges = (
        table("edges")
        .mark_rule(strokeCap="butt")
        .encode(
            x=x,
            y=y,
            x2="x2:Q",
            y2="y2:Q",
            color=alt.Color("kind:N", scale=alt.Scale(domain=kinds, range=colours), legend=None),
            strokeDash=alt.StrokeDash("kind:N", scale=alt.Scale(domain=kinds, range=dashes), legend=None),
            strokeWidth=alt.StrokeWidth("width:Q", scale=None, legend=None),
            opacity=alt.Opacity("opacity:Q", scale=None, legend=None),
        )
    )
    chosen = table("chosen")
    halo = chosen.mark_rule(color=ink, opacity=0.16, strokeWidth=20, strokeCap="round").encode(
        x=x, y=y, x2="x2:Q", y2="y2:Q"
    )
    words_at = chosen.encode(
        x=alt.X("at_x:Q", scale=x_scale, axis=None), y=alt.Y("at_y:Q", scale=y_scale, axis=None), text="words:N"
    )
    letters, circle = _part(_LETTERS), alt.expr(f"{_CIRCLE} * pow(height / {_HEIGHT}, 2)")
    behind = words_at.mark_text(fontSize=letters, fontWeight="bold", stroke=paper, strokeWidth=6, color=paper)
    words = words_at.mark_text(fontSize=letters, fontWeight="bold", color=ink)
    nodes = table("nodes").encode(x=x, y=y)
    circles = nodes.mark_point(shape="circle", size=circle, filled=True, color=paper, opacity=1)
    rims = nodes.mark_point(shape="circle", size=circle, filled=False, color=ink, opacity=0.85, strokeWidth=1.5)
    values = nodes.mark_text(fontSize=letters, color=ink).encode(text="value:N")
    captions = [
        part
        for field, dy in (("name", -33), ("below", 34), ("further", 51))
        for part in (
            nodes.mark_text(dy=_part(dy), fontSize=letters, stroke=paper, strokeWidth=4, color=paper).encode(
                text=f"{field}:N"
            ),
            nodes.mark_text(dy=_part(dy), fontSize=letters, color=ink).encode(text=f"{field}:N"),
        )
    ]
    heads = (
        alt.Chart(alt.InlineData(_COLUMNS))
        .mark_text(fontSize=letters, color=ink, opacity=0.65)
        .encode(x=x, y=alt.value(8), text="words:N")
    )
    return layered([heads, halo, edges, circles, rims, values, *captions, behind, words], height=_HEIGHT, scrub=False)


def _part(size: float) -> Any:
    """So many px at its own height, and as much more or less as it is higher or lower."""
    return alt.expr(f"{size} * height / {_HEIGHT}")
