"""The charts of the stage: Altair specs that a browser draws once, and redraws by their data and parameters alone.

A chart knows no run: a rate that moves sends other rows, the player another epoch (`now`, `hover`). What an experiment
decides is a parameter too, with its place in the header of a deck as its value, "@axes.losses.0"; what differs between
a light and a dark page is a pair of colours, "#31333F|#FAFAFA". So there is one set of specs for all decks:
core/stage/charts.js, which `python -m core.instruments.compare.stage_charts` writes.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import altair as alt

from ...drawing.axes import COUNTS, POWERS, POWERS_OF_COUNTS
from ...drawing.chart_parts import INK, LABEL_SIZE, Colour, Spec, looks, plain_axis, rimmed, table, zone_scale
from ...drawing.charts import exit_marks, lane_colours, lane_dashes
from ...words import LANE_LETTERS, ZONES

FILE = Path(__file__).parents[2] / "stage" / "charts.js"
_LANES = len(LANE_LETTERS)
_FAINT, _GHOST = 0.25, 0.55  # of what the player has not reached, and of a pinned run
_NOW = "datum.epoch <= now"
# px of a height in a hall, where all is drawn twice as large.
_IN_A_HALL = {"curve": 275, "ruler": 200, "data": 290, "contour": 275, "weights": 275}
_AROUND_NAMES = {"top": 49, "right": 6, "bottom": 4, "left": 4}  # px: three rows of names above, on a phone
_LINE: dict[str, Any] = {"strokeWidth": 2.5, "clip": True, "strokeJoin": "round"}
_OF_EPOCH = 'isValid(datum["epoch"]) && isFinite(+datum["epoch"]) && '
_CHECK = re.compile(r'isValid\(datum\["(\w+)"\]\) && isFinite\(\+datum\["\1"\]\)')
_LOSSES = "of_axes_losses_0", "of_axes_losses_1"
_HEADER = "of_"  # how a parameter's name begins that is filled from the header: of_axes_losses_0


def charts() -> dict[str, Spec]:
    """Each chart's spec by its name, its height among it; the width is the browser's."""
    made = {
        "curve": _curve(),
        "together": _together(),
        "gauge": _gauge(),
        "ruler": _ruler(),
        "data": _data(),
        "contour": _contour(),
        "weights": _weights(),
    }
    return {name: _spec(name, *chart) for name, chart in made.items()}


def module() -> str:
    """The specs as core/stage/charts.js has them: in Vega, so that no browser has to translate them."""
    import vl_convert  # here: only who makes the file needs it

    vega = {name: lean(vl_convert.vegalite_to_vega(spec)) for name, spec in charts().items()}
    specs = (f"  {name}: {json.dumps(spec, sort_keys=True)},\n" for name, spec in vega.items())
    made_by = "// Made of core/instruments/compare/stage_charts.py, by running it; not to be edited.\n"
    return f"{made_by}/** @type {{Record<string, any>}} */\nexport const CHARTS = {{\n{''.join(specs)}}};\n"


def lean(part: Any) -> Any:
    """A spec in Vega without the checks of each row that our rows don't need: an epoch is always a number, and what
    can't be drawn is null. A browser that may not compile expressions interprets them, row by row, in a drag.
    """
    if isinstance(part, dict):
        return {name: lean(each) for name, each in part.items()}
    if isinstance(part, list):
        return [lean(each) for each in part if not _is_conversion(each)]
    if isinstance(part, str):
        return _CHECK.sub(lambda found: f"datum.{found[1]} !== null", part.replace(_OF_EPOCH, ""))
    return part


def _is_conversion(transform: Any) -> bool:
    return isinstance(transform, dict) and str(transform.get("expr", "")).startswith("toNumber(")


def header(path: str) -> Any:
    """The parameter that is what the header of a deck has at this path."""
    return alt.expr(_HEADER + path.replace(".", "_"))


def _domain(name: str) -> list[Any]:
    return [header(f"axes.{name}.0"), header(f"axes.{name}.1")]


def _within(field: str, name: str) -> str:
    """That a row's column lies on this axis: a dot on the frame is drawn whole, one beyond not."""
    low, high = (_HEADER + f"axes_{name}_{end}" for end in (0, 1))
    return f"datum.{field} >= {low} && datum.{field} <= {high}"


def _log(name: str) -> dict[str, Any]:
    """A logarithmic axis, with labels at the powers of ten that the header names."""
    axis = alt.Axis(values=header(f"ticks.{name}"), labelExpr=POWERS, **_SIZES, labelOverlap=False)
    return {"scale": alt.Scale(type="log", domain=_domain(name), nice=False), "axis": axis}


def _epochs() -> alt.X:
    """An epoch axis that gives the first epochs room: straight near 0, logarithmic beyond."""
    axis = alt.Axis(
        values=header("ticks.epochs"),
        labelExpr=POWERS_OF_COUNTS,
        grid=False,
        labelOverlap=True,
        **_SIZES,
    )
    scale = alt.Scale(type="symlog", constant=1, domain=[0, header("experiment.epochs")], nice=False)
    return alt.X("epoch:Q", title="epoch", scale=scale, axis=axis)


_SIZES: dict[str, Any] = {"labelFontSize": LABEL_SIZE, "titleFontSize": LABEL_SIZE}


def _spec(name: str, layers: Sequence[alt.Chart], height: int, params: Mapping[str, Any]) -> Spec:
    chart = alt.layer(*layers).properties(height=height).resolve_scale(color="independent", strokeDash="independent")
    text = json.dumps(chart.to_dict(validate=False))
    filled = {found: "@" + found.removeprefix(_HEADER).replace("_", ".") for found in _filled(text)}
    known = [alt.param(name=param, value=value) for param, value in {**params, **filled}.items()]
    spec = _both_themes(chart.add_params(*known).to_dict(validate=False))
    tables: dict[str, Any] = {found: [] for found in re.findall(r'"data": \{"name": "(\w+)"\}', json.dumps(spec))}
    spec.pop("$schema", None)
    config = {**_both_themes(looks("light")), "aria": False}
    hall = {"usermeta": {"hall": _IN_A_HALL[name]}} if name in _IN_A_HALL else {}
    around = {"padding": _AROUND_NAMES} if name == "together" else {}
    return {
        **spec,
        **hall,
        **around,
        "datasets": {**tables, **spec.get("datasets", {})},
        "config": config,
        "background": None,
    }


def _filled(text: str) -> list[str]:
    """The parameters of a spec that its header fills."""
    return sorted(set(re.findall(rf"\b{_HEADER}\w+", text)))


def _both_themes(part: Any) -> Any:
    """A copy of a spec with each colour that differs between the themes as a pair."""
    if isinstance(part, dict):
        return {name: _both_themes(each) for name, each in part.items()}
    if isinstance(part, list | tuple):
        return [_both_themes(each) for each in part]
    if isinstance(part, Colour) and part.in_theme("light") != part.in_theme("dark"):
        return f"{part.in_theme('light')}|{part.in_theme('dark')}"
    return part


def _loss_y(field: str = "loss:Q") -> alt.Y:
    return alt.Y(field, title="loss", **_log("losses"))


def _curve() -> tuple[list[alt.Chart], int, dict[str, Any]]:
    """Loss against epoch of one lane. Tables: curve (epoch, loss, least, most), exit (epoch, loss, words), ghosts."""
    x, y = _epochs(), _loss_y()
    colour, dash = alt.expr("colour"), alt.expr("dash")
    base = table("curve").encode(x=x, y=y)
    until = base.transform_filter(_NOW)
    layers = [
        *_ghosts(x, y),
        base.mark_area(color=colour, opacity=_FAINT, clip=True).encode(y=_loss_y("least:Q"), y2="most:Q"),
        base.mark_line(**_LINE, color=colour, strokeDash=dash, opacity=_FAINT),
        until.mark_line(**_LINE, color=colour, strokeDash=dash),
        *_points(base, "curve", color=colour),
        *_exit(x, y, colour),
    ]
    return layers, 220, {"now": 1e15, "hover": -1, "colour": lane_colours(1, "light")[0], "dash": [1, 0]}


def _together() -> tuple[list[alt.Chart], int, dict[str, Any]]:
    """Loss against epoch of all lanes. Tables: curves (lane, epoch, loss), exits (lane, epoch, loss, words), ghosts."""
    x, y = _epochs(), _loss_y()
    base = table("curves").encode(x=x, y=y, **_by_lane())
    band = table("curves").mark_area(opacity=_FAINT, clip=True)
    layers = [
        *_ghosts(x, y),
        band.encode(x=x, y=_loss_y("least:Q"), y2="most:Q", color=_lane_colour()),
        base.mark_line(**_LINE, opacity=_FAINT),
        base.transform_filter(_NOW).mark_line(**_LINE),
        _names(),
        *_points(base, "curves"),
        *exit_marks(table("exits").transform_filter(_NOW).encode(x=x, y=y, color=_lane_colour()), "light", **_side())[
            :1
        ],
    ]
    return layers, 320, {"now": 1e15, "hover": -1}


def _names() -> alt.Chart:
    """Which line is which, above the chart: a picture that is copied says it too. Table: names (lane, place, words)."""
    row = "(width < 480 ? 3 : 4)"
    place: dict[str, Any] = {
        "x": alt.expr(f"(datum.place % {row}) * width / {row}"),
        "y": alt.expr(f"-9 - 15 * (ceil(datum.all / {row}) - 1 - floor(datum.place / {row}))"),
    }
    counted = table("names").transform_joinaggregate(all="count()")
    words = counted.mark_text(align="left", fontSize=13, fontWeight="bold", **place)
    named: alt.Chart = words.encode(text="words:N", color=_lane_colour())
    return named


def _ghosts(x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """Pinned runs, pale, with their numbers among the pins. Table: ghosts (name, label, epoch, loss)."""
    pale = table("ghosts").encode(x=x, y=y, detail="name:N")
    last = pale.transform_joinaggregate(end="max(epoch)", groupby=["name"]).transform_filter("datum.epoch == datum.end")
    name = last.mark_text(align="right", dx=-3, dy=-8, fontSize=LABEL_SIZE, fontWeight="bold", color=INK["light"])
    return [
        pale.mark_line(clip=True, strokeWidth=2, color=INK["light"], opacity=_GHOST, strokeDash=[1, 3]),
        name.encode(text="label:N"),
    ]


def _points(base: alt.Chart, name: str, **looks: Any) -> list[alt.Chart]:
    """A dot where the player stands, and a ring where the mouse points."""
    inside = f"datum.loss >= {_LOSSES[0]} && datum.loss <= {_LOSSES[1]}"
    now = base.transform_filter(f"datum.epoch == now && {inside}").mark_point(size=80, filled=True, opacity=1, **looks)
    over = base.transform_filter(f"datum.epoch == hover && {inside}").mark_point(size=110, strokeWidth=2.5, **looks)
    return [now, over]


def _exit(x: alt.X, y: alt.Y, colour: Any) -> list[alt.Chart]:
    leave = table("exit").transform_filter(_NOW).encode(x=x, y=y)
    return exit_marks(leave, "light", color=colour, **_side())


def _side() -> dict[str, str]:
    """On which side of a mark its words have room."""
    down = f"datum.loss < sqrt({_LOSSES[0]}) * sqrt({_LOSSES[1]})"
    return {"down": down, "right": f"datum.epoch > sqrt(1 + {_HEADER}experiment_epochs) - 1", "dy": f"{down} ? -9 : 9"}


def _gauge() -> tuple[list[alt.Chart], int, dict[str, Any]]:
    """The meter at the epoch shown (`meter`) over its zones, the largest of the run (`largest`) as a tick."""
    scale = alt.Scale(domain=[0, len(ZONES)], nice=False, clamp=True)
    axis = alt.Axis(
        values=[0, 1, 2], grid=False, ticks=False, domain=False, labelFontSize=LABEL_SIZE, format="d", title=None
    )
    zones = alt.Chart(alt.InlineData([{"from": k, "to": k + 1, "zone": zone} for k, zone in enumerate(ZONES)]))
    band = zones.mark_bar(height=12, opacity=0.35).encode(
        x=alt.X("from:Q", scale=scale, axis=axis),
        x2="to:Q",
        color=alt.Color("zone:N", scale=zone_scale(), legend=None),
    )
    place = alt.X("value:Q", scale=scale)
    marks = alt.Chart(alt.InlineData([{"value": 1}, {"value": 2}])).mark_tick(size=18, thickness=2, color=INK["light"])
    largest = table("largest").encode(x=place)
    tick = largest.mark_tick(size=22, thickness=2, color=INK["light"], opacity=0.6)
    past = "datum.value > 1.5"
    label = largest.mark_text(
        align=alt.expr(f"{past} ? 'right' : 'left'"),
        dx=alt.expr(f"{past} ? -6 : 6"),
        dy=-14,
        fontSize=LABEL_SIZE,
        color=INK["light"],
    ).encode(text="words:N")
    needle = table("meter").mark_point(
        shape="triangle-down", size=150, filled=True, color=INK["light"], opacity=1, yOffset=-11
    )
    return [band, marks.encode(x=place), tick, label, needle.encode(x=place)], 62, {}


def _ruler() -> tuple[list[alt.Chart], int, dict[str, Any]]:
    """Final loss against learning rate, from `low` to `high`. Tables: sweep (rate, loss), zones, limits, below."""
    ends = alt.expr("low"), alt.expr("high")
    scale = alt.Scale(type="log", domain=list(ends), nice=False)
    axis = alt.Axis(values=alt.expr("powers"), labelExpr=POWERS, grid=False, labelFontSize=LABEL_SIZE)
    x = alt.X("rate:Q", title=None, scale=scale, axis=axis)
    y = alt.Y("loss:Q", title="final loss", **_log("ruler"))
    curve = table("sweep").mark_line(color=INK["light"], strokeWidth=2, clip=True, opacity=0.75).encode(x=x, y=y)
    bands = table("zones").mark_rect(opacity=0.16, clip=True)
    colour = alt.Color("zone:N", scale=zone_scale(), legend=None)
    bands = bands.encode(x=alt.X("from:Q", scale=scale), x2="to:Q", color=colour)
    limits = table("limits").encode(x=x)
    rule = limits.mark_rule(color=INK["light"], strokeDash=[4, 3], strokeWidth=2, clip=True)
    near_end = "(side == 0 ? log(datum.rate / low) > 0.8 * log(high / low) : side < 0)"  # 0: as there is room
    words = rimmed(
        limits.encode(y=alt.value(12), text="words:N"),
        "light",
        align=alt.expr(f"{near_end} ? 'right' : 'left'"),
        dx=alt.expr(f"{near_end} ? -6 : 6"),
        dy=alt.expr("datum.row * 16"),
        fontSize=LABEL_SIZE,
        clip=True,
    )
    sunk = table("below").mark_point(
        shape="triangle-down", size=70, filled=True, color=INK["light"], opacity=0.75, yOffset=-6
    )
    return [bands, curve, rule, *words, sunk.encode(x=x, y=y)], 112, {"low": 1e-8, "high": 1, "powers": [1], "side": 0}


def _data() -> tuple[list[alt.Chart], int, dict[str, Any]]:
    """The data and each lane's line at the epoch shown. Tables: points (x, y), fits (lane, x, y)."""
    x = alt.X("x:Q", title="@titles.x", scale=alt.Scale(domain=_domain("x"), nice=False), axis=plain_axis())
    y = alt.Y("y:Q", title="@titles.y", scale=alt.Scale(domain=_domain("y"), nice=False), axis=plain_axis())
    dots = table("points").mark_circle(size=55, color=INK["light"], opacity=0.55).encode(x=x, y=y)
    return [dots, table("fits").mark_line(**_LINE).encode(x=x, y=y, **_by_lane())], 270, {}


def _contour() -> tuple[list[alt.Chart], int, dict[str, Any]]:
    """Lines of equal loss over (w, b) and each lane's path. Tables: contours, paths (lane, epoch, w, b), places."""
    x = alt.X("w:Q", title="w", scale=alt.Scale(domain=_domain("w"), nice=False), axis=plain_axis())
    y = alt.Y("b:Q", title="b", scale=alt.Scale(domain=_domain("b"), nice=False), axis=plain_axis())
    rings = (
        table("contours")
        .transform_window(order="row_number()")  # corner by corner, as the table has them
        .mark_line(color=INK["light"], strokeWidth=1, opacity=0.3, clip=True)
        .encode(x=x, y=y, detail="level:N", order="order:Q")
    )
    paths = table("paths").encode(x=x, y=y)
    steps = paths.transform_filter(_NOW).mark_line(**_LINE).encode(order="epoch:Q", **_by_lane())
    seen = f"datum.w !== null && {_within('w', 'w')} && {_within('b', 'b')}"
    now = paths.transform_filter(f"datum.epoch == now && {seen}").mark_point(filled=True, size=90, opacity=1)
    over = paths.transform_filter(f"datum.epoch == hover && {seen}").mark_point(size=110, strokeWidth=2.5)
    places = table("places").encode(x=x, y=y)
    cross = places.mark_point(shape="cross", angle=45, size=90, color=INK["light"], filled=True, opacity=0.9)
    named = {"dx": alt.expr("datum.steep ? 11 : 0"), "dy": alt.expr("datum.steep ? 0 : 18")}  # beside the paths
    aside = alt.expr("datum.steep ? 'left' : 'center'")
    words = rimmed(places.encode(text="what:N"), "light", align=aside, fontSize=LABEL_SIZE, **named)
    return (
        [rings, steps, *(dot.encode(color=_lane_colour()) for dot in (now, over)), cross, *words],
        270,
        {"now": 1e15, "hover": -1},
    )


def _weights() -> tuple[list[alt.Chart], int, dict[str, Any]]:
    """w against the epoch, all lanes. Table: weights (lane, epoch, w, least, most)."""
    axis = alt.Axis(values=header("ticks.weights"), labelExpr=COUNTS, **_SIZES)
    scale = alt.Scale(type="symlog", constant=header("axes.weights.2"), domain=_domain("weights"), nice=False)
    x, y = _epochs(), alt.Y("w:Q", title="w", scale=scale, axis=axis)
    base = table("weights").encode(x=x, y=y, **_by_lane())
    area = table("weights").mark_area(opacity=_FAINT, clip=True)
    dots, seen = table("weights").encode(x=x, y=y, color=_lane_colour()), _within("w", "weights")
    layers = [
        area.encode(x=x, y=alt.Y("least:Q", scale=scale, axis=axis, title="w"), y2="most:Q", color=_lane_colour()),
        base.mark_line(**_LINE, opacity=_FAINT),
        base.transform_filter(_NOW).mark_line(**_LINE),
        dots.transform_filter(f"datum.epoch == now && {seen}").mark_point(filled=True, size=80, opacity=1),
        dots.transform_filter(f"datum.epoch == hover && {seen}").mark_point(size=110, strokeWidth=2.5),
    ]
    return layers, 270, {"now": 1e15, "hover": -1}


def _lane_colour() -> alt.Color:
    scale = alt.Scale(domain=list(LANE_LETTERS), range=lane_colours(_LANES, "light"))
    return alt.Color("lane:N", scale=scale, legend=None)


def _by_lane() -> dict[str, Any]:
    """Colour and dash by lane, so that no lane is told by colour alone."""
    dashes = alt.Scale(domain=list(LANE_LETTERS), range=lane_dashes(_LANES))
    return {"color": _lane_colour(), "strokeDash": alt.StrokeDash("lane:N", scale=dashes, legend=None)}


if __name__ == "__main__":
    FILE.write_text(module())
