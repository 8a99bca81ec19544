"""Charts with one slider below, which the browser redraws while it is dragged; the page hears where it rests."""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import streamlit as st

from core.drawing.chart_parts import Spec, for_a_hall, for_the_stage
from core.drawing.stops import Stop, joined
from core.drawing.tables import as_arrow
from core.words import number
from pages.lecture import lock, slides
from pages.session import lecture_words, page_charts
from pages.session.link_words import WORDS
from pages.session.sent import understood
from pages.widgets import browser_module

_mount = cache(lambda: browser_module.component("dragged_chart", "dragged"))


class Moved(NamedTuple):
    """A chart that follows the slider.

    name: what it is called where it is taken away.  stops: what it shows at each.  tallest: px it may take of a slide.
    """

    key: str
    name: str
    spec: Spec
    stops: Sequence[Stop]
    tallest: int = slides.TALLEST_OF_LESSON


def dragged(word: str, own: float, *charts: Moved) -> None:
    """Draw the charts where this word of the link stands, `own`, with a slider over all stops, alike for all of them.

    A field of the same word shows what was dragged once the hand has rested. Below stands what the first one's stops
    say.
    """
    stops, key = charts[0].stops, charts[0].key
    at, theme = next(k for k, stop in enumerate(stops) if stop.value == own), page_charts.theme()
    for chart in charts:
        page_charts.chart(chart.spec, chart.stops[at].tables, chart.stops[at].alt, chart.key, chart.name)
    data: dict[str, Any] = {
        "label": WORDS[word].label,
        "word": word,
        "typed": [f"{stop.value:g}" for stop in stops],
        "stops": [number(stop.value) for stop in stops],
        "at": at,
        "charts": [{"spec": _looks(chart, theme), "alts": [stop.alt for stop in chart.stops]} for chart in charts],
        "says": [stop.says for stop in stops],
        "fixed": lock.hides(word),
        "theme": theme,
    }
    for which, chart in enumerate(charts):
        data |= {f"{which}/{name}": as_arrow(table) for name, table in joined(chart.stops).items()}

    def rested() -> None:
        place = understood(lambda: int(st.session_state[f"dragged-{key}"]["rested"]))
        if place is not None and 0 <= place < len(stops) and not lock.hides(word):
            st.session_state[word] = stops[place].value

    _mount()(key=f"dragged-{key}", data=data, on_rested_change=rested)


def _looks(chart: Moved, theme: str) -> Spec:
    """The spec as a page has it: Streamlit's charts get this from Streamlit."""
    drawn = for_a_hall(chart.spec, theme, chart.tallest) if lecture_words.presents() else chart.spec
    return for_the_stage(drawn, theme)
