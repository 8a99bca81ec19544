"""What every lesson has: its place in the story, its head and foot, the questions' switch, fields kept in the link."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from textwrap import dedent
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.navigation.page import StreamlitPage

from core.export.handout import on_paper
from core.story.lessons import LESSONS
from pages.learn import gate, kept
from pages.lecture import share, takeaway
from pages.session import lecture_words, navigation
from pages.widgets import link_fields
from pages.widgets.terms import linked

_BESIDE = 420  # px: where two of them have no room, a picture stands above its text


def pages() -> list[StreamlitPage]:
    """The lessons for the navigation, in order."""
    return [
        navigation.entry(f"learn/{lesson.file}.py", title=f"{place}. {lesson.title}", url_path=lesson.url)
        for place, lesson in enumerate(LESSONS, 1)
    ]


@contextmanager
def lesson(file: str, *terms: str) -> Iterator[None]:
    """The frame of one lesson: where in the story it stands, its idea, the score, and the way on.

    terms: words of its idea that the glossary explains.
    """
    place = next(place for place, each in enumerate(LESSONS) if each.file == file)
    here = LESSONS[place]
    with st.container(key="lesson"):
        share.heading(f"## {here.title}\n{linked(here.idea, *terms)}")
        with st.container(key="lesson-place", gap="xsmall"):
            with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
                st.caption(f"Lesson {place + 1} of {len(LESSONS)}", width="content")
                gate.score()
            st.progress((place + 1) / len(LESSONS))
        notes = st.container()
        asked = link_fields.asked(file)
        yield
        with notes:
            link_fields.note(file, asked)
        st.divider()
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            if place > 0:
                _to(st.session_state.lessons[place - 1], f"{place}. {LESSONS[place - 1].title}", forward=False)
            if place + 1 < len(LESSONS):
                _to(st.session_state.lessons[place + 1], f"Next: {place + 2}. {LESSONS[place + 1].title}")
            else:
                _to("lab/compare/page.py", "Next: the lab, to compare learning rates yourself")
        gate.switch()
        takeaway.popover(here.url, on_paper(place + 1))
        kept.keep()


def situation() -> tuple[DeltaGenerator, DeltaGenerator]:
    """(picture, text): the places of a lesson's opening, side by side, or one below the other where it is narrow.

    The text ends with the first question. The picture shows the start, and the outcome once it is known, in one place:
    whatever goes away above a reader moves the page under the hand.
    """
    with st.container(key="situation"), st.grid(2, min_column_width=_BESIDE, gap="large"):
        return st.container(), st.container()


def stepper(name: str, most: int, first: int = 0, unit: str = "step") -> int:
    """Buttons that walk from 0 to `most`, beginning at `first`; where they have come to, in this browser."""
    at = min(kept.place(name, first), most)

    def to(place: int) -> None:
        kept.move(name, place)

    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"{unit.capitalize()} back", icon=":material/arrow_back:", on_click=to, args=(at - 1,), disabled=at == 0
        )
        st.button(
            f"Next {unit}",
            icon=":material/arrow_forward:",
            type="primary",
            on_click=to,
            args=(at + 1,),
            disabled=at == most,
        )
        st.button("Start again", type="tertiary", on_click=to, args=(0,), disabled=at == 0)
        st.markdown(f"after **{at}** {unit if at == 1 else unit + 's'}", width="content")
    return at


def challenges(name: str, found: Sequence[tuple[str, bool, str]]) -> None:
    """Things to find by changing the page's numbers: (what, whether these numbers are it, the answer).

    What was found once stays ticked for the session.
    """
    done: set[str] = st.session_state.setdefault(f"found-{name}", set())
    done |= {what for what, is_it, _ in found if is_it}
    for what, _, answer in found:
        mark = ":green[:material/check_circle:]" if what in done else ":material/radio_button_unchecked:"
        st.markdown(f"{mark} {what}", help=f"The answer: {answer}.")


def mathematics() -> DeltaGenerator:
    """The fold for the lesson's mathematics."""
    return st.expander("The mathematics", icon=":material/function:")


def code(*parts: str | Callable[..., object]) -> None:
    """The fold with the lesson's code: texts as they are, and the source of functions that run here."""
    sources = [part if isinstance(part, str) else dedent(inspect.getsource(part)) for part in parts]
    with st.expander("The code", icon=":material/code:"):
        st.code("\n\n".join(source.strip() for source in sources), language="python")


def _to(page: Any, label: str, forward: bool = True) -> None:
    st.page_link(
        page,
        label=label,
        icon=f":material/arrow_{'forward' if forward else 'back'}:",
        icon_position="right" if forward else "left",
        query_params=lecture_words.words(),
    )
