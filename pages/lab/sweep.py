"""Sweep: the loss against the learning rate, over seeds and budgets, and the checks before a best rate is believed."""

from __future__ import annotations

import streamlit as st

from core.cost import MAX_SECONDS
from core.export import experiment_words
from core.sweep import grid, seconds
from core.words import duration
from pages import controls, link, runs, sweep_cards
from pages.scrubber import scrubber

with st.sidebar:
    sweep_cards.sidebar()
experiment = link.current()
rates = grid(min(experiment.learning_rates), max(experiment.learning_rates), link.extra("rates"))
seeds = tuple(range(experiment.seed, experiment.seed + link.extra("seeds")))

with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
    st.markdown("## Sweep\nWhich learning rate? Try many, from several seeds, and check before you believe the best.")
    controls.copy_link()

if rates[0] == rates[-1]:
    st.warning(
        f"A sweep needs two different rates, got {rates[0]:g} alone: set the lowest and the highest.",
        icon=":material/info:",
    )
    st.stop()
try:
    cost = seconds(experiment, rates, seeds)
except ValueError as refusal:
    st.warning(f"This sweep can't be trained: {refusal}.", icon=":material/info:")
    st.stop()
if cost > MAX_SECONDS:
    st.warning(
        f"{len(rates)} rates of {len(seeds)} seeds for {experiment.epochs:,} epochs would take about {duration(cost)}, "
        f"and {duration(MAX_SECONDS)} is the most here: take fewer epochs, rates or seeds.",
        icon=":material/info:",
    )
    st.stop()

scene = runs.run_sweep(experiment, rates, seeds)
with st.container(key="scrubber-bar"):
    scrubber(scene.moments)
curve, said = st.columns([3, 2], gap="large")
with curve:
    sweep_cards.loss_card(scene)
    sweep_cards.budget_card(scene)
with said:
    sweep_cards.checks(scene)
    sweep_cards.side_by_side(scene, experiment)
st.caption(f"**What ran:** {len(rates)} learning rates of {len(seeds)} seeds, each: {experiment_words(experiment)}")
sweep_cards.download(scene)
