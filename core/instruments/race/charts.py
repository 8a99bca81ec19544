"""Charts of the race: a line a runner, an update rule or a schedule, against the learning rate or against the epoch."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt

from ...drawing.chart_parts import INK, LABEL_SIZE, Spec, layered, log_scale, power_axis, rate_x, table
from ...drawing.charts import epoch_x

# Okabe and Ito's palette and a grey, and a dash each: no runner is told by colour alone.
_COLOURS = ("#7A7A85", "#0072B2", "#56B4E9", "#E69F00", "#CC79A7", "#D55E00", "#009E73")
_DASHES = ((1, 0), (6, 3), (2, 2), (8, 2, 2, 2), (10, 4), (4, 2), (1, 1))


@lru_cache(maxsize=64)
def by_rate(
    theme: str, names: tuple[str, ...], titles: tuple[str, ...], rates: tuple[float, float], losses: tuple[float, float]
) -> Spec:
    """Final loss against learning rate, a line a runner, the best of each marked.

    Tables: rates (runner, rate, loss), best (runner, rate, loss).
    """
    x = rate_x(*rates)
    y = alt.Y("loss:Q", title="final loss", scale=log_scale(*losses), axis=power_axis(*losses))
    lines = table("rates").mark_line(strokeWidth=2.5, clip=True).encode(x=x, y=y, **runner_marks(names, titles))
    best = (
        table("best")
        .mark_point(filled=True, size=120, opacity=1, stroke=INK[theme], strokeWidth=1, clip=True)
        .encode(x=x, y=y, color=alt.Color("runner:N", scale=_scale(names), legend=None))
    )
    return layered([lines, best], height=340, scrub=False)


@lru_cache(maxsize=64)
def by_epoch(
    theme: str, names: tuple[str, ...], titles: tuple[str, ...], epochs: int, losses: tuple[float, float]
) -> Spec:
    """Loss against epoch, each runner at its own best rate. Table: ways (runner, epoch, loss)."""
    y = alt.Y("loss:Q", title="loss", scale=log_scale(*losses), axis=power_axis(*losses))
    lines = table("ways").mark_line(strokeWidth=2.5, clip=True)
    return layered([lines.encode(x=epoch_x(epochs), y=y, **runner_marks(names, titles))], height=340, scrub=False)


def runner_colour(place: int) -> str:
    """The colour of a runner by its place among all of its kind."""
    return _COLOURS[place]


def _scale(names: tuple[str, ...], places: Sequence[int] | None = None) -> alt.Scale:
    return alt.Scale(domain=list(names), range=[_COLOURS[k] for k in places or range(len(names))])


def runner_marks(
    names: tuple[str, ...], titles: tuple[str, ...], places: Sequence[int] | None = None, legend: bool = True
) -> dict[str, Any]:
    """Colour and dash by runner, and one legend that shows both, or none.

    places: of each among all of its kind, where not all are shown; so each keeps its looks.
    """
    called = " : ".join(f"datum.label == '{name}' ? '{title}'" for name, title in zip(names, titles, strict=True))
    shown = alt.Legend(
        orient="bottom",
        columns=2,  # three would be cut on a phone
        title=None,
        labelFontSize=LABEL_SIZE,
        symbolStrokeWidth=2.5,
        labelExpr=f"{called} : ''",
    )
    key = shown if legend else None
    dashes = [list(_DASHES[k]) for k in places or range(len(names))]
    return {
        "color": alt.Color("runner:N", scale=_scale(names, places), legend=key),
        "strokeDash": alt.StrokeDash("runner:N", scale=alt.Scale(domain=list(names), range=dashes), legend=key),
    }
