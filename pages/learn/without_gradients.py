"""Lesson 7: guessing, evolving, breeding and solving race gradient descent, from two numbers to ten million."""

import inspect
import time

import streamlit as st

from core.diagnosis import alternatives
from core.story import without_gradients as story
from core.story import without_gradients_chart
from core.training.train import TORCH_MISSING, torch_is_installed
from pages.learn import lesson
from pages.learn.gate import chosen, gate
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


def clock() -> None:
    """Time one gradient step at every size when asked to; then ask; then show."""
    if not torch_is_installed():
        st.info(f"{TORCH_MISSING}. Only this timing needs it.")
        return
    if st.button("Time it on this machine", icon=":material/timer:", type="primary"):
        with st.spinner("Loading PyTorch"):
            from core.story import torch_scale
        bar, taken = st.progress(0.0), []
        for place, hidden in enumerate(story.HIDDEN):
            bar.progress(place / len(story.HIDDEN), f"{story.parameters_of(hidden):,} parameters")
            # A class that presses together shares one minute's measurement, else it would time its own crowd.
            taken.append(runs.trained_once(torch_scale.timing, hidden, int(time.time() // 60)))
        bar.empty()
        st.session_state["timings"] = tuple(taken)
    if (timings := st.session_state.get("timings")) and gate(story.longer(timings)):
        spec = without_gradients_chart.scale(cards.theme(), story.SCALED)
        tables, alt = story.scale_tables(timings), story.scale_alt(timings)
        cards.chart(spec, tables, alt=alt, key="scale", name="Seconds against parameters")
        for column, words in zip(st.columns(2, gap="medium"), (story.timings_table, story.scale_words), strict=True):
            column.markdown(words(timings))


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
    with lesson.mathematics():
        st.markdown(story.mathematics())
    lesson.code("\n\n".join(map(inspect.getsource, (alternatives.random_search, alternatives.evolution))))
