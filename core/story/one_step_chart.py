"""The picture of lesson 1: the parabola, the slope where w stands, and the steps along the number line."""

from functools import lru_cache

import altair as alt

from ..drawing.chart_parts import INK, LABEL_SIZE, Spec, layered, plain_axis, rimmed, table, tip, told
from ..drawing.charts import COLOURS

_HEIGHT = 380


@lru_cache(maxsize=256)
def parabola(theme: str, w: tuple[float, float], loss: tuple[float, float]) -> Spec:
    """Loss against w with its tangent and steps; the number line is the line at loss 0.

    Tables: parabola (w, loss), tangent (w, loss), steps (step, w, loss, label, now, named), best (w),
    asked (w, words).
    """
    x = alt.X("w:Q", title="w", scale=alt.Scale(domain=list(w), nice=False), axis=plain_axis())
    y = alt.Y("loss:Q", title="loss", scale=alt.Scale(domain=list(loss), nice=False), axis=plain_axis())
    ink, path, slope = INK[theme], COLOURS["low"][1 if theme == "dark" else 0], COLOURS["high"][0]
    curve = table("parabola").mark_line(color=ink, strokeWidth=2, opacity=0.6, clip=True).encode(x=x, y=y)
    tangent = table("tangent").mark_line(color=slope, strokeWidth=3, clip=True).encode(x=x, y=y)
    zero = alt.Chart(alt.InlineData([{"zero": 0}])).mark_rule(color=ink, opacity=0.5).encode(y=alt.Y("zero:Q"))
    best_line = table("best").mark_rule(color=COLOURS["good"][0], strokeDash=[5, 4], strokeWidth=2)
    best = best_line.encode(x=x, y=alt.datum(0), y2=alt.datum(loss[1]))
    best_words = (
        table("best")
        .mark_text(align="left", dx=6, fontSize=LABEL_SIZE + 1, color=ink)
        .encode(x=x, y=alt.value(10), text=alt.value("best w"))
    )
    steps = table("steps")
    jumps = steps.mark_line(color=path, strokeWidth=2, opacity=0.6, clip=True).encode(x=x, y=y, order="step:Q")
    drops = steps.mark_rule(color=path, strokeDash=[2, 3], opacity=0.5).encode(x=x, y=y, y2=alt.datum(0))
    shade = alt.condition("datum.now", alt.value(1), alt.value(0.45))
    size = alt.condition("datum.now", alt.value(170), alt.value(70))
    tips = [alt.Tooltip("label:N", title=" "), tip("loss")]
    dots = told(steps, "loss").mark_point(filled=True, color=path, clip=True)
    dots = dots.encode(x=x, y=y, opacity=shade, size=size, tooltip=tips)
    on_line = steps.mark_point(filled=True, color=path, clip=True).encode(x=x, y=alt.datum(0), opacity=shade, size=size)
    numbers = (
        steps.transform_filter("datum.named")
        .mark_text(dy=alt.expr("0.07 * height"), fontSize=LABEL_SIZE + 1, color=ink)
        .transform_calculate(words="datum.step == 0 ? 'start' : 'step ' + datum.step")
        .encode(x=x, y=alt.datum(0), text="words:N")
    )
    asked = table("asked").encode(x=x, y=alt.datum(0))
    place = asked.mark_point(shape="diamond", size=200, color=ink, strokeWidth=2, opacity=1, clip=False)
    right = f"datum.w > {(w[0] + w[1]) / 2}"
    align, shift = alt.expr(f"{right} ? 'right' : 'left'"), alt.expr(f"{right} ? 7 : -7")
    # Below the number line and its step numbers: above it run the parabola and its slope.
    said = rimmed(asked.encode(text="words:N"), theme, align=align, dx=shift, dy=33, fontSize=LABEL_SIZE + 2)
    marks = [zero, best, curve, drops, jumps, tangent, dots, on_line, numbers, best_words, place, *said]
    return layered(marks, height=_HEIGHT, scrub=False)
