"""Range test: one run whose rate rises, what seven rules read off it, and what training says of that."""

import streamlit as st

from core.experiment.described import experiment_words
from core.instruments.range_test.rules import RULES
from core.instruments.range_test.trial import trial_seconds
from core.words import many, number
from pages.lab.range_test import parts
from pages.lecture import history, share, slides
from pages.session import link, travel
from pages.widgets import sweep_cards
from pages.widgets.affordable import affordable
from pages.widgets.terms import linked

with st.sidebar:
    low, high = parts.sidebar()
experiment = link.current()
rates, seeds = sweep_cards.grid_and_seeds()

share.heading(
    linked(
        "## Range test\nTools suggest a learning rate from one short run. Here each suggestion is trained, "
        "and you see how it ends.",
        "learning rate",
    )
)
if not (
    parts.legal(low, high)
    and sweep_cards.two_rates(rates)
    and affordable("This trial", experiment, lambda one: trial_seconds(one, seeds, rates))
):
    travel.stop()
scene = parts.run(experiment, rates, seeds, (low, high))
with slides.slide("which-did-best"):
    parts.standing_card(scene)
winner = scene.trial.winner()
history.note([f"{RULES[winner].title} did best"] if winner else [])
swept = f"a sweep of {many(len(rates), 'rate')} with {many(len(seeds), 'seed')}"
words = f"range tests from {number(low)} to {number(high)}, {swept}"
st.caption(f"**What ran:** {words}; the rest: {experiment_words(experiment)}")
travel.links()
