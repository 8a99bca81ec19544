"""Charts of a class's answers: both votes side by side, guesses of a number, the class as a sweep, and its walks.

Read from across a room, so each says what it has to in few and large marks, and none by colour alone.
"""

from functools import lru_cache
from typing import Any

import altair as alt

from core.drawing.axes import COUNTS, Axis
from core.drawing.chart_parts import (
    INK,
    LABEL_SIZE,
    PAPER,
    Spec,
    layered,
    lines_in_words,
    log_scale,
    mark,
    plain_axis,
    power_axis,
    rate_axis,
    rate_x,
    rimmed,
    table,
    themed,
    tip,
    told,
)
from core.drawing.charts import COLOURS, role_colour

VOTES = ("first vote", "second vote")
WALKS = ("others", "best fixed rate", "the best")  # their names, by which they are told apart
FIRST, SECOND = themed("#7A7A85", "#A9A9B2"), themed("#0072B2", "#56B4E9")  # of the votes
_ROW, _ROW_OF_TWO = 52, 62  # px: of a choice with one bar, and with two
_ROOM = 1.55  # times the longest bar: its words stand behind it
_BARS, _ABOVE_BARS = 200, 1.5  # px: how high a histogram is; times its highest bar: words of the truth stand above


@lru_cache(maxsize=64)
def votes(theme: str, choices: tuple[str, ...], shown: tuple[str, ...], most: float) -> Spec:
    """A bar for each choice and vote, with its words behind it; the axis has the choice's letter and what is right.

    choices: the axis' words, from the top.  shown: which of VOTES there are.  most: the largest share of any.
    Table: votes (choice, vote, share, words).
    """
    both = len(shown) > 1
    x = alt.X("share:Q", axis=None, scale=alt.Scale(domain=[0, max(most, 0.01) * _ROOM], nice=False, zero=True))
    axis = alt.Axis(title=None, labelFontSize=LABEL_SIZE + 4, labelFontWeight="bold", labelColor=INK[theme], grid=False)
    y = alt.Y("choice:N", sort=list(choices), axis=axis, scale=alt.Scale(paddingInner=0.28 if both else 0.22))
    offset = alt.YOffset("vote:N", sort=list(shown), scale=alt.Scale(paddingInner=0.06))
    colours = [FIRST[theme], SECOND[theme]] if both else [SECOND[theme]]
    legend = alt.Legend(title=None, orient="top", symbolType="square") if both else None
    colour = alt.Color("vote:N", scale=alt.Scale(domain=list(shown), range=colours), legend=legend)
    drawn = table("votes").encode(x=x, y=y, yOffset=offset)
    bars = drawn.mark_bar(opacity=1, cornerRadiusEnd=2).encode(color=colour)
    words = drawn.mark_text(align="left", baseline="middle", dx=8, fontSize=LABEL_SIZE + 2, color=INK[theme])
    height = (_ROW_OF_TWO if both else _ROW) * len(choices)
    return layered([bars, words.encode(text="words:N")], height, scrub=False)


@lru_cache(maxsize=64)
def guesses(theme: str, values: Axis, most: int) -> Spec:
    """A histogram of the numbers a class gave, on a log axis where the axis is one, with lines where the truth lies.

    most: the highest count.  Tables: guesses (from, to, count, words), limits (rate, words, row).
    """
    scale = log_scale(*values.ends) if values.log else alt.Scale(domain=list(values.ends), nice=False)
    axis = power_axis(*values.ends) if values.log else plain_axis()
    if not values.log:
        axis.labelExpr = COUNTS
    x: dict[str, Any] = {"title": values.title or alt.Undefined, "scale": scale, "axis": axis}
    y = alt.Y(
        "count:Q",
        title="answers",
        scale=alt.Scale(domain=[0, _ABOVE_BARS * max(most, 1)], nice=False),
        axis=alt.Axis(tickMinStep=1, tickCount=4, format="d", labelFontSize=LABEL_SIZE, titleFontSize=LABEL_SIZE),
    )
    bars = table("guesses").mark_rect(color=SECOND[theme], stroke=PAPER[theme], strokeWidth=1, opacity=1)
    tooltip = [alt.Tooltip("words:N", title="guess"), alt.Tooltip("count:Q", title="answers")]
    drawn = bars.encode(x=alt.X("from:Q", **x), x2="to:Q", y=y, y2=alt.datum(0), tooltip=tooltip)
    lines = _truth(theme, values, x)
    key = [mark("answers", "area", SECOND[theme]), mark("true value", "line", INK[theme], dash=(4, 3), wide=2)]
    return layered([drawn, *lines], _BARS, scrub=False, key=key)


def _truth(theme: str, values: Axis, x: dict[str, Any], down: int = 8) -> list[alt.Chart]:
    """Lines where the truth lies; their words stand towards the middle. Table: limits."""
    middle = (values.low * values.high) ** 0.5 if values.log else (values.low + values.high) / 2
    return lines_in_words(theme, alt.X("rate:Q", **x), middle, down, LABEL_SIZE + 1)


@lru_cache(maxsize=64)
def class_sweep(theme: str, rates: Axis, losses: Axis, best: bool, limit: bool) -> Spec:
    """The final loss against the rate, a dot for each seat; at the top edge what overflowed or lies above the chart.

    best: whether the best rate is marked.  limit: whether the limit may be seen.
    Tables: points (rate, loss, words), gone (rate, words), best (rate, loss, words) and limits (rate, words, row).
    """
    x, high = rate_x(*rates.ends), COLOURS["high"]
    y = alt.Y("loss:Q", title="loss at the end", scale=log_scale(*losses.ends), axis=power_axis(*losses.ends))
    loss = alt.Tooltip("words:N", title="loss at the end")
    dots = told(table("points"), "rate").mark_point(
        filled=True, size=70, color=SECOND[theme], stroke=PAPER[theme], strokeWidth=1, opacity=0.9
    )
    gone = told(table("gone"), "rate").mark_point(
        shape="triangle-up", filled=True, size=90, color=themed(*high)[theme], opacity=1, yOffset=7
    )
    tips = [tip("rate", "learning rate"), loss]
    layers = [
        *(_truth(theme, rates, rate_axis(*rates.ends), down=14) if limit else []),
        dots.encode(x=x, y=y, tooltip=tips),
        gone.encode(x=x, y=alt.value(0), tooltip=tips),
        *(_best(theme, rates, losses) if best else []),
    ]
    key = [
        mark("one seat", "circle", SECOND[theme]),
        mark("overflowed, or above the chart", "triangle-up", themed(*high)[theme]),
        *([mark("lowest loss of the class", "circle", role_colour("good", theme))] if best else []),
    ]
    return layered(layers, 300, scrub=False, key=key)


@lru_cache(maxsize=16)
def class_walks(theme: str, w: tuple[float, float], b: tuple[float, float]) -> Spec:
    """The walks of a class over the land without its fog, the best one before all, and that of the best fixed rate.

    Tables: contours (w, b, w2, b2), others, fixed and best (name of WALKS, piece, step, w, b), places (w, b, what).
    """
    x = alt.X("w:Q", title="w", scale=alt.Scale(domain=list(w), nice=False), axis=plain_axis())
    y = alt.Y("b:Q", title="b", scale=alt.Scale(domain=list(b), nice=False), axis=plain_axis())
    ink, lowest = INK[theme], role_colour("good", theme)
    looks: dict[str, tuple[str, str, float, list[int]]] = {  # by their table: words, colour, width, dash
        "others": (WALKS[0], FIRST[theme], 1.5, [1, 0]),
        "fixed": (WALKS[1], ink, 2.5, [6, 5]),
        "best": (WALKS[2], SECOND[theme], 4.0, [1, 0]),
    }
    scale = alt.Scale(domain=[each[0] for each in looks.values()], range=[each[1] for each in looks.values()])
    legend = alt.Legend(title=None, orient="top", symbolType="stroke", symbolStrokeWidth=3, labelLimit=400)

    def way(name: str) -> alt.Chart:
        _, _, wide, dash = looks[name]
        line = table(name).mark_line(strokeWidth=wide, strokeDash=dash, strokeJoin="round", clip=True)
        colour = alt.Color("name:N", scale=scale, legend=legend if name == "best" else None)  # one legend for all
        drawn: alt.Chart = line.encode(x=x, y=y, detail="piece:N", order="step:Q", color=colour)
        return drawn

    here = table("places").encode(x=x, y=y)
    is_start = "datum.what == 'start'"
    steps = told(table("best"), "w", "b").mark_point(filled=True, size=60, opacity=1, clip=True, color=SECOND[theme])
    tips = [alt.Tooltip("step:Q"), tip("w"), tip("b")]
    layers = [
        table("contours").mark_rule(color=ink, opacity=0.3, strokeCap="butt").encode(x=x, y=y, x2="w2:Q", y2="b2:Q"),
        *map(way, looks),
        steps.encode(x=x, y=y, tooltip=tips),
        here.mark_point(shape="cross", angle=45, size=150, filled=True, opacity=1).encode(
            color=alt.condition(is_start, alt.value(ink), alt.value(lowest))
        ),
        *rimmed(here.encode(text="what:N"), theme, dy=-15, fontSize=LABEL_SIZE + 1),
    ]
    return layered(layers, 340, scrub=False)


def _best(theme: str, rates: Axis, losses: Axis) -> list[alt.Chart]:
    """The best rate of the class, a ring around its dot, and its words above. Table: best."""
    at = table("best").encode(
        x=alt.X("rate:Q", **rate_axis(*rates.ends)), y=alt.Y("loss:Q", scale=log_scale(*losses.ends))
    )
    early = f"datum.rate < {rates.low * (rates.high / rates.low) ** 0.25}"
    side = alt.expr(f"{early} ? 'left' : 'right'")  # to where the losses are higher and no limit stands
    ring = at.mark_point(filled=False, size=230, color=role_colour("good", theme), strokeWidth=3, opacity=1)
    return [ring, *rimmed(at.encode(text="words:N"), theme, dy=-22, align=side, fontSize=LABEL_SIZE + 1)]
