"""Several charts with their words as one page, PDF: cards in rows, under a title. Text stays text."""

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape

from ..drawing.chart_parts import AXIS, INK, PAPER
from .chart_files import Drawing, as_pdf, picture
from .chart_foot import FONT

_CARD, _GAP, _AROUND, _PAD = 640, 24, 36, 16  # px: a card's width, between two, around all, within one
_TITLE, _HEAD, _BODY = 30, 17, 13  # px of type
_LETTER, _LINE, _BETWEEN = 0.55, 1.4, 6  # width and height of a letter, as parts of its size; px between paragraphs
_COLUMNS = ((2, 1), (8, 2))  # of so many cards at most; else three


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """title: a line.  words: paragraphs below it.  drawing: a chart, below these; its own name is not shown.

    said: of the chart, below it, or where there is none.
    """

    title: str
    words: Sequence[str] = ()
    drawing: Drawing | None = None
    said: str = ""


def poster(title: str, below: str, cards: Sequence[Card], theme: str = "light") -> bytes:
    """The page as PDF.  below: a line under the title."""
    return as_pdf(_page(title, below, cards, theme))


def _page(title: str, below: str, cards: Sequence[Card], theme: str) -> str:
    columns = next((columns for most, columns in _COLUMNS if len(cards) <= most), 3)
    width = 2 * _AROUND + columns * _CARD + (columns - 1) * _GAP
    heads, y = _text(title, _AROUND, _AROUND, _TITLE, width - 2 * _AROUND, INK[theme], bold=True)
    under, y = _text(below, _AROUND, y + _BETWEEN, _BODY, width - 2 * _AROUND, AXIS[theme])
    parts, y = [*heads, *under], y + _GAP
    made = [_card(card, place, theme) for place, card in enumerate(cards)]
    for start in range(0, len(made), columns):
        row = made[start : start + columns]
        height = max(high for _, high in row)
        for at, (inside, _) in enumerate(row):
            x = _AROUND + at * (_CARD + _GAP)
            frame = (
                f'<rect width="{_CARD}" height="{height}" rx="8" fill="none" stroke="{AXIS[theme]}" opacity="0.35"/>'
            )
            parts.append(f'<g transform="translate({x} {y})">{frame}{inside}</g>')
        y += height + _GAP
    size = f'width="{width}" height="{y:g}" viewBox="0 0 {width} {y:g}"'
    ground = f'<rect width="{width}" height="{y:g}" fill="{PAPER[theme]}"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{ground}{"".join(parts)}</svg>'


def _card(card: Card, place: int, theme: str) -> tuple[str, float]:
    """(the card as SVG, from its own corner; its height)."""
    room = _CARD - 2 * _PAD
    parts, y = _text(card.title, _PAD, _PAD, _HEAD, room, INK[theme], bold=True)
    for words in card.words:
        more, y = _text(words, _PAD, y + _BETWEEN, _BODY, room, INK[theme])
        parts += more
    if card.drawing is None:
        said, y = _text(card.said, _PAD, y + _BETWEEN, _BODY, room, AXIS[theme])
        return "".join([*parts, *said]), y + _PAD
    chart = picture(replace(card.drawing, name=""), "svg", theme, room, caption=card.said).decode()
    # Parts of two charts have the same names: in one page each needs its own.
    chart = re.sub(r"(?<=[\"#])clip(?=\d+[\")])", f"card{place}-clip", chart)
    found = re.match(r'<svg [^>]*?height="([\d.]+)"', chart)
    assert found, "a picture begins with its size"
    parts.append(chart.replace("<svg ", f'<svg x="{_PAD}" y="{y + _BETWEEN:g}" ', 1))
    return "".join(parts), y + _BETWEEN + float(found[1]) + _PAD / 2


def _text(
    words: str, x: float, y: float, size: int, room: float, colour: object, bold: bool = False
) -> tuple[list[str], float]:
    """(the words in lines as SVG, from y px down; where they end)."""
    looks = f'font-family="{FONT}" font-size="{size}px" fill="{colour}"' + (' font-weight="bold"' if bold else "")
    drawn = []
    for line in textwrap.wrap(words, int(room / (size * (_LETTER + 0.08 * bold)))):
        drawn.append(f'<text x="{x:g}" y="{y + size:g}" {looks}>{escape(line)}</text>')
        y += size * _LINE
    return drawn, y
