"""The only cache: Experiment in, what was trained out. Long runs show their progress and stop at once."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import streamlit as st

from core import Experiment, History, train
from core.experiment import CACHED_SECONDS
from core.parity import Parity, parity
from core.ruler import Ruler, measure
from pages import link

SHORT = 1000  # epochs offered in place of a long run
_BY_VALUE: dict[str | type[Any], Callable[[Any], Any]] = {Experiment: repr}


def run(experiment: Experiment) -> History:
    """The History of an experiment: from the cache, or trained now, with a progress bar where it takes long."""
    if experiment.seconds() <= CACHED_SECONDS:
        return _trained(experiment)
    kept = st.session_state.get("long_run")
    if kept is None or kept.experiment != experiment:
        kept = st.session_state["long_run"] = _with_progress(experiment)
    return kept


def ruler(experiment: Experiment) -> Ruler:
    """The ruler around an experiment's learning rates."""
    return _measured(experiment)


def receipt(experiment: Experiment) -> Parity | None:
    """How far the two trainers agree on this experiment; None while PyTorch is not loaded yet."""
    # The server imports it in the background; asking sooner would make the page wait for that.
    loaded = hasattr(sys.modules.get("core.torch_trainer"), "TorchTrainer")
    return _compared(experiment) if loaded else None


@st.cache_data(max_entries=300, show_spinner=False, hash_funcs=_BY_VALUE)
def _trained(experiment: Experiment) -> History:
    return train(experiment)


@st.cache_data(max_entries=300, show_spinner=False, hash_funcs=_BY_VALUE)
def _measured(experiment: Experiment) -> Ruler:
    return measure(experiment)


@st.cache_data(max_entries=300, show_spinner=False, hash_funcs=_BY_VALUE)
def _compared(experiment: Experiment) -> Parity:
    return parity(experiment)


def _with_progress(experiment: Experiment) -> History:
    """Train while a bar tells how far it is; any change of a control, and the stop button, end it at once."""
    slot = st.empty()
    with slot.container():
        bar = st.progress(0.0, text=f"Training {experiment.epochs:,} epochs, about {experiment.seconds():.0f} s")
        st.button(f"Stop, and train {SHORT:,} epochs instead", on_click=link.change, kwargs={"epochs": SHORT})
        history = train(experiment, lambda done: bar.progress(done, text=f"{done:.0%} of {experiment.epochs:,} epochs"))
    slot.empty()
    return history
