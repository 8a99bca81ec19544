"""The picture of lesson 5: paths over the (w, b) plane."""

import json
from functools import lru_cache

import altair as alt

from ..drawing.chart_parts import INK, LABEL_SIZE, Spec, layered, plain_axis, rimmed, table, tip, told
from ..drawing.lines import looks
from ..words import SKETCH

_HEIGHT = 380

# Style (a key of STYLES, or "ink": plain, in the colour of text) and width of each path.
# Equal paths are all seen: the wide ones lie below the narrow ones.
LOOKS = {
    "by hand": ("one", 14),
    "autograd": ("two", 7),
    "finite differences": ("ink", 2),
    "gradient descent": ("one", 2),
    "momentum": ("two", 2),
    "Adam": ("three", 2),
    SKETCH: ("two", 3),
}


@lru_cache(maxsize=64)
def plane(
    theme: str,
    names: tuple[str, ...],
    w: tuple[float, float],
    b: tuple[float, float],
    dots: bool = False,
) -> Spec:
    """Paths by name, each as in LOOKS, over lines of equal loss; dots: one a step.

    Tables: contours (level, w, b), paths (name, step, w, b), places (w, b, what).
    """
    x = alt.X("w:Q", title="w", scale=alt.Scale(domain=list(w), nice=False), axis=plain_axis())
    y = alt.Y("b:Q", title="b", scale=alt.Scale(domain=list(b), nice=False), axis=plain_axis())
    colour, dash, unnamed, _ = looks(theme, names, tuple(LOOKS[name][0] for name in names))
    rings = (
        table("contours")
        .transform_window(order="row_number()")  # corner by corner, as the table has them
        .mark_line(color=INK[theme], strokeWidth=1, opacity=0.25, clip=True)
        .encode(x=x, y=y, detail="level:N", order="order:Q")
    )
    widths = json.dumps({name: LOOKS[name][1] for name in names})
    paths = (
        table("paths")
        .transform_calculate(wide=f"{widths}[datum.name]")
        .mark_line(clip=True)
        .encode(
            x=x,
            y=y,
            order="step:Q",
            color=colour,
            strokeDash=dash,
            strokeWidth=alt.StrokeWidth("wide:Q", scale=None, legend=None),
        )
    )
    points = (
        told(table("paths"), "w", "b")
        .mark_point(filled=True, size=30, opacity=1 if dots else 0, clip=True)
        .encode(
            x=x,
            y=y,
            color=unnamed,
            tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip("step:Q", format=","), tip("w"), tip("b")],
        )
    )
    places = table("places").encode(x=x, y=y)
    crosses = places.mark_point(shape="cross", filled=True, size=110, color=INK[theme], opacity=1)
    words = rimmed(places.encode(text="what:N"), theme, dy=20, fontSize=LABEL_SIZE + 1)
    return layered([rings, paths, points, crosses, *words], height=_HEIGHT, scrub=False)
