"""The stage on a page: a deck drawn by the browser, which answers the hand without asking the server.

The page gives it rates and where their deck is. 600 ms after the hand has rested it tells the rates, and the page
takes them into its Experiment; the stage shows them already.
"""

import base64
from dataclasses import replace
from functools import cache
from typing import Any

import streamlit as st

from core import MAX_LANES, Experiment
from core.data.datasets import is_upload
from core.drawing.deck import family, seconds
from core.experiment.cost import CACHED_SECONDS
from core.instruments.compare.stage_data import told
from pages.lecture import lock
from pages.session import lecture_words, link, page_charts, pins, runs
from pages.session.link_words import short
from pages.session.sent import understood
from pages.widgets import browser_module
from server import decks, stage_files

_KEY = "stage"
_mount = cache(lambda: browser_module.component("stage"))


def stage(experiment: Experiment) -> None:
    """Draw it, and take what it tells."""
    lock.control("lr", "Learning rates")
    lock.control("start", "Where all lanes start")
    handlers = {f"on_{name}_change": handler for name, handler in _HANDLERS.items()}
    _mount()(key=_KEY, data=_data(experiment), **handlers)


def _data(experiment: Experiment) -> dict[str, Any]:
    theme = page_charts.theme()
    words = short(experiment)
    return {
        **_deck(experiment, words),
        **told(experiment),
        "pins": [pin._asdict() for pin in pins.pins()],
        "link": link.around_the_rates(),
        "locks": {"rates": lock.hides("lr"), "start": lock.hides("start")},
        "hall": lecture_words.presents(),
        "theme": theme,
        "mostPins": 0 if is_upload(experiment.data) else pins.MOST,
    }


def _deck(experiment: Experiment, words: dict[str, list[str]]) -> dict[str, Any]:
    """Where the deck is, or the deck itself where it has no address: of an upload, of what takes long to train, and
    where the pages run without the lab's own server.
    """
    whole = family(experiment)
    if stage_files.served() and not is_upload(experiment.data) and seconds(whole) <= CACHED_SECONDS:
        bare = {name: texts for name, texts in words.items() if name != "lr"}
        others = family(replace(experiment, learning_rates=Experiment().learning_rates)).learning_rates
        lanes = zip(experiment.to_query()["lr"], experiment.learning_rates, strict=True)
        own = [text for text, rate in lanes if rate not in others]
        address = decks.deck_address(bare | ({"lr": own} if own else {}))
        return {"family": decks.deck_address(bare), "address": address}
    content = runs.deck(experiment)
    return {"family": repr(replace(whole, learning_rates=(1.0,))), "deck": base64.b64encode(content).decode()}


def _sent(name: str) -> Any:
    return st.session_state[_KEY][name]


def _rested() -> None:
    rates = understood(lambda: tuple(float(rate) for rate in _sent("rested")))
    if rates and len(rates) <= MAX_LANES and not lock.hides("lr"):
        link.change(learning_rates=rates)


def _start() -> None:
    place = understood(lambda: tuple(float(_sent("start")[k]) for k in (0, 1)))
    if place and not lock.hides("start"):
        link.change(start=() if place == (0.0, 0.0) else place)


def _pin() -> None:
    rate = understood(lambda: float(_sent("pin")))
    if rate in link.current().learning_rates:
        pins.add(rate)


def _unpin() -> None:
    place = understood(lambda: int(_sent("unpin")))
    if place is not None:
        pins.remove(place)


def _link() -> None:
    query = understood(lambda: str(_sent("link")))
    if query is not None and not lock.hides("lr"):
        link.follow(query)


_HANDLERS = {"rested": _rested, "start": _start, "pin": _pin, "unpin": _unpin, "link": _link}
