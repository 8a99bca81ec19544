"""Schedules: a learning rate that changes on the way, against the best constant one, with noise and without."""

import streamlit as st

from core import SCHEDULE_PRESETS
from core.drawing.frames import moments
from core.experiment.described import experiment_words
from core.instruments.schedules.comparison import CONSTANT, clean, noisy
from pages.lab.schedules import parts
from pages.lecture import share, slides
from pages.session import link
from pages.widgets import sweep_cards
from pages.widgets.scrubber import scrubber

with st.sidebar:
    sweep_cards.sidebar(SCHEDULE_PRESETS, scheduled=False)
experiment = link.current()
rates, seeds = sweep_cards.grid_and_seeds()

share.heading(
    "## Schedules\nDoes a rate that changes on the way do better than the best constant one? Each runs at its own "
    "best rate."
)
if parts.shape() == CONSTANT:
    st.info("Choose a schedule to set against the constant rate.", icon=":material/info:")
    st.stop()
pair = parts.compare((noisy(experiment), clean(experiment)), rates, seeds)
if pair is None:
    st.stop()
with st.container(key="scrubber-bar"):
    scrubber(moments(experiment.epochs))
size = noisy(experiment).batch_size
some = f"{size} point{'' if size == 1 else 's'}"
with st.grid(2, min_column_width=420, gap="large"):
    with st.container():
        parts.card(pair[0], pair, experiment, f"With noise: {some} in a step")
    with st.container():
        parts.card(pair[1], pair, experiment, f"Clean: all {experiment.points} points in each step")
parts.what_it_says(pair, noisy(experiment))
parts.formula(experiment.schedule)
words = f"{len(rates)} rates of {len(seeds)} seeds, constant and scheduled; drawn is seed {experiment.seed}"
with slides.slide("what-ran"):
    st.caption(f"**What ran:** {words}; noisy, and clean with the full batch: {experiment_words(noisy(experiment))}")
