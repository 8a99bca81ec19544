"""What came of a lesson, as one page of pictures: of each step its question and its result, as the hall had them."""

import json
import re
from html import unescape
from typing import Any

from core.export.poster import Card, poster
from core.words import LANE_LETTERS, many
from room import drawings

_RIGHT = "✓ right: "


def page(title: str, steps: str) -> bytes:
    """The page as PDF, without seats.  steps: of each that had answers, JSON, as `Rooms.reviewed` has them."""
    cards = [card(step) for step in json.loads(steps)]
    below = "Totals of a class; below five answers their number alone." if cards else "No step had an answer."
    return poster(title, below, cards)


def card(step: dict[str, Any]) -> Card:
    """A step: what was asked, and what is told of its answers."""
    asked, result, counts = step["asked"], step["result"], step["counts"]
    kind = "run" if asked["kind"] == "rate" else "answer"
    how_many = " and ".join([many(counts[0], kind), *([f"{counts[1]} in a second round"] if counts[1] else [])])
    drawn = drawings.drawing(asked, result, "light")
    choices = [
        f"{LANE_LETTERS[at]}  {_RIGHT if at == result['right'] else ''}{_plain(choice)}"
        for at, choice in enumerate(asked.get("choices", ()))
    ]
    if asked["kind"] == "quiz":
        choices = _curves(result)
    ask = asked.get("about") or asked["ask"]
    words = [_plain(part) for part in ask.split("</p>") if part] + choices
    said = [
        *([] if result["few"] else [f"{how_many}."]),
        *drawings.sentences(result, counts[1] or counts[0], drawn),
        _plain(result.get("outcome", "")),
    ]
    return Card(
        title=f"{step['step']}. {asked['title']}", words=words, drawing=drawn, said=" ".join(filter(None, said))
    )


def _curves(result: dict[str, Any]) -> list[str]:
    """Of each curve of a race how many were right, and what it was."""
    right = result["right"] or [None] * len(result["titles"])
    shares = ["" if count is None else f"{count / result['answers']:.0%} right: " for count in right]
    titles = zip(shares, result["titles"], strict=True)
    return [f"{place}  {share}{_plain(title)}" for place, (share, title) in enumerate(titles, 1)]


def _plain(html: str) -> str:
    """Words without their marks: a paragraph and a break are a space."""
    return " ".join(unescape(re.sub("<[^>]+>", "", re.sub("</p>|<br>", " ", html))).split())
