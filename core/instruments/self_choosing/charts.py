"""Charts of rates that choose themselves: the loss against the step, and the rate that each step was taken at."""

import math
from functools import lru_cache

import altair as alt

from ...drawing.chart_parts import INK, LABEL_SIZE, Spec, layered, log_scale, power_axis, rimmed, table
from ..race.charts import runner_marks

Names = tuple[str, ...]


@lru_cache(maxsize=64)
def losses(names: Names, titles: Names, places: tuple[int, ...], steps: int, span: tuple[float, float]) -> Spec:
    """Loss above the lowest against step, a line a rule. Table: losses (runner, epoch, loss)."""
    y = alt.Y("loss:Q", title="loss above the lowest", scale=log_scale(*span), axis=power_axis(*span))
    lines = table("losses").encode(x=_step(steps), y=y, **runner_marks(names, titles, places))
    return layered([lines.mark_line(strokeWidth=2.5, clip=True)], height=320, scrub=False)


@lru_cache(maxsize=64)
def rates(
    theme: str,
    names: Names,
    titles: Names,
    places: tuple[int, ...],
    steps: int,
    span: tuple[float, float],
    limit: float,
) -> Spec:
    """The rate of each step, a line a rule, and the stability limit (nan: none). Table: rates (runner, epoch, rate)."""
    y = alt.Y("rate:Q", title="learning rate", scale=log_scale(*span), axis=power_axis(*span))
    marks, unnamed = runner_marks(names, titles, places), runner_marks(names, titles, places, legend=False)
    ways = table("rates").encode(x=_step(steps), y=y)
    layers = [
        ways.mark_line(strokeWidth=2, clip=True).encode(**marks),
        ways.mark_point(filled=True, size=40, opacity=1, clip=True).encode(
            color=unnamed["color"],
            tooltip=[alt.Tooltip("epoch:Q", title="step"), alt.Tooltip("rate:Q", format=".4~g")],
        ),
    ]
    if math.isfinite(limit):
        line = alt.Chart(alt.InlineData([{"rate": limit, "words": "stability limit of a fixed rate"}])).encode(y=y)
        layers += [line.mark_rule(color=INK[theme], strokeDash=[4, 3], strokeWidth=2)]
        layers += rimmed(
            line.encode(text="words:N"), theme, fontSize=LABEL_SIZE, x=alt.expr("width - 6"), align="right", dy=-14
        )
    return layered(layers, height=320, scrub=False)


def _step(steps: int) -> alt.X:
    axis = alt.Axis(tickCount=5, grid=False, labelFontSize=LABEL_SIZE, titleFontSize=LABEL_SIZE, labelFlush=True)
    return alt.X("epoch:Q", title="step", scale=alt.Scale(domain=[0, steps], nice=False), axis=axis)
