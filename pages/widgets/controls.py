"""The only widgets that edit an Experiment. A widget's key is its field's name in the link."""

import math
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

import streamlit as st

from core import LINE_PRESETS, MAX_LANES, Experiment, textbook_trio
from core.data.datasets import LINES
from core.words import LANE_LETTERS, number
from pages.lecture import lock
from pages.session import lecture_words, link, uploads
from pages.session.shown import options, sent, show
from pages.widgets import fields

_SLIDER_RATES = [float(f"{digits}e{power}") for power in range(-12, 6) for digits in (1, 1.5, 2, 3, 5, 7)] + [1e6]
_RATE_WIDTH = 104  # px: room for 0.0845231; twice that in type for a hall


def sidebar() -> None:
    """Everything the lanes share."""
    with st.sidebar:
        st.markdown("##### Start from")
        fields.presets(presets())
        st.markdown("##### Data")
        fields.choice("data", "Data set", uploads.offered(LINES, lines=True))
        fields.switch("standardize", "Standardize x", "Shift and stretch x to mean 0 and standard deviation 1.")
        st.markdown("##### Training, the same for all lanes")
        fields.epochs()
        fields.update_rule(link.COMPARED)
        fields.engine()
        with st.expander("More settings"):
            fields.batch()
            fields.precision()
            fields.seed("Draws the noise of made data and the order of mini-batches.")


def presets() -> dict[str, Experiment]:
    """Experiments worth opening, by what they are called."""
    titled = {preset.title: preset.experiment for preset in LINE_PRESETS.values()}
    return titled | {"Textbook trio for this data": _trio(replace(fields.shared(), momentum=0.0, optimizer="sgd"))}


@lru_cache(maxsize=200)
def _trio(experiment: Experiment) -> Experiment:
    return textbook_trio(experiment)


def learning_rate(lane: int) -> None:
    """A lane's learning rate: a log-scale slider and the exact number side by side."""
    rate = link.current().learning_rates[lane]
    slider, exact = f"lr-slider-{lane}", f"lr-{lane}"
    show(slider, rate)
    show(exact, rate)
    lock.control("lr", "Learning rates", slider, exact)
    if lock.hides("lr"):
        st.markdown(f"Learning rate **{number(rate)}**")
        return
    with st.container(horizontal=True, wrap=False, vertical_alignment="center"):
        st.select_slider(
            f"Learning rate of lane {LANE_LETTERS[lane]}, slider",
            options(slider, _SLIDER_RATES),  # an exact rate between the stops stands on the slider too
            format_func=number,
            key=slider,
            label_visibility="collapsed",
            on_change=_take_rate,
            args=(lane, slider),
        )
        st.number_input(
            f"Learning rate of lane {LANE_LETTERS[lane]}",
            *fields.ends("learning_rates"),
            None,
            key=exact,
            step=None,
            required=True,  # with None before it: an emptied field changes nothing
            format="%g",
            label_visibility="collapsed",
            on_change=_take_rate,
            args=(lane, exact),
            width=2 * _RATE_WIDTH if lecture_words.presents() else _RATE_WIDTH,
        )


def set_rate(lane: int, rate: float) -> None:
    """Give one lane another learning rate, where it is still there: a click before this one may have taken it away."""
    rates = list(link.current().learning_rates)
    if lane < len(rates):
        rates[lane] = rate
        link.change(learning_rates=tuple(rates))


def lanes() -> None:
    """Add or remove a lane: two to eight."""
    rates = link.current().learning_rates
    lock.control("lr", "Learning rates", "lanes")
    with st.container(horizontal=True, horizontal_alignment="right", key="lanes"):
        st.button(
            "Add a lane",
            icon=":material/add:",
            type="tertiary",
            disabled=len(rates) >= MAX_LANES,
            on_click=link.change,
            kwargs={"learning_rates": (*rates, _between(rates))},
        )
        st.button(
            "Remove the last",
            icon=":material/remove:",
            type="tertiary",
            disabled=len(rates) <= 2,
            on_click=link.change,
            kwargs={"learning_rates": rates[:-1]},
        )


def _between(rates: tuple[float, ...]) -> float:
    """A new rate where it tells most: in the middle of the widest gap, on the log axis."""
    ordered = sorted(rates)
    low, high = max(pairwise([*ordered, ordered[-1]]), key=lambda gap: gap[1] / gap[0])
    return float(f"{math.sqrt(low * high):.3g}") if high > low else min(high * 2, 1e6)


def _take_rate(lane: int, key: str) -> None:
    if (rate := sent(key)) is not None:
        set_rate(lane, rate)
