"""A word where units decide which rates explode."""

import streamlit as st

from core import Experiment, dataset, stability_limit
from core.drawing.frames import other_scaling
from core.words import number
from pages.lecture import slides

_FAR_APART = 100  # limits that differ by so much deserve a word


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
            "standardized, because the loss is steep where x is large. A rate of 0.01 lies between: it explodes on the "
            "one and is fine on the other. The switch is in the settings.",
            icon=":material/straighten:",
        )
