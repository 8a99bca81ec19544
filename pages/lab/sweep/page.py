"""Sweep: the loss against the learning rate, over seeds and budgets, and the checks before a best rate is believed."""

import streamlit as st

from core import Experiment
from core.experiment.described import experiment_words
from core.instruments.maps.maps import KNOBS
from core.instruments.sweep.sweep import seconds
from core.words import many, number
from pages.lab.sweep import map_view, race_view
from pages.lecture import history, share, slides
from pages.session import link, runs, travel
from pages.widgets import sweep_cards
from pages.widgets.affordable import affordable
from pages.widgets.play_bar import play_bar
from pages.widgets.terms import linked


def show(experiment: Experiment, rates: tuple[float, ...], seeds: tuple[int, ...]) -> None:
    """The sweep: two charts, the checks, the way on."""
    so_far = sweep_cards.SoFar(len(rates), len(seeds))
    scene = runs.run_sweep(experiment, rates, seeds, so_far.show)
    so_far.clear()
    with st.container(key="play-bar-line"):
        play_bar(scene.moments)
    curve, said = st.columns([3, 2], gap="large")
    with curve:
        with slides.slide("loss-against-the-rate"):
            sweep_cards.loss_card(scene)
        sweep_cards.budget_card(scene)
    with said:
        sweep_cards.checks(scene)
        sweep_cards.best_side_by_side(scene, experiment)
    sweep_cards.download(scene)
    history.note([f"best rate {number(row['rate'])}" for row in scene.best.to_pylist()[-1:]])


with st.sidebar:
    sweep_cards.start_from()
    sweep_cards.swept()
experiment = link.current()
rates, seeds = sweep_cards.grid_and_seeds()

share.heading(
    linked(
        "## Sweep\nWhich learning rate? Try many, from several seeds, and check before you believe the best.",
        "learning rate",
        "seeds",
    )
)
knob = map_view.view()
if not sweep_cards.two_rates(rates):
    travel.stop()
if knob is None:
    if not affordable("This sweep", experiment, lambda one: seconds(one, rates, seeds)):
        travel.stop()
    show(experiment, rates, seeds)
elif knob in race_view.KINDS:
    race_view.race_card(experiment, knob, rates, seeds)
    history.note([])
else:
    map_view.rate_map_card(experiment, knob, rates, seeds)
    history.note([])
crossed = f" at each {KNOBS.get(knob, {'optimizer': 'update rule'}.get(knob, knob))}" if knob else ""
rest = "apart from that" if knob else "else"
words = f"{many(len(rates), 'learning rate')} of {many(len(seeds), 'seed')}{crossed}; {rest}: "
words += experiment_words(experiment, knob)
st.caption(f"**What ran:** {words}")
travel.links()
