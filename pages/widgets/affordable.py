"""What can't be trained here, or would take too long: why, and the most epochs that would be taken, by a button."""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from core import Experiment
from core.experiment.cost import MAX_SECONDS, most_epochs
from core.words import duration
from pages.lecture import lock
from pages.session import link


def affordable(what: str, experiment: Experiment, seconds: Callable[[Experiment], float]) -> bool:
    """Whether it may be trained; where it may not, the page says why.

    what: it is, as in "This sweep".  seconds: of an experiment, by estimate; ValueError where it can't be trained.
    """
    reason = _reason(what, experiment, seconds)
    if not reason:
        return True
    st.warning(reason, icon=":material/info:")
    most = most_epochs(lambda epochs: seconds(replace(experiment, epochs=epochs)), experiment.epochs)
    if most and not lock.hides("epochs"):
        words = f"Take {most:,} epoch{'s' * (most > 1)}, the most for these rates and seeds"
        st.button(words, icon=":material/timer:", on_click=link.change, kwargs={"epochs": most}, key="fewer-epochs")
    return False


def affordable_pieces(experiment: Experiment, ask: Callable[[Experiment], list[Experiment]]) -> list[Experiment] | None:
    """The pieces that `ask` has of the experiment; None, with a sentence on the page, where they are too much."""

    def seconds(one: Experiment) -> float:
        return sum(piece.seconds() for piece in ask(one))

    return ask(experiment) if affordable("This", experiment, seconds) else None


def _reason(what: str, experiment: Experiment, seconds: Callable[[Experiment], float]) -> str:
    try:
        cost = seconds(experiment)
    except ValueError as refusal:
        return f"{what} can't be trained: {refusal}."
    if cost <= MAX_SECONDS:
        return ""
    most = f"{duration(MAX_SECONDS)} is the most here"
    return f"{what} would take about {duration(cost)}, and {most}: take fewer epochs, rates or seeds."
