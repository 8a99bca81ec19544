"""What stands below a chart in a picture: the key of its marks, a caption, a QR code. SVG in, SVG out."""

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

# The first is brought along (fonts/); who opens an SVG elsewhere has one of the others, which are narrower.
FONT = "DejaVu Sans, Helvetica, Arial, sans-serif"
_LETTER = 0.6  # of the type's size: how wide a letter is, on the safe side
_KEY_SIZE, _CAPTION_SIZE = 12, 11  # px
_LINE, _SYMBOL, _GAP = 17, 30, 18  # px: a line of words, a mark with the air after it, between two entries
_APART = 5  # px between the key and the caption
_SIDE, _ABOVE, _UNDER = 14, 2, 12  # px around
_CODE = 84  # px, the side of a QR code
_SHAPES = {
    "circle": "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0Z",
    "square": "M-4 -4H4V4H-4Z",
    "triangle-up": "M0 -5L5 4H-5Z",
    "triangle-down": "M0 5L5 -4H-5Z",
    "triangle-left": "M-5 0L4 -5V5Z",
    "triangle-right": "M5 0L-4 -5V5Z",
    "diamond": "M0 -5.5L5 0L0 5.5L-5 0Z",
    "cross": "M-5 -5L5 5M5 -5L-5 5",
    "arrow": "M-11 0H8M3 -4L9 0L3 4",
}


@dataclass(frozen=True, slots=True)
class Foot:
    """What is said below a picture.

    width: of the picture, px.  letters: the colour of all words.  key: of the chart's marks, as `chart_parts.mark`
    makes them.  caption: a few sentences, "" for none.  code: the SVG of a QR code, "" for none.
    """

    width: int
    letters: str
    key: Sequence[dict[str, Any]] = field(default_factory=tuple)
    caption: str = ""
    code: str = ""

    def height(self) -> int:
        """How high it is, px; 0 where nothing is to be said."""
        rows, lines = len(self._rows()), len(self._lines())
        words = _LINE * (rows + lines) + (_APART if rows and lines else 0)
        most = max(words, _CODE if self.code else 0)
        return most + _ABOVE + _UNDER if most else 0

    def _room(self) -> int:
        return self.width - 2 * _SIDE - (_CODE + _GAP if self.code else 0)

    def _lines(self) -> list[str]:
        return textwrap.wrap(self.caption, int(self._room() / (_CAPTION_SIZE * _LETTER)))

    def _rows(self) -> list[list[tuple[float, dict[str, Any]]]]:
        """The entries of the key row by row, each with its place from the left."""
        rows: list[list[tuple[float, dict[str, Any]]]] = []
        at = 0.0
        for entry in self.key:
            wide = _SYMBOL + len(entry["words"]) * _KEY_SIZE * _LETTER
            if not rows or at + wide > self._room():
                rows.append([])
                at = 0.0
            rows[-1].append((at, entry))
            at += wide + _GAP
        return rows

    def svg(self, top: int) -> str:
        """It as elements of an SVG, from `top` px down."""
        y = top + _ABOVE
        drawn = []
        for row in self._rows():
            drawn += [_entry(_SIDE + at, y + _LINE / 2, entry, self.letters) for at, entry in row]
            y += _LINE
        y += _APART if self._rows() else 0
        for line in self._lines():
            drawn.append(_text(_SIDE, y + _LINE / 2, line, _CAPTION_SIZE, self.letters))
            y += _LINE
        if self.code:
            place = f'x="{self.width - _SIDE - _CODE}" y="{top + _ABOVE}" width="{_CODE}" height="{_CODE}"'
            drawn.append(self.code.replace("<svg", f"<svg {place}", 1))
        return f'<g class="foot">{"".join(drawn)}</g>'


def extended(svg: str, foot: Foot, paper: str | None) -> str:
    """The SVG of a chart with this foot below it. paper: its ground, None for none."""
    head = re.match(r'<svg [^>]*?width="([\d.]+)" height="([\d.]+)" viewBox="[^"]*"', svg)
    assert head, "Vega begins an SVG with its size"
    width, height = (round(float(number)) for number in head.groups())
    whole = height + foot.height()
    size = f'width="{width}" height="{whole}" viewBox="0 0 {width} {whole}"'
    opening = re.sub(r'width="[^"]*" height="[^"]*" viewBox="[^"]*"', size, head[0])
    start = svg.index(">", head.end()) + 1
    ground = f'<rect width="{width}" height="{whole}" fill="{paper}"/>' if paper else ""
    rest = svg[start:].removesuffix("</svg>")
    return f"{opening}{svg[head.end() : start]}{ground}{rest}{foot.svg(height) if foot.height() else ''}</svg>"


def _entry(x: float, y: float, entry: dict[str, Any], letters: str) -> str:
    return _symbol(x + 11, y, entry) + _text(x + _SYMBOL, y, entry["words"], _KEY_SIZE, letters)


def _symbol(x: float, y: float, entry: dict[str, Any]) -> str:
    colour, opacity = entry["colour"], entry["opacity"]
    if entry["symbol"] == "area":
        return f'<rect x="{x - 11}" y="{y - 5}" width="22" height="10" fill="{colour}" opacity="{opacity}"/>'
    if entry["symbol"] == "line":
        dash = " ".join(map(str, entry["dash"]))
        looks = f'stroke="{colour}" stroke-width="{entry["wide"]}" stroke-dasharray="{dash}" opacity="{opacity}"'
        return f'<path d="M{x - 11} {y}h22" {looks} fill="none"/>'
    bare = entry["hollow"] or entry["symbol"] in ("cross", "arrow")
    looks = (
        f'fill="none" stroke="{colour}" stroke-width="1.6"'
        if bare
        else f'fill="{colour}" stroke="#fff" stroke-width="0.7"'
    )
    return f'<path d="{_SHAPES[entry["symbol"]]}" transform="translate({x} {y})" {looks} opacity="{opacity}"/>'


def _text(x: float, y: float, words: str, size: int, colour: str) -> str:
    font = f'font-family="{FONT}" font-size="{size}px" fill="{colour}"'
    return f'<text x="{x:g}" y="{y + size * 0.35:g}" {font}>{escape(words)}</text>'
