"""A chart with a slider below, which the browser redraws while the slider is dragged; the page hears where it rests."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import streamlit as st

from core.drawing.chart_parts import Spec, for_a_hall, looks
from core.drawing.stops import Stop, joined
from core.drawing.tables import as_arrow
from core.words import number
from pages.lecture import lock, slides
from pages.session import lecture_words, page_charts
from pages.session.link_words import WORDS
from pages.session.sent import understood
from pages.widgets import browser_module

_mount = cache(lambda: browser_module.component("dragged_chart", "dragged"))


def dragged(word: str, spec: Spec, stops: Sequence[Stop], own: float, key: str) -> None:
    """Draw the spec where this word of the link stands, `own`, with a slider over all stops.

    A field of the same word shows what was dragged once the hand has rested.
    """
    at, theme = next(k for k, stop in enumerate(stops) if stop.value == own), page_charts.theme()
    page_charts.chart(spec, stops[at].tables, stops[at].alt, key, "")
    drawn = for_a_hall(spec, theme, slides.TALLEST) if lecture_words.presents() else spec
    config = {"mark": {"tooltip": {"content": "encoding"}}, **looks(theme), **drawn.get("config", {})}
    data: dict[str, Any] = {
        "label": WORDS[word].label,
        "stops": [number(stop.value) for stop in stops],
        "at": at,
        "alts": [stop.alt for stop in stops],
        "says": [stop.says for stop in stops],
        "fixed": lock.hides(word),
        "spec": {**drawn, "config": config, "background": "transparent"},
        "theme": theme,
    }
    tables = {name: as_arrow(table) for name, table in joined(stops).items()}

    def rested() -> None:
        place = understood(lambda: int(st.session_state[f"dragged-{key}"]["rested"]))
        if place is not None and 0 <= place < len(stops) and not lock.hides(word):
            st.session_state[word] = stops[place].value

    _mount()(key=f"dragged-{key}", data=data | tables, on_rested_change=rested)
