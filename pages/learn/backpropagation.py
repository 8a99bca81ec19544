"""Lesson 5: backpropagation finds the gradient, an update rule uses it. Swap either, then leave out a call."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.drawing.axes import Axis
from core.drawing.frames import Box
from core.drawing.lines import lines
from core.story import backpropagation as story
from core.story.backpropagation_chart import plane
from core.training.train import TORCH_MISSING, torch_is_installed
from core.words import number
from pages.learn import lesson
from pages.learn.gate import chosen, gate
from pages.learn.three_calls import call_by_call
from pages.lecture import slides
from pages.session import runs
from pages.widgets import cards, link_fields
from pages.widgets.dragged import Moved, dragged
from pages.widgets.terms import linked


def over_plane(paths: Mapping[str, Any], box: Box, key: str, name: str) -> None:
    spec = plane(cards.theme(), tuple(paths), box.w.ends, box.b.ends)
    cards.chart(spec, story.plane_tables(paths, box), alt=story.path_words(paths), key=key, name=name)


def swap_gradient() -> None:
    """The same run with its gradient from each source, and what each costs."""
    sources, nudge = story.SOURCES if torch_is_installed() else story.WITHOUT_TORCH, story.NUDGE
    left, right = st.columns([6, 5], gap="medium")
    with left:
        source = link_fields.choice("backprop-gradient", options=sources)
        if source == "finite differences":
            nudge = link_fields.stops("backprop-nudge", "The nudge", format_func=number)
        with st.spinner("Loading PyTorch"):
            paths = {each: runs.once(story.swapped_gradient, each, nudge) for each in sources}
        st.code(story.gradient_code(source), language="python")
        st.markdown(story.distance(source, paths[source], paths["by hand"]))
    with right:
        over_plane(paths, runs.once(story.gradient_box), "backprop-same", "Path of each gradient over w and b")
    with slides.slide("what-it-costs"):
        st.markdown(story.cost())


def swap_rule() -> None:
    """The same gradient handed to each rule."""
    with st.grid(4, min_column_width=150):
        rates = tuple(link_fields.number(story.in_link(rule)) for rule in story.FAIR)
        steps = round(link_fields.number("backprop-steps"))
    races = tuple(runs.once(story.race, rule, rate) for rule, rate in zip(story.FAIR, rates, strict=True))
    box, rules = runs.once(story.rule_box), tuple(story.FAIR)
    paths, losses = runs.once(story.race_stops, rates, steps)
    over = plane(cards.theme(), rules, box.w.ends, box.b.ends, True)
    step = Axis(title="step", low=0, high=story.MOST_DRAWN)
    lost = lines(cards.theme(), rules, ("one", "two", "three"), step, story.RACED, height=380)
    ways = Moved("backprop-paths", "Path of each rule over w and b", over, paths)
    dragged("backprop-steps", steps, ways, Moved("backprop-race", "Loss against step, each rule", lost, losses))
    st.markdown("\n\n".join([story.results(races), story.no_best_rate()]))


with lesson.lesson("backpropagation"):
    with st.grid(2, min_column_width=280, border=True):
        find, use = story.HALVES
        st.markdown(linked(find, "Backpropagation", "autograd"))
        st.markdown(linked(use, "Gradient descent"))
    figure, text = lesson.situation()
    with text:
        st.markdown(f"{story.TASK}\n#### Swap the gradient, keep the rule")
        question = runs.once(story.gradient_question)
        shown = gate(question)
    with figure:
        paths = runs.once(story.opening_paths, shown, chosen(question))
        over_plane(paths, runs.once(story.gradient_box), "backprop-opening", "The question: paths over w and b")
    if shown:
        swap_gradient()
        st.markdown("#### Swap the rule, keep the gradient")
        if gate(runs.once(story.rule_question)):
            swap_rule()
            st.markdown("#### Three calls in PyTorch\n" + story.THREE_CALLS)
            if torch_is_installed():
                call_by_call()
            else:
                st.info(f"{TORCH_MISSING}. Then the three calls run here, and autograd joins the gradients above.")
    with lesson.mathematics():
        st.markdown(story.MATHEMATICS)
    lesson.code(story.CODE)
