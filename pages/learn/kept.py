"""Answers and places that outlive a reload: kept in the browser's storage, and taken from there once a session.

What a browser has stored may be anything: only what has the form of an answer, or of a place, is taken.
"""

import math
from pathlib import Path
from typing import Any

import streamlit as st

from core.story.mystery import COUNT, LARGEST_SEED
from pages.session.sent import understood

_KEY = "kept-answers"
_MOST, _LONGEST = 500, 80  # answers, and characters of a question's key
_FURTHEST = 10_000_000  # step of a walk that is no mistake; each walk ends where it has its own end
Legs = list[tuple[float, int]]  # of a walk: (rate, steps at it)
_mount = st.components.v2.component("kept_answers", html="", js=Path(__file__).with_suffix(".js").read_text())


def keep() -> None:
    """Store this session's answers and the place in the quiz; at the session's first page, take those stored before."""
    state = st.session_state
    answers, right = state.get("answers", {}), state.get("judged", {})
    kept: dict[str, Any] = {"answers": {key: [answer, right.get(key)] for key, answer in answers.items()}}
    kept |= {"places": _places(), "walks": _walks()}
    if "quiz-seed" in state:
        kept["quiz"] = [state["quiz-seed"], state.get(f"quiz-place-{state['quiz-seed']}", 0)]
    with st.container(key="kept"):
        _mount(key=_KEY, data={"kept": kept, "fresh": "answers-taken" not in state}, on_found_change=_take)


def place(name: str, first: int) -> int:
    """The step at which the reader stands in this walk; `first` before they have moved."""
    return _places().get(name, first)


def move(name: str, to: int) -> None:
    """Stand at this step."""
    _places()[name] = to


def legs(name: str) -> Legs:
    """The (rate, steps) of this walk, one after the other; none before the reader has walked."""
    return _walks().get(name, [])


def walked(name: str, to: Legs) -> None:
    """This is the walk now."""
    _walks()[name] = to


def _walks() -> dict[str, Legs]:
    walks: dict[str, Legs] = st.session_state.setdefault("walks", {})
    return walks


def _places() -> dict[str, int]:
    places: dict[str, int] = st.session_state.setdefault("places", {})
    return places


def forget() -> None:
    """Start again: no answer and no place, here and, with the next `keep`, in the browser."""
    for name in ("answers", "judged", "places", "walks", "quiz-seed"):
        st.session_state.pop(name, None)
    st.session_state["answers-taken"] = True


def _take() -> None:
    """What is answered in this session stays; what was stored joins it."""
    state = st.session_state
    state["answers-taken"] = True
    found = understood(lambda: dict(state[_KEY].found)) or {}
    stored = checked(found.get("answers"))
    state["answers"] = {key: answer for key, (answer, _) in stored.items()} | state.get("answers", {})
    right = {key: right for key, (_, right) in stored.items() if right is not None}
    state["judged"] = right | state.get("judged", {})
    state["places"] = checked_places(found.get("places")) | _places()
    state["walks"] = checked_walks(found.get("walks")) | _walks()
    match found.get("quiz"):
        case [int(seed), int(place)] if 0 <= seed <= LARGEST_SEED and 0 <= place <= COUNT:
            state["quiz-seed"] = int(seed)
            state[f"quiz-place-{seed:d}"] = int(place)


def checked(stored: object) -> dict[str, tuple[float | str, bool | None]]:
    """(answer, whether it was right) by the question's key: those that can be answers, at most so many."""
    if not isinstance(stored, dict):
        return {}
    kept: dict[str, tuple[float | str, bool | None]] = {}
    for key, value in list(stored.items())[:_MOST]:
        match value:
            case ["skipped", None] if len(key) <= _LONGEST:
                kept[key] = ("skipped", None)
            case [bool(), _]:
                continue
            case [int(answer) | float(answer), bool(right)] if len(key) <= _LONGEST and _finite(answer):
                kept[key] = (answer, right)
    return kept


def checked_places(stored: object) -> dict[str, int]:
    """The step by the walk's name: those that can be steps, at most so many."""
    some = list(stored.items())[:_MOST] if isinstance(stored, dict) else []
    return {name: at for name, at in some if len(name) <= _LONGEST and type(at) is int and 0 <= at <= _FURTHEST}


def checked_walks(stored: object) -> dict[str, Legs]:
    """The legs by the walk's name: those that can be rates and steps, at most so many."""
    some = list(stored.items())[:_MOST] if isinstance(stored, dict) else []
    return {
        name: [(rate, steps) for rate, steps in each] for name, each in some if len(name) <= _LONGEST and _legs(each)
    }


def _legs(stored: object) -> bool:
    """Whether this can be the legs of a walk."""
    if not isinstance(stored, list) or len(stored) > _MOST:
        return False
    for leg in stored:
        match leg:
            case [bool(), _] | [_, bool()]:
                return False
            case [int(rate) | float(rate), int(steps)] if _finite(rate) and 0 < steps <= _FURTHEST:
                continue
            case _:
                return False
    return True


def _finite(answer: float) -> bool:
    return abs(answer) <= 1e308 and math.isfinite(answer)
