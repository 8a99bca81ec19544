"""The play bar of a page that Streamlit lays out, and the charts that follow it in the browser without a call."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from core.drawing.chart_parts import Spec, for_the_stage
from core.drawing.tables import as_arrow
from pages.session import page_charts
from pages.widgets import browser_module

_bar = cache(lambda: browser_module.component("play_bar", "bar"))
_chart = cache(lambda: browser_module.component("moving_chart", "follows", brings=False))
_KEY = "play-bar"


def play_bar(
    moments: Sequence[int],
    unit: str = "epoch",
    first: int | None = None,
    live: bool = False,
    words: str = "",
    events: Sequence[tuple[int, str]] = (),
) -> None:
    """Draw the bar over these epochs, or what else the charts call so, ascending; the charts drawn after it follow it.

    first: which of the moments it stands at before it is moved; the last without one.
    live: of a run that is still trained, or was stopped: nothing is seen of it, and the charts show all there is.
    words: what is then told to who hears the page, once in five seconds.
    events: epochs worth a look, ascending, each with what is said from there on.
    """
    first = len(moments) - 1 if first is None else min(first, len(moments) - 1)
    told = [list(event) for event in events]
    page_charts.follow()
    data = {"moments": list(moments), "unit": unit, "first": first, "live": live, "words": words, "events": told}
    _bar()(key=_KEY, data=data)


def moving_chart(spec: Spec, tables: Mapping[str, Any], words: str, key: str) -> None:
    """Draw a chart that follows the bar.  tables: Arrow, data frames or rows, by the names that the spec gives them."""
    theme = page_charts.theme()
    arrow = {name: as_arrow(table) for name, table in tables.items()}
    _chart()(key=f"chart-{key}", data={"spec": for_the_stage(spec, theme), "words": words, "theme": theme, **arrow})
