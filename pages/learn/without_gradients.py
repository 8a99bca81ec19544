"""Lesson 7: guessing, evolving, breeding and solving race gradient descent, from two numbers to ten million."""

import inspect

import streamlit as st

from core.diagnosis import alternatives
from core.story import without_gradients as story
from core.story import without_gradients_chart
from pages.learn import lesson
from pages.learn.gate import chosen, gate
from pages.learn.scale import clock, older_methods
from pages.lecture import slides
from pages.session import runs
from pages.widgets import cards, link_fields
from pages.widgets.dragged import Moved, dragged
from pages.widgets.terms import linked


def opening(ran: story.Race, shown: bool, answer: str) -> None:
    """The first race as a picture; until it is shown, gradient descent and the target."""
    spec = without_gradients_chart.race(cards.theme(), story.OPENING, *story.ENDS, target=story.TARGET)
    tables, words = story.opening(ran, shown, answer)
    cards.chart(spec, tables, alt=words, key="race-two", name="Lowest loss against evaluations")


def by_hand() -> None:
    """Two sliders, a secret line, and the rivals after as many tries. Nothing of it in the link: a game begins anew."""
    which, tries = st.session_state.setdefault("secret-line", (0, ()))
    w, b = f"try-w-{which}", f"try-b-{which}"

    def tried() -> None:
        st.session_state["secret-line"] = which, (*tries, (st.session_state[w], st.session_state[b]))

    game = story.game(which, tries)
    left, right = st.columns([5, 7], gap="medium")
    with left:
        st.slider("w", -10.0, 10.0, 0.0, 0.1, key=w, on_change=tried, format="%.1f")
        st.slider("b", -10.0, 10.0, 0.0, 0.1, key=b, on_change=tried, format="%.1f")
        st.markdown(game.words)
        st.button("Another secret line", on_click=st.session_state.update, args=({"secret-line": (which + 1, ())},))
    with right:
        ends = (game.shown, story.LOWEST_BY_HAND, 1000)
        spec = without_gradients_chart.race(cards.theme(), story.PLAYERS, *ends, band=False)
        cards.chart(spec, {"curves": game.curves}, alt=game.words, key="by-hand", name="Lowest loss, found by hand")


def dimensions() -> None:
    """The race in as many numbers as wanted, and how the cost grows with them."""
    with st.grid(4, min_column_width=150):
        wanted = link_fields.pick("numbers")
    ran = runs.trained_once(story.race, wanted)
    left, right = st.columns([7, 5], gap="medium", vertical_alignment="center")
    with left:
        spec = without_gradients_chart.race(cards.theme(), story.RACERS, *story.ENDS)
        name, races = f"Lowest loss, {wanted} numbers to find", runs.trained_once(story.races)
        dragged("numbers", wanted, Moved("race-many", name, spec, races))
    right.markdown(story.results(ran))
    right.caption(story.how_it_ran(ran))
    arrived = [runs.trained_once(story.arrival, each) for each in story.DIMENSIONS if each <= story.MANY]
    spec = without_gradients_chart.arrivals(cards.theme(), story.PLAYERS[1:], story.TARGET_WORDS)
    with slides.slide("how-the-cost-grows"):
        left, right = st.columns([7, 5], gap="medium", vertical_alignment="center")
        tables, alt = {"curves": story.arrivals_table(arrived)}, story.arrivals_alt(arrived)
        with left:
            cards.chart(spec, tables, alt=alt, key="arrivals", name="Evaluations against numbers to find")
        right.markdown(story.growth_words(arrived))


with lesson.lesson("without_gradients"):
    st.markdown(linked(story.METHODS, "Gradient descent", "evaluations"))
    two = runs.trained_once(story.race, 2)
    figure, text = lesson.situation()
    with text:
        st.markdown("#### Two numbers to find")
        shown = gate(question := story.two_numbers(two))
    with figure:
        opening(two, shown, chosen(question))
    if shown:
        st.markdown(story.results(two))
        st.caption(story.how_it_ran(two))
        st.markdown(f"#### And by hand?\n{story.BY_HAND}")
        by_hand()
        if gate(story.many_numbers(runs.trained_once(story.arrival, 2), runs.trained_once(story.arrival, story.MANY))):
            st.markdown(f"#### More numbers to find\n{story.MORE}")
            dimensions()
            st.markdown(f"#### Ten million numbers to find\n{story.TIMING}")
            clock()
            older_methods()
    with lesson.mathematics():
        st.markdown(story.mathematics())
    lesson.code("\n\n".join(map(inspect.getsource, (alternatives.random_search, alternatives.evolution))))
