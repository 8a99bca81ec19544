"""Lesson 3: the article's loop, run line by line; how to read the curve it leaves; three causes of a flat one."""

import inspect
from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.drawing.lines import Fields, lines
from core.drawing.picture import Picture
from core.story import from_scratch as story
from core.story.article_loop import A_PASS, record
from core.story.from_scratch_chart import listing
from core.story.question import ChoiceQuestion
from pages.learn import kept, lesson
from pages.learn.gate import chosen, gate
from pages.session import runs
from pages.widgets import cards, link_fields
from pages.widgets.dragged import Moved, dragged
from pages.widgets.terms import linked

AT, EPOCH = "from-scratch-at", "from-scratch-epoch"


def row(key: str, pictures: Sequence[Picture]) -> Sequence[Any]:
    """Pictures side by side, each under its title; the places below them."""
    places = st.columns(len(pictures), gap="medium")
    for which, (place, picture) in enumerate(zip(places, pictures, strict=True)):
        with place:
            cards.picture(picture, f"{key}-{which}")
    return places


def walk(most: int) -> int:
    """The buttons and the slider that walk through a run of so many steps; the step they have come to."""
    at = min(kept.place(AT, A_PASS), most)
    st.session_state[EPOCH] = max(0, at - 1) // A_PASS
    whole = (at // A_PASS + 1) * A_PASS

    def to(step: int | None = None) -> None:
        kept.move(AT, (st.session_state[EPOCH] + 1) * A_PASS if step is None else step)

    with st.container(horizontal=True):
        st.button("Previous line", icon=":material/arrow_upward:", on_click=to, args=(at - 1,), disabled=at == 0)
        forth: Any = {"icon": ":material/arrow_downward:", "type": "primary", "disabled": at == most}
        st.button("Next line", on_click=to, args=(at + 1,), **forth)
        st.button("Next epoch", icon=":material/redo:", on_click=to, args=(whole,), disabled=at == most)
    if most > A_PASS:
        st.slider("To the end of epoch", 0, most // A_PASS - 1, key=EPOCH, on_change=to)
    return at


def first_pass(question: ChoiceQuestion, shown: bool) -> None:
    """The loop once it has run: each line and what it set; the loss only once it is no question any more."""
    rows = [(row.code, row.state, "", "new") for row in runs.once(record, story.DOWN, 1).rows(A_PASS)]
    if not shown:
        rows = [(code, "loss = ?" if state.startswith("loss =") else state, was, age) for code, state, was, age in rows]
    st.html(listing(rows))
    # There before the answer too: on a phone the text stands below, and would move.
    answer = chosen(question)
    st.caption(f"You predicted: loss = {answer}" if answer else "Each line, and beside it the variable it has set.")


def stepper() -> None:
    """The loop at the learner's rate: the line that has just run, the state beside it, and the curve so far."""
    with st.grid(4, min_column_width=150):
        lr = link_fields.number("loop-rate")
        epochs = round(link_fields.number("loop-epochs"))
    run = runs.once(record, lr, epochs)
    left, right = st.columns([7, 5], gap="medium")
    with left:
        at = walk(len(run.steps))
        st.html(listing((row.code, row.state, row.was, row.age) for row in run.rows(at)))
    with right:
        picture, stops = story.loop_stops(run, lr, at)
        axes, of = (picture.x, picture.y, picture.height), Fields(x="epoch")
        spec = lines(cards.theme(), picture.names, picture.styles, *axes, of=of, marks=True, leaves=True)
        st.markdown(f"**{picture.title}**")
        dragged("loop-rate", lr, Moved("loop-0", "Loss against epoch, as the loop runs", spec, stops))


def flats() -> None:
    """Three flat curves, a question for each, and what the gradient and the meter read once it is answered."""
    st.markdown(story.FLAT_ONES)
    curves, questions = runs.once(story.three_flats), runs.once(story.flat_questions)
    for place, curve, question in zip(row("flat", [curve.flat for curve in curves]), curves, questions, strict=True):
        if not gate(question):
            return
        place.markdown(curve.found)
    st.markdown(runs.once(story.tell_apart))
    st.markdown(runs.once(story.larger_model))
    row("larger", runs.once(story.larger_pictures))


with lesson.lesson("from_scratch"):
    figure, text = lesson.situation()
    with text:
        st.markdown(linked(story.INTRODUCTION, "loss", "epoch", "gradient"))
        question = runs.once(story.loop_question)
        shown = gate(question)
    with figure:
        first_pass(question, shown)
    if shown:
        stepper()
        st.markdown(story.READING)
        curves = runs.once(story.three_shapes)
        for place, curve in zip(row("shape", [curve.shape for curve in curves]), curves, strict=True):
            place.markdown(curve.words)
        flats()
    with lesson.mathematics():
        st.markdown(runs.once(story.formulas))
    lesson.code(inspect.getsource(record))
