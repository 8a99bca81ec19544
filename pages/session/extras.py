"""What a link says beside an experiment on some of the lab's pages: EXTRAS of link_words.py, kept by the session."""

from dataclasses import replace
from typing import Any

import streamlit as st

from core import Repair
from core.experiment.fields import Field
from pages.session import echoes
from pages.session.link_words import EXTRAS, WORDS

Link = dict[str, list[str]]


def _values() -> dict[str, Any]:
    """The session's values that are not the usual ones."""
    values: dict[str, Any] = st.session_state.setdefault("extras", {})
    return values


def value(name: str) -> Any:
    """One of EXTRAS, as the session or its link asks for it."""
    return _values().get(name, EXTRAS[name].default)


def number(name: str) -> float:
    """One of EXTRAS that is a number."""
    return float(value(name))


def whole(name: str) -> int:
    """One of EXTRAS that is a whole number."""
    return int(value(name))


def change(name: str, to: Any) -> None:
    """Keep another value of one of EXTRAS."""
    state = st.session_state
    _values()[name] = to
    state.problem, state.repairs, state.changed_here = None, (), True


def read(page: str, link: Link) -> tuple[Repair, ...]:
    """Take this page's EXTRAS from its link; what can't be is what is there without it, and told."""
    refused = []
    for name, field in _of(page).items():
        if name in link:
            found, repairs = field.read(link[name])
            _values()[name] = field.default if repairs else found
            refused += [_told(field, repairs[-1])] if repairs else []
        elif echoes.went_back():
            _values().pop(name, None)
    return tuple(refused)


def _told(field: Field, repair: Repair) -> Repair:
    """What is said of a word that could not be: what is there without it is used."""
    if field.most:
        return replace(repair, used="none")
    reason = f"it must be {'a whole number ' * (field.kind is int)}{field.range_text()}"
    return replace(repair, used=f"{field.default:g}", reason=reason)


def follow(page: str, link: Link) -> None:
    """Take this page's EXTRAS as a link of ours has them: what it does not say is the usual."""
    for name, field in _of(page).items():
        _values()[name] = field.read(link[name])[0] if name in link else field.default


def words(page: str) -> Link:
    """This page's EXTRAS as a link has them; of several values that may be there, none where there are none."""
    return {name: field.write(found) for name, field in _of(page).items() if (found := value(name)) != ()}


def unusual_words(page: str) -> Link:
    """Those of `words` that are not the usual ones."""
    return {name: texts for name, texts in words(page).items() if texts != EXTRAS[name].write(EXTRAS[name].default)}


def _of(page: str) -> dict[str, Field]:
    return {name: field for name, field in EXTRAS.items() if page in WORDS[name].pages}
