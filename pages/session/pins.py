"""Pinned runs of the compare page: pale lines that stay while settings change, each a word `pin` of its link.

A pin is itself the words of a link, to an experiment of one learning rate.
"""

from dataclasses import replace
from typing import Any, NamedTuple

from core import Experiment
from core.data.datasets import is_upload
from core.experiment.described import differences
from core.words import number
from pages.session import extras, link
from pages.session.link_words import WORDS, run_words, short
from server.decks import deck_address

MOST = WORDS["pin"].field.most


class Pin(NamedTuple):
    """A pinned run: what it is called, where its deck is, and its learning rate there."""

    name: str
    address: str
    rate: float


def pins() -> list[Pin]:
    """Those of the session, each named by what differs from the experiment shown."""
    return [_shown(text) for text in extras.value("pin")]


def _shown(text: str) -> Pin:
    experiment, _ = Experiment.from_query(text)
    (rate,) = experiment.learning_rates
    name = ", ".join([number(rate), *differences(experiment, link.current())])
    words = experiment.to_query()
    return Pin(name, deck_address(short(experiment) | {"lr": words["lr"], "alone": ["on"]}), rate)


def add(rate: float) -> None:
    """Pin the run of this rate, as it is now."""
    pinned, run = extras.value("pin"), replace(link.current(), learning_rates=(rate,))
    if not is_upload(run.data) and len(pinned) < MOST:
        _keep([*pinned, run_words(run)])


def remove(place: int) -> None:
    """Unpin the run at this place."""
    pinned = extras.value("pin")
    _keep([text for at, text in enumerate(pinned) if at != place])


def _keep(texts: list[Any]) -> None:
    extras.change("pin", tuple(dict.fromkeys(texts)))
