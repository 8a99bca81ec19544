"""The ruler under the lanes: every learning rate in between, with both limits; and a word where units decide them."""

import streamlit as st

from core import Experiment, dataset, stability_limit
from core.drawing import charts
from core.drawing.frames import other_scaling
from core.instruments.compare.scene import Scene
from core.words import number
from pages.lecture import slides
from pages.widgets import cards, controls

_FAR_APART = 100  # limits that differ by so much deserve a word


def ruler_card(scene: Scene) -> None:
    """Final loss against learning rate, zones and limits, the lanes as handles; a click moves a lane."""
    ruler, losses, experiment = scene.ruler, scene.ruler_losses, scene.history.experiment
    rates, epochs = ruler.rates, ruler.sweep.epochs
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        st.markdown(f"### The ruler: every learning rate in between\n{ruler.words(experiment)}", width="stretch")
        lane = controls.lane_choice()
    cards.zone_legend()
    cards.chart(
        charts.ruler(cards.theme(), scene.roles, (rates.low, rates.high), (losses.low, losses.high), epochs),
        scene.ruler_tables,
        alt=f"Loss after {epochs:,} epochs for 200 learning rates from {number(rates.low)} to {number(rates.high)}. "
        f"Steps overshoot above {number(ruler.overshoot)}; unstable above {number(ruler.predicted)}.",
        key="ruler",
        name="The ruler: every learning rate in between",
        on_select=lambda: controls.take_ruler_click(lane),
        selection_mode="rate",
    )


def scaling_note(experiment: Experiment) -> None:
    """Why a rate that is fine elsewhere explodes here: both limits, where scaling x moves them much."""
    limit, other = stability_limit(experiment), stability_limit(other_scaling(experiment))
    if 1 / _FAR_APART < limit / other < _FAR_APART or experiment.steps_per_epoch > 1:
        return
    raw, scaled = (other, limit) if experiment.standardize else (limit, other)
    name = dataset(experiment.data, experiment.seed).x_name
    with slides.slide("units-decide"):
        st.info(
            f"**Units decide.** The limit is {number(raw)} with {name} as measured and {number(scaled)} with {name} "
            "standardised, because the loss is steep where x is large. A rate of 0.01 lies between: it explodes on the "
            "one and is fine on the other. The switch is in the settings.",
            icon=":material/straighten:",
        )
