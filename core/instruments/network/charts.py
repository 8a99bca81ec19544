"""Charts of a network: what it says, its sharpness, and one quantity of all lanes. Options in, Altair spec out."""

from dataclasses import replace
from functools import lru_cache
from itertools import cycle
from typing import Any

import altair as alt

from ...drawing.axes import Axis
from ...drawing.chart_parts import (
    INK,
    LABEL_SIZE,
    PAPER,
    Spec,
    layered,
    log_scale,
    mark,
    plain_axis,
    power_axis,
    rimmed,
    table,
    tip,
    told,
)
from ...drawing.charts import epoch_x, lane_marks, latest, leaving
from ...drawing.lines import Fields, lines, style_colour
from ...words import number

_SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-left", "triangle-right")
_FAINT = 0.28
_TRIALS = ("race 0", "two", "three", "four")  # grey for the lane itself


@lru_cache(maxsize=128)
def surface(
    theme: str,
    x: tuple[float, float],
    y: tuple[float, float],
    titles: tuple[str, str],
    colours: tuple[str, ...],
    classes: tuple[str, ...],
    held: bool = True,
) -> Spec:
    """The network's picture at the epoch shown, and the data on it: held-out points hollow, training points full.

    Tables: pictures (epoch, image), points (x, y, label, value, held).  classes: their names, () for regression, whose
    points take their colour from `value`, 0 to 1 on the scale of `colours`.  held: whether any are held out.
    """
    at_x = alt.X("x:Q", title=titles[0], scale=alt.Scale(domain=list(x), nice=False), axis=plain_axis())
    at_y = alt.Y("y:Q", title=titles[1], scale=alt.Scale(domain=list(y), nice=False), axis=plain_axis())
    points = table("points").encode(x=at_x, y=at_y)
    if classes:
        domain = list(range(len(classes)))
        shapes = alt.Scale(domain=domain, range=[_SHAPES[k % len(_SHAPES)] for k in domain])
        points = points.encode(shape=alt.Shape("label:N", scale=shapes, legend=None))
        field, scale = "label:N", alt.Scale(domain=domain, range=list(colours))
    else:
        field, scale = "value:Q", alt.Scale(domain=[0, 0.5, 1], range=list(colours), clamp=True)
    # The paper's colour, as rim of the one and inside of the other, keeps points apart from ground of their own colour.
    paper = str(PAPER["light"])  # in both themes
    full = (
        points.transform_filter("!datum.held")
        .mark_point(filled=True, size=26, opacity=1, stroke=paper, strokeWidth=0.7)
        .encode(fill=alt.Fill(field, scale=scale, legend=None))
    )
    hollow = (
        points.transform_filter("datum.held")
        .mark_point(filled=True, size=26, opacity=1, fill=paper, strokeWidth=1.6)
        .encode(stroke=alt.Stroke(field, scale=scale, legend=None))
    )
    key = _of_points(theme, classes, colours, held)
    return layered([_picture(), full, hollow], height=270, key=key)


def _of_points(theme: str, classes: tuple[str, ...], colours: tuple[str, ...], held: bool) -> list[dict[str, Any]]:
    """The key of the data: a shape and a colour for each class, and what is held out."""
    shapes = zip(classes, cycle(_SHAPES), colours, strict=False)
    hollow = [mark("hollow: held out", "circle", INK[theme], hollow=True)] if held else []
    return [*(mark(name, shape, colour) for name, shape, colour in shapes), *hollow]


@lru_cache(maxsize=64)
def confusion(theme: str, classes: tuple[str, ...]) -> Spec:
    """The table true class x class said at the epoch shown. Table: pictures (epoch, image)."""
    names = alt.InlineData([{"x": name, "y": name} for name in classes])
    x = alt.X("x:N", title="said", sort=None, scale=alt.Scale(domain=list(classes)), axis=_class_axis())
    y = alt.Y("y:N", title="true", sort=None, scale=alt.Scale(domain=list(classes)), axis=_class_axis())
    frame = alt.Chart(names).mark_point(opacity=0).encode(x=x, y=y)
    return layered([_picture(smooth=False), frame], height=270)


@lru_cache(maxsize=128)
def fitted_curve(
    theme: str,
    dash: tuple[int, ...],
    colour: str,
    x: tuple[float, float],
    y: tuple[float, float],
    held: bool = True,
) -> Spec:
    """The data and what the network says of it at the epoch shown. Tables: points (x, y, held), fits (epoch, x, y).

    held: whether any points are held out.
    """
    at_x = alt.X("x:Q", title="x", scale=alt.Scale(domain=list(x), nice=False), axis=plain_axis())
    at_y = alt.Y("y:Q", title="y", scale=alt.Scale(domain=list(y), nice=False), axis=plain_axis())
    points = table("points").encode(x=at_x, y=at_y)
    full = points.mark_point(filled=True, size=34, color=INK[theme], opacity=0.55).transform_filter("!datum.held")
    hollow = points.mark_point(filled=False, size=30, color=INK[theme]).transform_filter("datum.held")
    said = (
        latest(table("fits"), each=())
        .mark_line(color=colour, strokeWidth=2.5, strokeDash=list(dash), clip=True)
        .encode(x=at_x, y=at_y)
    )
    key = [
        mark("training points", "circle", INK[theme], opacity=0.55),
        *([mark("held out", "circle", INK[theme], hollow=True)] if held else []),
        mark("what the network says", "line", colour, dash=dash),
    ]
    return layered([full, hollow, said], height=270, key=key)


@lru_cache(maxsize=256)
def sharpness_curve(
    theme: str, dash: tuple[int, ...], colour: str, epochs: int, line: float, high: float, straight: bool = False
) -> Spec:
    """Learning rate x sharpness against the epoch, and the line above which it is unstable.

    Table: sharpness (epoch, product).  line, high: the line, and the top of the chart, where what is above is marked.
    straight: whether the epoch axis is, or logarithmic.
    """
    y = alt.Y("product:Q", title="rate × sharpness", scale=alt.Scale(domain=[0, high], nice=False), axis=plain_axis())
    base = table("sharpness").encode(x=epoch_x(epochs, straight), y=y)
    until = base.transform_filter("datum.epoch <= toNumber(epoch)")
    stroke: dict[str, Any] = {"color": colour, "strokeWidth": 2.5, "strokeDash": list(dash), "clip": True}
    inside = told(until, "product").transform_filter(f"datum.product >= 0 && datum.product <= {high}")
    tips = [alt.Tooltip("epoch:Q", format=","), tip("product", "rate × sharpness")]
    above = (
        told(until, "product")
        .transform_filter(f"datum.product > {high}")
        .mark_point(shape="triangle-up", filled=True, size=60, color=colour, opacity=1, yOffset=6)
        .encode(y=alt.value(0), tooltip=tips)
    )
    edge = alt.Chart(alt.InlineData([{"line": line, "words": f"{number(line)}: unstable above"}])).encode(
        y=alt.Y("line:Q", scale=alt.Scale(domain=[0, high], nice=False))
    )
    layers = [
        edge.mark_rule(color=INK[theme], strokeDash=[4, 3], strokeWidth=1.5),
        base.mark_line(**stroke, opacity=_FAINT),
        until.mark_line(**stroke),
        inside.mark_point(filled=True, size=26, color=colour, opacity=1).encode(tooltip=tips),
        above,
        *rimmed(edge.encode(text="words:N"), theme, fontSize=LABEL_SIZE, x=4, align="left", dy=-10),
    ]
    return layered(layers, height=200)


@lru_cache(maxsize=128)
def over_epochs(
    theme: str,
    count: int,
    epochs: int,
    title: str,
    low: float,
    high: float,
    log: bool = False,
    straight: bool = False,
) -> Spec:
    """One quantity of all lanes against the epoch; where a lane first leaves the chart stands a mark.

    log: whether the axis of the quantity is logarithmic.  straight: whether the epoch axis is not.
    Table: lanes (lane, epoch, value).
    """
    x = epoch_x(epochs, straight)
    scale = log_scale(low, high) if log else alt.Scale(domain=[low, high], nice=False)
    y = alt.Y("value:Q", title=title, scale=scale, axis=power_axis(low, high) if log else plain_axis())
    base = table("lanes").encode(x=x, y=y, **lane_marks(count, theme))
    until = base.transform_filter("datum.epoch <= toNumber(epoch)")
    now = (
        latest(table("lanes"))
        .transform_filter(f"datum.value >= {low} && datum.value <= {high}")
        .mark_point(filled=True, size=70, opacity=1)
        .encode(x=x, y=y, color=lane_marks(count, theme)["color"])
    )
    # On a straight axis nothing leaves, and a line along its edge shows in full width.
    layers = [
        base.mark_line(clip=log, strokeWidth=2, opacity=_FAINT),
        until.mark_line(clip=log, strokeWidth=2.5),
        now,
    ]
    if log:
        layers += leaving(until, "lane", "value", (low, high), x, lane_marks(count, theme)["color"])
    return layered(layers, height=200)


def trial_curves(theme: str, names: tuple[str, ...], epochs: int, losses: Axis, straight: bool = False) -> Spec:
    """The loss of a lane and of the runs that test its diagnosis. Table: trials (trial, epoch, loss).

    names: of the trials, the lane itself first.  losses: the axis of the lane's own curve.
    straight: whether the axis of epochs is, or logarithmic.
    """
    of, y = Fields("trials", "trial", "epoch", "loss"), replace(losses, title="loss")
    x = Axis(low=0, high=epochs, title="epoch", scale="linear" if straight else "symlog")
    return lines(theme, names, _TRIALS, x, y, 240, of=of, tips=("trial", "epoch", "loss"), width=2, leaves=True)


def _picture(smooth: bool = True) -> alt.Chart:
    """The last picture that the play bar has reached, over the whole chart.

    All pictures are there from the start, and the epoch gives one of them its width: a picture that came only with its
    epoch would leave the chart blank for a frame or two, as Vega loads anew what it draws anew. Opacity would do it
    too, but a browser makes a layer of each picture for that, and works through them all at each step.
    """
    shown = "datum.epoch <= toNumber(epoch) && (!isValid(datum.next) || toNumber(epoch) < datum.next)"
    picture: alt.Chart = (
        table("pictures")
        .transform_window(next="lead(epoch)", sort=[alt.SortField("epoch")])
        .mark_image(
            width=alt.expr(f"{shown} ? width : 0"),
            height=alt.expr("height"),
            aspect=False,
            align="left",
            baseline="top",
            smooth=smooth,
        )
        .encode(x=alt.value(0), y=alt.value(0), url="image:N")
    )
    return picture


def _class_axis() -> alt.Axis:
    return alt.Axis(labelFontSize=LABEL_SIZE, titleFontSize=LABEL_SIZE, labelAngle=0, ticks=False, domain=False)


@lru_cache(maxsize=64)
def wiring(theme: str, layers: int, widest: int, rooms: tuple[int, int]) -> Spec:
    """The network itself: a line for each weight, as wide as the weight is large, a circle for each unit.

    layers: with the inputs.  widest: units of the widest layer.  rooms: px left and right of them, for the names.
    Tables: weights (x, y, x2, y2, size, sign), units (x, y), names (x, y, words).
    """
    across: list[Any] = [rooms[0], alt.expr(f"width - {rooms[1]}")]
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, layers - 1], range=across, nice=False), axis=None)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[-0.5, widest - 0.5], nice=False, reverse=True), axis=None)
    colours = [style_colour(style, theme) for style in ("one", "high")]
    colour = alt.Color("sign:N", scale=alt.Scale(domain=["positive", "negative"], range=colours), legend=None)
    size = alt.StrokeWidth("size:Q", scale=alt.Scale(domain=[0, 1], range=[0.2, 4.5], clamp=True), legend=None)
    weights = (
        table("weights").mark_rule(opacity=0.7).encode(x=x, y=y, x2="x2:Q", y2="y2:Q", color=colour, strokeWidth=size)
    )
    look: dict[str, Any] = {"color": INK[theme], "fill": PAPER[theme], "strokeWidth": 1.25, "opacity": 1}
    units = table("units").mark_point(size=max(30, min(160, 2400 / widest)), **look).encode(x=x, y=y)
    # Beside the network, where no line runs: inputs end before it, outputs begin after it.
    side: dict[str, Any] = {"align": alt.expr("datum.x ? 'left' : 'right'"), "dx": alt.expr("datum.x ? 10 : -10")}
    text = table("names").mark_text(**side, baseline="middle", fontSize=LABEL_SIZE, color=INK[theme])
    names = text.encode(x=x, y=y, text="words:N")
    key = [mark(f"{sign} weight", "line", shade) for sign, shade in zip(("positive", "negative"), colours, strict=True)]
    return layered([weights, units, names], height=240, scrub=False, key=key)
