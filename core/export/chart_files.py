"""A chart as a file: PNG, SVG or PDF, drawn on this machine, without a request to any other.

A page's chart stands beside words that name it, and Streamlit gives it the page's looks. A picture has to bring both.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from ..drawing.chart_parts import AXIS, PAPER, Spec, in_theme, looks
from .chart_foot import FONT, Foot, extended

FORMS = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}
WIDTH = 720  # px
SIZES = {"document": 0, "1920": 1920, "3840": 3840}  # pixels across of a PNG; 0: two for each px, 144 to the inch
_DOCUMENT, _INCH = 144, 72  # pixels to the inch of a document; px to the inch
_SLIDE = 9 / 16  # height to width
_FINER = 4 / 3  # times as many px in a slide of an image: its words leave it more of the height
_AROUND = {"top": 14, "right": 18, "bottom": 14, "left": 14}  # px
_COUNTED = re.compile(r"(?<=[\"#])clip(\d+)(?=[\")])")
_EXPLAINED = ("lane", "zone")  # columns whose colours the page explains beside the chart
_FLAT, _SHAPE, _IMAGE_SHAPE = 100, 0.55, 0.8  # px: a gauge; height to width of the others, and of those with an image


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A chart as a page drew it.

    key: its name on the page.  name: a few words, for a list and as a title.  words: what it shows, with numbers.
    spec: Vega-Lite, over named tables.  tables: Arrow, data frames, lists of rows or columns of values.
    lanes: what the lane of each letter is, "learning rate 0.01", for the legend.
    """

    key: str
    name: str
    words: str
    spec: Spec
    tables: Mapping[str, Any]
    lanes: Mapping[str, str] = field(default_factory=dict)


def picture(
    drawing: Drawing,
    form: str,
    theme: str,
    width: int = WIDTH,
    size: str = "document",
    transparent: bool = False,
    caption: str = "",
    code: str = "",
) -> bytes:
    """The chart as it is at the last epoch, under its name, over the key of its marks.

    form: png, svg (with its words as title and description) or pdf (one page, of which the text stays text).
    theme: light or dark.  width: px, of the whole picture.  size: of a PNG, a key of SIZES: 144 pixels to the inch, or
    so many across, of the shape of a slide.  transparent: without a ground.  caption: what ran, below.  code: the SVG
    of a QR code, beside that.
    Raises ValueError for another form.
    """
    import vl_convert  # here: 15 ms that only who takes a picture waits for

    if form not in FORMS:
        raise ValueError(f"form must be one of {', '.join(FORMS)}, got {form!r}")
    spec = embedded(drawing, theme)
    key = spec.get("usermeta", {}).get("key", ())
    slide = form == "png" and size != "document"
    if slide and _holds_an_image(drawing.spec):
        width = round(width * _FINER)
    foot = Foot(width, str(AXIS[theme]), key, caption, code)
    spec |= {"background": None} | _size(drawing.spec, width, round(width * _SLIDE) - foot.height() if slide else 0)
    spec["config"] |= {"font": FONT}
    _bring_fonts()
    chart = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])
    svg = extended(_described(chart, drawing), foot, None if transparent else str(PAPER[theme]))
    if form == "svg":
        return svg.encode()
    if form == "pdf":
        return as_pdf(svg)
    return as_png(svg, _INCH * SIZES[size] / width if slide else _DOCUMENT)


@cache
def _bring_fonts() -> None:
    """Many machines have no font with superscripts: 10⁻⁶ would be drawn without its power."""
    import vl_convert

    vl_convert.register_font_directory(str(Path(__file__).with_name("fonts")))


def as_png(svg: str, dots: float = _DOCUMENT) -> bytes:
    """A picture's SVG as PNG. dots: to the inch."""
    import vl_convert

    _bring_fonts()
    return bytes(vl_convert.svg_to_png(svg, ppi=dots))


def as_pdf(svg: str) -> bytes:
    """A picture's SVG as PDF, one page, of which the text stays text."""
    import vl_convert

    _bring_fonts()
    return bytes(vl_convert.svg_to_pdf(svg))


def embedded(drawing: Drawing, theme: str) -> Spec:
    """The chart's spec with its tables inside, as `standalone` has it."""
    return standalone(drawing, theme) | {"datasets": {name: _last(rows(at)) for name, at in drawing.tables.items()}}


def standalone(drawing: Drawing, theme: str, legends: bool = True) -> Spec:
    """The chart's spec without its tables, in this theme, with the looks, the name and (`legends`) the legends a page
    gives it.

    Nothing in it can be clicked any more, as nobody would take the click.
    """
    spec = in_theme(_unclickable(drawing.spec), theme)
    if legends:
        _add_legends(spec, drawing)
    title = {"text": drawing.name} | ({"offset": 12} if _explains(spec) else {})
    return {
        **spec,
        "title": title,
        "config": {**looks(theme), **spec.get("config", {})},
        "background": str(PAPER[theme]),
        "padding": _AROUND,
    }


def rows(table: Any) -> list[dict[str, Any]]:
    """A table as JSON has it, row by row; what is no finite number is null, as where Streamlit sends it."""
    if hasattr(table, "to_pylist"):
        found = table.to_pylist()
    elif hasattr(table, "to_dict"):
        found = table.to_dict("records")
    elif isinstance(table, Mapping):
        found = [dict(zip(table, values, strict=True)) for values in zip(*table.values(), strict=True)]
    else:
        found = table
    return [{str(name): _plain(value) for name, value in row.items()} for row in found]


def _last(table: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of a table of images the last: a hundred that are not seen would take half a minute to draw."""
    return table[-1:] if table and {"image", "epoch"} <= set(table[0]) else table


def _plain(value: Any) -> Any:
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _size(spec: Spec, width: int, height: int) -> dict[str, int]:
    """A gauge stays flat; the rest is `height` high, or by itself where that is 0, as high as it is drawn at least."""
    own = spec["height"]
    if own < _FLAT:
        return {"width": width, "height": own + 100}  # of the whole: title, axis and legend
    shape = _IMAGE_SHAPE if _holds_an_image(spec) else _SHAPE
    return {"width": width, "height": height or max(own, round(width * shape))}


def _holds_an_image(spec: Spec) -> bool:
    return any(_mark(layer) == "image" for layer in spec["layer"])


def _mark(layer: Spec) -> str:
    mark = layer["mark"]
    return str(mark["type"] if isinstance(mark, dict) else mark)


def _unclickable(spec: Spec) -> Spec:
    """A copy that takes no clicks; what was drawn to be clicked stays, unseen."""
    copy = dict(spec)
    if "params" in copy:
        copy["params"] = [each for each in copy["params"] if "select" not in each]
    if "layer" in copy:
        copy["layer"] = [_unclickable(layer) for layer in copy["layer"]]
    return copy


def _explains(spec: Spec) -> bool:
    return any(channel.get("legend") for layer in spec["layer"] for channel in _channels(layer))


def _channels(layer: Spec) -> list[dict[str, Any]]:
    return [channel for channel in layer.get("encoding", {}).values() if isinstance(channel, dict)]


def _add_legends(spec: Spec, drawing: Drawing) -> None:
    """A legend for what the page explains beside the chart, once for each column: with colour and dash together.

    A lane that is no more in the chart at the last epoch is said to have left it.
    """
    for column in _EXPLAINED:
        said = [layer for layer in spec["layer"] if _coloured_by(layer, column)]
        # The first drawn by lines or areas, else by points: a legend shows what its layer is drawn with.
        said.sort(key=lambda layer: _mark(layer) in ("point", "text"))
        if not said or (column == "lane" and any(_mark(layer) == "text" for layer in said)):
            continue  # letters in the chart itself say it
        encoding = said[0]["encoding"]
        legend: dict[str, Any] = {"title": None}
        if column == "lane":
            gone = _left(said[0], drawing.tables)
            left = {letter: "" if ", left" in rate else gone.get(letter, "") for letter, rate in drawing.lanes.items()}
            names = {letter: f"{letter}: {rate}{left[letter]}" for letter, rate in drawing.lanes.items()}
            legend["labelLimit"] = 0
            legend["labelExpr"] = _lookup(names)
            legend["symbolOpacity"] = 1
            if "strokeDash" in encoding:
                legend |= {"symbolType": "stroke", "symbolSize": 400}
                encoding["strokeDash"]["legend"] = legend
        else:
            legend["symbolOpacity"] = 0.5
        encoding["color"]["legend"] = legend


def _left(layer: Spec, tables: Mapping[str, Any]) -> dict[str, str]:
    """What is said of each lane of whose last epoch the layer's chart shows nothing."""
    up, name = layer["encoding"].get("y", {}), layer.get("data", {}).get("name")
    ends, seen = up.get("scale", {}).get("domain"), rows(tables.get(name, ()))
    if not ends or not seen or {"lane", "epoch", up["field"]} - set(seen[0]):
        return {}
    found: dict[str, list[tuple[float, float | None]]] = {}
    for row in seen:
        found.setdefault(row["lane"], []).append((row["epoch"], row[up["field"]]))
    last = max(row["epoch"] for row in seen)
    return {lane: ", left the chart" for lane, each in found.items() if _outside(each, last, *ends)}


def _outside(points: list[tuple[float, float | None]], last: float, low: float, high: float) -> bool:
    """Whether all points (epoch, value) of the last epoch are missing or on one side of the chart."""
    values = [value for epoch, value in points if epoch == last and value is not None]
    return all(value < low for value in values) or all(value > high for value in values)


def _coloured_by(layer: Spec, column: str) -> bool:
    return bool(layer.get("encoding", {}).get("color", {}).get("field") == column)


def _lookup(words: Mapping[str, str]) -> str:
    """A Vega expression that says these words for these labels, and any other label as it is."""
    expression = "datum.label"
    for label, said in words.items():
        expression = f"datum.label == {label!r} ? {said!r} : {expression}"
    return expression


def _described(svg: str, drawing: Drawing) -> str:
    """The SVG with its name and its words for those who can't see it, the same each time it is made."""
    numbers = {found: k for k, found in enumerate(dict.fromkeys(_COUNTED.findall(svg)))}
    svg = _COUNTED.sub(lambda found: f"clip{numbers[found[1]]}", svg)  # Vega counts on from one picture to the next
    head, rest = svg.split(">", 1)
    words = f"<title>{escape(drawing.name)}</title><desc>{escape(drawing.words)}</desc>"
    return f'{head} role="img">{words}{rest}'
