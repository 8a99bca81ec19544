"""The quiz at the end of the story: ten mystery curves, one at a time, drawn by a seed that a link can hold."""

import secrets
from urllib.parse import urlencode

import streamlit as st

from core.drawing.lines import lines
from core.story.mystery import COUNT, LARGEST_SEED, Mystery, meter_read, mystery, picture, seen, twins
from core.story.mystery_words import TITLES
from pages.learn.gate import gate, known, predicted
from pages.session import runs
from pages.session.link_words import WORDS
from pages.widgets import cards
from pages.widgets.rows import rows

_FIELD = WORDS["quiz"].field  # quiz=17 is the quiz that seed 17 draws


def quiz() -> None:
    """One curve, its question and its truth; after the tenth, how it went."""
    seed = _seed()
    place: int = st.session_state.setdefault(f"quiz-place-{seed}", 0)
    _head(seed, place)
    if place >= COUNT:
        _summary(seed)
        return
    found = runs.once(mystery, seed, place)
    _curve(found, f"{seed}-{place}", place + 1)
    if gate(found.question):
        last = place + 1 == COUNT
        st.button(
            "How it went" if last else "Next curve",
            key=f"next-{seed}-{place}",
            icon=":material/arrow_forward:",
            type="primary",
            on_click=_go,
            args=(seed, place + 1),
        )


def _head(seed: int, place: int) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        words = f"Curve **{place + 1} of {COUNT}**" if place < COUNT else f"All **{COUNT}** curves seen"
        st.markdown(f"{words} · quiz {seed}", width="content")
        with st.container(horizontal=True, width="content"):
            with st.popover("Share this quiz", icon=":material/link:", type="tertiary"):
                st.caption("Who opens this link gets the same ten curves. Without it, each visit draws new ones.")
                address = (st.context.url or "").split("?")[0]
                st.code(f"{address}?{urlencode({_FIELD.name: seed})}", language=None, wrap_lines=True)
            st.button("Another quiz", icon=":material/casino:", type="tertiary", on_click=_another)
    st.progress(min(place, COUNT) / COUNT)


def _curve(found: Mystery, key: str, count: int) -> None:
    """The curve of this count, without rate or title; the meter on demand: only it tells the look-alikes apart."""
    x, y, tables = picture(found)
    spec = lines(cards.theme(), ("loss",), ("one",), x, y, 320, marks=True)
    name = f"Loss against epoch of mystery curve {count}"
    cards.chart(spec, tables, alt=seen(found), key=f"mystery-{key}", name=name)
    if not known(found.question.key) and not st.toggle("Read the meter", key=f"meter-{key}"):
        st.caption("Some of the ten look exactly alike. Only the meter tells them apart.")
        return
    st.markdown(meter_read(found))
    if found.readings is None:
        return
    st.caption(
        "Learning rate × curvature along the step. Below 1: small steps. From 1 to 2: each jumps past the minimum. "
        "Above 2: each lands higher. With momentum or mini-batches single readings jump about."
    )


def _summary(seed: int) -> None:
    """So many right, and what each curve was."""
    found = [runs.once(mystery, seed, place) for place in range(COUNT)]
    judged = [predicted(each.question) for each in found]
    right = sum(each.right for each in judged if each)
    curves = [{"curve": place + 1, "what it was": TITLES[each.kind]} for place, each in enumerate(found)]
    if any(judged):
        answered = sum(each is not None for each in judged)
        skipped = f"{right} right of {answered} answered, {COUNT - answered} skipped"
        st.markdown(f"### {right} of {COUNT} right" if answered == COUNT else f"### {skipped}")
        for row, judgement in zip(curves, judged, strict=True):
            answer = "skipped" if judgement is None else "right" if judgement.right else f"wrong: {judgement.answer}"
            row["your answer"] = answer
    rows(curves, "The ten curves")
    st.markdown(runs.once(twins, seed))
    st.button("Look at the ten again", icon=":material/replay:", on_click=_go, args=(seed, 0))


def _go(seed: int, place: int) -> None:
    st.session_state[f"quiz-place-{seed}"] = place


def _another() -> None:
    st.query_params.pop(_FIELD.name, None)
    st.session_state["quiz-seed"] = _fresh()


def _seed() -> int:
    """The link's seed; without one, a fresh one for this session."""
    asked = st.query_params.get_all(_FIELD.name)
    if asked:
        seed, repairs = _FIELD.read(asked)
        if not repairs:
            return int(seed)
        st.text(f"The link's quiz is no whole number from 0 to {LARGEST_SEED:,}; a new one was drawn.")
    if "quiz-seed" not in st.session_state:
        st.session_state["quiz-seed"] = _fresh()
    drawn: int = st.session_state["quiz-seed"]
    return drawn


def _fresh() -> int:
    """A seed this session hasn't had yet."""
    had: set[int] = st.session_state.setdefault("quiz-seeds-had", set())
    seed = next(seed for seed in iter(lambda: 1 + secrets.randbelow(LARGEST_SEED), None) if seed not in had)
    had.add(seed)
    return seed
