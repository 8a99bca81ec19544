"""A chart as a file: PNG, SVG or PDF, drawn on this machine, without a request to any other.

A page's chart stands beside words that name it, and Streamlit gives it the page's looks. A picture has to bring both.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from ..drawing.chart_parts import PAPER, Spec, in_theme, looks

FORMS = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}
WIDTH = 720  # px
_SHARP = 2  # pixels of a PNG for each px: a projector's and a printer's
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


def picture(drawing: Drawing, form: str, theme: str, width: int = WIDTH) -> bytes:
    """The chart as it is at the last epoch, under its name.

    form: png (2 pixels for each of `width`), svg (with its words as title and description) or pdf (one page, of which
    the text stays text).  theme: light or dark.  width: px, of the whole picture.
    Raises ValueError for another form.
    """
    import vl_convert  # here: 15 ms that only who takes a picture waits for

    spec = embedded(drawing, theme) | _size(drawing.spec, width)
    no_requests: list[str] = []
    if form == "png":
        return bytes(vl_convert.vegalite_to_png(spec, scale=_SHARP, allowed_base_urls=no_requests))
    if form == "svg":
        svg = vl_convert.vegalite_to_svg(spec, allowed_base_urls=no_requests)
        return _described(svg, drawing).encode()
    if form == "pdf":
        return bytes(vl_convert.vegalite_to_pdf(spec, allowed_base_urls=no_requests))
    raise ValueError(f"form must be one of {', '.join(FORMS)}, got {form!r}")


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
        _add_legends(spec, drawing.lanes)
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


def _size(spec: Spec, width: int) -> dict[str, int]:
    """A gauge stays flat, what is drawn high stays so; the rest gets the shape of a slide."""
    height = spec["height"]
    if height < _FLAT:
        return {"width": width, "height": height + 100}  # of the whole: title, axis and legend
    shape = _IMAGE_SHAPE if any(_mark(layer) == "image" for layer in spec["layer"]) else _SHAPE
    return {"width": width, "height": max(height, round(width * shape))}


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


def _add_legends(spec: Spec, lanes: Mapping[str, str]) -> None:
    """A legend for what the page explains beside the chart, once for each column: with colour and dash together."""
    for column in _EXPLAINED:
        said = [layer for layer in spec["layer"] if _coloured_by(layer, column)]
        # The first drawn by lines or areas, else by points: a legend shows what its layer is drawn with.
        said.sort(key=lambda layer: _mark(layer) in ("point", "text"))
        if not said or (column == "lane" and any(_mark(layer) == "text" for layer in said)):
            continue  # letters in the chart itself say it
        encoding = said[0]["encoding"]
        legend: dict[str, Any] = {"title": None}
        if column == "lane":
            legend["labelExpr"] = _lookup({letter: f"{letter}: {rate}" for letter, rate in lanes.items()})
            legend["symbolOpacity"] = 1
            if "strokeDash" in encoding:
                legend |= {"symbolType": "stroke", "symbolSize": 400}
                encoding["strokeDash"]["legend"] = legend
        else:
            legend["symbolOpacity"] = 0.5
        encoding["color"]["legend"] = legend


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
