"""Charts of the race of update rules: a line a rule, against the learning rate or against the epoch."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import altair as alt

from core.chart_parts import INK, LABEL_SIZE, POWERS, Spec, decades, layered, log_scale, power_axis, table
from core.charts import epoch_x

# Okabe and Ito's palette and a grey, and a dash each: no rule is told by colour alone.
_COLOURS = ("#7A7A85", "#0072B2", "#56B4E9", "#E69F00", "#CC79A7", "#D55E00", "#009E73")
_DASHES = ((1, 0), (6, 3), (2, 2), (8, 2, 2, 2), (10, 4), (4, 2), (1, 1))


@lru_cache(maxsize=64)
def by_rate(
    theme: str, rules: tuple[str, ...], titles: tuple[str, ...], rates: tuple[float, float], losses: tuple[float, float]
) -> Spec:
    """Final loss against learning rate, a line a rule, the best of each marked.

    Tables: rates (rule, rate, loss), best (rule, rate, loss).
    """
    x = alt.X(
        "rate:Q",
        title="learning rate",
        scale=log_scale(*rates),
        axis=alt.Axis(
            values=decades(*rates), labelExpr=POWERS, grid=False, labelFontSize=LABEL_SIZE, titleFontSize=LABEL_SIZE
        ),
    )
    y = alt.Y("loss:Q", title="final loss", scale=log_scale(*losses), axis=power_axis(*losses))
    lines = table("rates").mark_line(strokeWidth=2.5, clip=True).encode(x=x, y=y, **_marks(rules, titles))
    best = (
        table("best")
        .mark_point(filled=True, size=120, opacity=1, stroke=INK[theme], strokeWidth=1, clip=True)
        .encode(x=x, y=y, color=alt.Color("rule:N", scale=_scale(rules), legend=None))
    )
    return layered([lines, best], height=340, scrub=False)


@lru_cache(maxsize=64)
def by_epoch(
    theme: str, rules: tuple[str, ...], titles: tuple[str, ...], epochs: int, losses: tuple[float, float]
) -> Spec:
    """Loss against epoch, each rule at its own best rate. Table: ways (rule, epoch, loss)."""
    y = alt.Y("loss:Q", title="loss", scale=log_scale(*losses), axis=power_axis(*losses))
    lines = table("ways").mark_line(strokeWidth=2.5, clip=True)
    return layered([lines.encode(x=epoch_x(epochs), y=y, **_marks(rules, titles))], height=340, scrub=False)


def _scale(rules: tuple[str, ...]) -> alt.Scale:
    return alt.Scale(domain=list(rules), range=list(_COLOURS[: len(rules)]))


def _marks(rules: tuple[str, ...], titles: tuple[str, ...]) -> dict[str, Any]:
    """Colour and dash by rule, and one legend that shows both."""
    names = " : ".join(f"datum.label == '{rule}' ? '{title}'" for rule, title in zip(rules, titles, strict=True))
    legend = alt.Legend(
        orient="bottom",
        columns=4,
        title=None,
        labelFontSize=LABEL_SIZE,
        symbolStrokeWidth=2.5,
        labelExpr=f"{names} : ''",
    )
    dashes = alt.Scale(domain=list(rules), range=[list(dash) for dash in _DASHES[: len(rules)]])
    return {
        "color": alt.Color("rule:N", scale=_scale(rules), legend=legend),
        "strokeDash": alt.StrokeDash("rule:N", scale=dashes, legend=legend),
    }
