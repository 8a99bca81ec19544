"""Range test: one run whose rate rises, what seven rules read off it, and what training says of that."""

import streamlit as st

from core import Experiment
from core.experiment.cost import MAX_SECONDS
from core.experiment.described import experiment_words
from core.instruments.range_test.trial import trial_seconds
from core.words import duration, number
from pages.lab.range_test import parts
from pages.lecture import share, slides
from pages.session import link, travel
from pages.widgets import sweep_cards
from pages.widgets.terms import linked


def refused(experiment: Experiment, seeds: tuple[int, ...], rates: tuple[float, ...]) -> str:
    """Why a trial can't be run, in a sentence; empty where it can."""
    if rates[0] == rates[-1]:
        return f"The sweep needs two different rates, got {rates[0]:g} alone: set the lowest and the highest."
    try:
        cost = trial_seconds(experiment, seeds, rates)
    except ValueError as refusal:
        return f"This trial can't be run: {refusal}."
    if cost <= MAX_SECONDS:
        return ""
    return (
        f"This trial would take about {duration(cost)}, and {duration(MAX_SECONDS)} is the most here: take fewer "
        "epochs, rates or seeds."
    )


with st.sidebar:
    low, high = parts.sidebar()
experiment = link.current()
rates, seeds = sweep_cards.grid_and_seeds()

share.heading(
    linked(
        "## Range test\nTools suggest a learning rate from one short run. Here their answers are really trained.",
        "learning rate",
    )
)
problem = parts.refused(low, high) or refused(experiment, seeds, rates)
if problem:
    st.warning(problem, icon=":material/info:")
    travel.links()
    st.stop()
scene = parts.run(experiment, rates, seeds, (low, high))
with slides.slide("which-did-best"):
    parts.standing_card(scene)
words = f"range tests from {number(low)} to {number(high)}, a sweep of {len(rates)} rates of {len(seeds)} seeds"
with slides.slide("what-ran"):
    st.caption(f"**What ran:** {words}; else: {experiment_words(experiment)}")
travel.links()
