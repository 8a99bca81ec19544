"""The plan for a class room that a visitor collects from any page: texts of steps, kept by the session."""

import re
from collections.abc import Sequence
from functools import lru_cache
from html import unescape
from urllib.parse import urlencode

import streamlit as st

from core.export.handout import has_other_numbers
from core.export.markup import inline
from core.story.lessons import LESSONS
from core.story.question import Question
from room.plan import MOST_STEPS, NoStep, check, read_step

_PLAN, LINK = "class-plan", "plan"  # LINK: a step's word in a link, plan=vote:...&plan=sweep:...
_LETTERS = 110  # of a question that are shown


def steps() -> tuple[str, ...]:
    """The steps collected so far, in their order."""
    found: tuple[str, ...] = st.session_state.get(_PLAN, ())
    return found


def put(texts: Sequence[str]) -> None:
    """Put these in their place, each once."""
    st.session_state[_PLAN] = tuple(dict.fromkeys(texts))[:MOST_STEPS]


def take(text: str) -> str:
    """Take a step into the plan; why a class can't be asked it, "" where it can."""
    try:
        check(read_step(text))
    except NoStep as problem:
        return str(problem)
    put([*steps(), text])
    return ""


def leave_out(text: str) -> None:
    """Take a step out of the plan."""
    put([each for each in steps() if each != text])


def move_up(text: str) -> None:
    """Let a step come one earlier."""
    ours = list(steps())
    at = ours.index(text)
    ours.insert(max(at - 1, 0), ours.pop(at))
    put(ours)


@lru_cache(maxsize=500)
def words(text: str) -> str:
    """What a step is called in a list: of a vote, what it asks."""
    step = read_step(text)
    title = next((each.title for each in LESSONS if each.file == step.lesson), "")
    if step.kind != "vote" or step.question is None:
        return step.title
    changed = " With other numbers." if step.version and has_other_numbers(step.lesson) else ""
    return f"{title}: {asks(step.question)}{changed}"


def asks(question: Question) -> str:
    """The sentence of a question that asks, without what is told before it."""
    told = unescape(re.sub("<[^>]+>", "", inline(question.ask.replace("\n\n", " "))))
    asked = [sentence for sentence in re.split(r"(?<=[.?!:]) ", told) if sentence.endswith("?")]
    shown = asked[-1] if asked else told
    return shown if len(shown) <= _LETTERS else f"{shown[:_LETTERS].rsplit(' ', 1)[0]} …"


def from_link() -> list[str]:
    """Take the plan that a link holds, once; what is said of words that are no step."""
    if LINK not in st.query_params:
        return []
    texts, refused = st.query_params.get_all(LINK), []
    found = []
    for text in texts[:MOST_STEPS]:
        try:
            found.append(str(read_step(text)))
        except NoStep as problem:
            refused.append(str(problem))
    put([*steps(), *found])
    del st.query_params[LINK]
    return refused


def as_link(texts: Sequence[str]) -> str:
    """The words of a link that holds this plan."""
    return urlencode([(LINK, text) for text in texts])
