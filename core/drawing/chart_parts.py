"""What every chart is made of: named tables, axes, and the layers put together as one spec."""

import math
from collections.abc import Sequence
from typing import Any

import altair as alt

from ..words import ZONES
from .axes import POWERS, decades, number_words, power_of

Spec = dict[str, Any]

# The few rows a chart has of its own stay inside it: as tables they would be converted at each rerun of a page.
alt.data_transformers.consolidate_datasets = False


class Colour(str):
    """A colour of one theme that knows what it is in the other: a picture taken away may be of another theme."""

    by_theme: dict[str, str]

    def in_theme(self, theme: str) -> str:
        """The colour in this theme, as plain text."""
        return self.by_theme[theme]


def themed(light: str, dark: str) -> dict[str, str]:
    """The colour of one thing in each theme; it is a text that Altair takes, and keeps what it is in the other."""
    plain = {"light": str(light), "dark": str(dark)}
    colours = {theme: Colour(colour) for theme, colour in plain.items()}
    for colour in colours.values():
        colour.by_theme = plain
    return dict(colours)


INK = themed("#31333F", "#FAFAFA")
ZONE_COLOURS = dict(zip(ZONES, ("#009E73", "#E6A700", "#D55E00"), strict=True))
PAPER = themed("#FFFFFF", "#171614")  # the page behind a chart
_GRID, AXIS = themed("#E4E4E9", "#383734"), themed("#5F616D", "#BDBCB8")  # of a grid, and of an axis' letters
_FONT = "Helvetica, Arial, sans-serif"  # of one width each, so a picture looks alike where it is opened
LABEL_SIZE = 12  # px; larger would not fit the axis of a lane a quarter of a screen wide
_ON_ITS_LINE = {"labelFlush": False}  # Vega-Lite moves the first and the last label along their axis
_AROUND = {"top": 6, "right": 6, "bottom": 4, "left": 2}  # px: half a mark on an edge; Streamlit's own leaves 20 below


def in_theme(spec: Any, theme: str) -> Any:
    """A copy of a spec with every colour that differs between the themes as it is in this one."""
    if isinstance(spec, dict):
        return {name: in_theme(part, theme) for name, part in spec.items()}
    if isinstance(spec, list | tuple):
        return [in_theme(part, theme) for part in spec]
    if isinstance(spec, Colour):
        return spec.in_theme(theme)
    return spec


def looks(theme: str) -> dict[str, Any]:
    """What Streamlit adds to every chart: fonts, axes without lines, a grid that stays back."""
    small = {"labelFontSize": LABEL_SIZE, "titleFontSize": LABEL_SIZE, **_letters(theme)}
    plain = {"titleFontWeight": "normal", "labelFontWeight": "normal"}
    lines = {"domain": False, "ticks": False, "gridColor": _GRID[theme], "labelPadding": 8, "titlePadding": 12}
    return {
        "font": _FONT,
        "autosize": {"type": "fit", "contains": "padding"},
        "title": {"anchor": "start", "color": INK[theme], "fontSize": 15, "fontWeight": "bold", "offset": 16},
        "axis": {**small, **plain, **lines, **_ON_ITS_LINE, "labelBound": False, "labelOverlap": True},
        "legend": {**small, **plain, "orient": "bottom", "symbolStrokeWidth": 2.5, "labelLimit": 240},
        "view": {"stroke": None},
    }


def _letters(theme: str) -> dict[str, str]:
    return {"labelColor": AXIS[theme], "titleColor": AXIS[theme]}


def for_the_stage(spec: Spec, theme: str) -> Spec:
    """The same chart, drawn by the stage: with what Streamlit adds to every chart, on the page's own ground."""
    config = {"mark": {"tooltip": {"content": "encoding"}}, **looks(theme), **spec.get("config", {})}
    return {**spec, "config": config, "background": "transparent"}


def for_streamlit(spec: Spec, theme: str) -> Spec:
    """The same chart, drawn by Streamlit: with letters that have more contrast than Streamlit's, each label on its line
    of the grid, and without roles of single marks, which have no name.
    """
    config = {"axis": {**_letters(theme), **_ON_ITS_LINE}, "legend": _letters(theme), "mark": {"aria": False}}
    return {**spec, "config": {**config, **spec.get("config", {})}}


def table(name: str) -> alt.Chart:
    """A chart over the table that the page sends under this name."""
    return alt.Chart(alt.NamedData(name))


def told(chart: alt.Chart, *fields: str) -> alt.Chart:
    """The chart with the numbers of these columns as a text says them, for `tip`."""
    for field in fields:
        power = f"datum.{field}_power"
        chart = chart.transform_calculate(f"{field}_power", power_of(f"datum.{field}"))
        chart = chart.transform_calculate(f"{field}_words", number_words(f"datum.{field}", power))
    return chart


def tip(field: str, title: str = "") -> alt.Tooltip:
    """What a tooltip says of a column that was `told`."""
    return alt.Tooltip(f"{field}_words:N", title=title or field)


def mark(
    words: str,
    symbol: str,
    colour: str,
    *,
    dash: Sequence[int] = (1, 0),
    wide: float = 2.5,
    hollow: bool = False,
    opacity: float = 1,
) -> dict[str, Any]:
    """An entry of a picture's key: what a page says of a mark beside its chart, a picture says below it.

    symbol: "line", "area", or the shape of a point.  dash, wide: of a line.  hollow: of a point.
    """
    looks = {"dash": list(dash), "wide": wide, "hollow": hollow, "opacity": opacity}
    return {"words": words, "symbol": symbol, "colour": colour, **looks}


def layered(layers: Sequence[alt.Chart], height: int, scrub: bool = True, key: Sequence[dict[str, Any]] = ()) -> Spec:
    """The layers as one spec; with `scrub`, with a parameter `epoch` that the page's play bar sets.

    Without a label for each mark: the page gives the chart as a whole its words, which a reader can take in.
    key: what its marks are, for a picture of it.
    """
    # Put together here: Altair's own layer() copies its layers several times, which takes ten times as long.
    spec: Spec = {
        "layer": [layer.to_dict(validate=False, context={"top_level": False}) for layer in layers],
        "height": height,
        "resolve": {"scale": {"color": "independent", "strokeDash": "independent"}},
        "config": {"aria": False},
        "padding": _AROUND,
    }
    if key:
        spec["usermeta"] = {"key": list(key)}
    # 1e15: everything is shown until a play bar says otherwise.
    return spec | {"params": [{"name": "epoch", "value": 1e15}]} if scrub else spec


def log_scale(low: float, high: float) -> alt.Scale:
    """A logarithmic scale over exactly this stretch."""
    return alt.Scale(type="log", domain=[low, high], nice=False)


def power_axis(low: float, high: float, count: int = 6) -> alt.Axis:
    """Labels at powers of ten, about `count` of them: 10⁻³, 1, 10³, 10⁶."""
    return alt.Axis(
        values=decades(low, high, count),
        labelExpr=POWERS,
        labelFontSize=LABEL_SIZE,
        titleFontSize=LABEL_SIZE,
        labelOverlap=False,
    )


def rate_x(low: float, high: float, field: str = "rate:Q") -> alt.X:
    """A learning rate from left to right, as `rate_axis` has it."""
    return alt.X(field, **rate_axis(low, high))


def rate_axis(low: float, high: float) -> dict[str, Any]:
    """A learning rate on a log axis, with a label at each power of ten; at numbers between, where that were too few."""
    values, label = decades(low, high), POWERS
    if len(values) < 2:
        values, label = round_numbers(low, high), "format(datum.value, '.6~g')"
    axis = alt.Axis(values=values, labelExpr=label, grid=False, labelFontSize=LABEL_SIZE, titleFontSize=LABEL_SIZE)
    return {"title": "learning rate", "scale": log_scale(low, high), "axis": axis}


def zone_bands(low: float, high: float) -> alt.Chart:
    """What theory says of each stretch of a rate axis, in its colour. Table: zones (from, to, zone)."""
    bands: alt.Chart = table("zones").mark_rect(opacity=0.14)
    colour = alt.Color("zone:N", scale=zone_scale(), legend=None)
    return bands.encode(x=rate_x(low, high, "from:Q"), x2="to:Q", color=colour)


def zone_scale() -> alt.Scale:
    """The colour of each zone."""
    return alt.Scale(domain=list(ZONE_COLOURS), range=list(ZONE_COLOURS.values()))


def limit_marks(theme: str, low: float, high: float, down: int) -> list[alt.Chart]:
    """Limits on a rate axis, each with its words `down` px from the top. Table: limits (rate, words, row)."""
    return lines_in_words(theme, rate_x(low, high), low * (high / low) ** 0.85, down, LABEL_SIZE)


def lines_in_words(theme: str, x: alt.X, turns: float, down: int, size: int) -> list[alt.Chart]:
    """Dashed lines across a chart, each with its words `down` px from the top, a row of its own for each.

    x: an axis of the field `rate`.  turns: from there on the words stand to the left, where they have room.
    size: of the type, px.  Table: limits (rate, words, row).
    """
    lines, to_the_left = table("limits").encode(x=x), f"datum.rate > {turns}"
    words = rimmed(
        lines.encode(y=alt.value(down), text="words:N"),
        theme,
        align=alt.expr(f"{to_the_left} ? 'right' : 'left'"),
        dx=alt.expr(f"{to_the_left} ? -6 : 6"),
        dy=alt.expr("datum.row * 18"),
        fontSize=size,
    )
    return [lines.mark_rule(color=INK[theme], strokeDash=[4, 3], strokeWidth=2), *words]


def rimmed(words: alt.Chart, theme: str, **placed: Any) -> list[alt.Chart]:
    """Bold words with a rim of paper, for where curves run through them."""
    paper = {"color": PAPER[theme], "stroke": PAPER[theme], "strokeWidth": 4, "strokeJoin": "round"}
    looks: list[dict[str, Any]] = [paper, {"color": INK[theme]}]
    return [words.mark_text(**placed, **look, fontWeight="bold") for look in looks]


def plain_axis() -> alt.Axis:
    """Labels at five round numbers or so."""
    return alt.Axis(labelFontSize=LABEL_SIZE, titleFontSize=LABEL_SIZE, tickCount=5)


def round_numbers(low: float, high: float, count: int = 6) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten from low to high, at most `count` and at least a third of that."""
    size = 10.0 ** math.floor(math.log10((high - low) / count))
    steps = (part * size for part in (1, 2, 5, 10, 20))
    step = next(step for step in steps if math.floor(high / step) - math.ceil(low / step) < count)
    return [step * k for k in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


# What grows with the type of a chart, by how much; a point's size is an area.
_TYPE = {"fontSize", "labelFontSize", "titleFontSize"}
_GROWTH = {
    **dict.fromkeys(_TYPE | {"dx", "dy", "xOffset", "yOffset", "gradientLength", "labelLimit"}, 2.0),
    **dict.fromkeys(("minExtent", "maxExtent", "titleX"), 2.0),
    **dict.fromkeys(("strokeWidth", "symbolStrokeWidth", "thickness"), 1.6),
    **dict.fromkeys(("size", "symbolSize"), 3.0),
}
# What is a part of the height grows with that already.
_GROWTH_OF_PARTS = {"fontSize": 1.3, "size": 1.3, "dy": 1.2}
ROW_HEIGHT = "row_height"  # the name of a parameter, px, that grows as words in rows do
_ROW_GROWTH = 1.5
_HALL_TYPE = 24  # px; the least that is read from the last row
_HALL_TIMES = 2.4  # times its own height a chart may get


def for_a_hall(spec: Spec, theme: str, tallest: int) -> Spec:
    """The same chart to be read from across a room: type of 24 px and more, and all else grown along with it.

    tallest: how high the chart may get, px of a screen of 900; where the browser sizes it, that share of its screen.
    """
    type_size: dict[str, Any] = dict.fromkeys(("labelFontSize", "titleFontSize"), _HALL_TYPE)
    type_size |= {"labelLimit": 420, "titleLimit": 800}
    type_size |= {"labelColor": INK[theme], "titleColor": INK[theme]}
    usual = looks(theme)
    config = {
        **spec.get("config", {}),
        "axis": usual["axis"] | type_size | {"labelSeparation": 10, "tickWidth": 2},
        "legend": usual["legend"]
        | type_size
        | {"symbolSize": 500, "symbolStrokeWidth": 5, "rowPadding": 8, "columnPadding": 24},
        "text": {"fontSize": _HALL_TYPE},
    }
    height: dict[str, Any] = {}
    if isinstance(own := spec.get("height"), int):
        height = {"height": min(2 * own, tallest), "usermeta": {"hall": min(_HALL_TIMES * own, tallest)}}
    grown: Spec = _grown({name: part for name, part in spec.items() if name not in ("config", "padding")})
    return grown | height | {"config": config, "padding": {side: 2 * room for side, room in _AROUND.items()}}


def _grown(part: Any) -> Any:
    """A part of a spec with its sizes grown; data and filters have none."""
    if isinstance(part, list):
        return [_grown(each) for each in part]
    if not isinstance(part, dict):
        return part
    if part.get("name") == ROW_HEIGHT:
        return part | {"value": _ROW_GROWTH * part["value"]}
    made = {name: value if name == "data" else _grown_value(name, value) for name, value in part.items()}
    return made | {"labelOverlap": True} if made.get("labelOverlap") is False else made


def _grown_value(name: str, value: Any) -> Any:
    if name in ("x", "y", "size") and isinstance(value, dict) and isinstance(value.get("value"), int | float):
        return value | {"value": (3 if name == "size" else 2) * value["value"]}  # a place in px, or a size
    if name == "columns" and isinstance(value, dict):  # of a legend, by what it has room for
        return {"expr": value["expr"].replace("width", f"(width / {_HALL_TYPE / LABEL_SIZE:.2f})")}
    times = _GROWTH.get(name)
    if times is None or isinstance(value, bool):
        return _grown(value)
    if isinstance(value, int | float):
        return max(_HALL_TYPE, times * value) if name in _TYPE else times * value
    if isinstance(value, dict) and set(value) == {"expr"}:
        times = _GROWTH_OF_PARTS.get(name, 1) if "height" in value["expr"] else times
        return {"expr": f"{times} * ({value['expr']})"}
    return _grown(value)
