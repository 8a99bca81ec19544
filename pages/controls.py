"""The only widgets that edit an Experiment. A widget's key is its field's name in the link."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import streamlit as st

from core import DATASETS, MAX_LANES, PRESETS, dataset, textbook_trio
from core.training import TORCH_MISSING, torch_is_installed
from core.words import LANE_LETTERS, number
from pages import link

_SLIDER_RATES = [float(f"{digits}e{power}") for power in range(-12, 6) for digits in (1, 1.5, 2, 3, 5, 7)] + [1e6]
_PRESET_TITLES = {
    "article": "The article's three",
    "look-alikes": "Look-alikes",
    "momentum": "Momentum rings",
    "penguins": "Penguins: 0.01 explodes",
    "penguins-standardised": "Penguins, standardised",
}


def sidebar() -> None:
    """Everything the lanes share."""
    with st.sidebar:
        st.markdown("##### Start from")
        _presets()
        st.markdown("##### Settings, the same for all lanes")
        _choice("data", "Data", {name: dataset(name).title for name in DATASETS})
        _switch("standardize", "Standardise x", "Shift and stretch x to mean 0 and standard deviation 1.")
        most = replace(link.current(), epochs=1).largest_epochs()
        _whole("epochs", "Epochs", 10**9, f"One epoch is one pass over the data. These settings allow {most:,}.")
        _update_rule()
        engines = {"numpy": "NumPy, from scratch"} | ({"torch": "PyTorch"} if torch_is_installed() else {})
        _choice("engine", "Trained by", engines)
        if not torch_is_installed():
            st.caption(TORCH_MISSING)
        with st.expander("More settings"):
            _batch()
            _choice("precision", "Numbers", {"float64": "64 bit", "float32": "32 bit"})
            _whole("seed", "Seed", 2**32 - 1, "Draws the noise of made data and the order of mini-batches.")


def copy_link() -> None:
    """A link that holds every setting, to take away."""
    with st.popover("Copy link", icon=":material/link:"):
        st.caption("This link holds every setting. Point at it, and a copy button shows at its right end.")
        st.code(link.whole(), language=None, wrap_lines=True)


def learning_rate(lane: int) -> None:
    """A lane's learning rate: a log-scale slider and the exact number side by side."""
    rate = link.current().learning_rates[lane]
    slider, exact = f"lr-slider-{lane}", f"lr-{lane}"
    st.session_state[slider] = st.session_state[exact] = rate
    left, right = st.columns([3, 2], vertical_alignment="center", wrap=False)
    with left:
        st.select_slider(
            f"Learning rate of lane {LANE_LETTERS[lane]}, slider",
            sorted({*_SLIDER_RATES, rate}),  # an exact rate between the stops stands on the slider too
            format_func=number,
            key=slider,
            label_visibility="collapsed",
            on_change=_take_rate,
            args=(lane, slider),
        )
    with right:
        st.number_input(
            f"Learning rate of lane {LANE_LETTERS[lane]}",
            1e-12,
            1e6,
            None,
            key=exact,
            step=None,
            required=True,  # with None before it: an emptied field changes nothing
            format="%g",
            label_visibility="collapsed",
            on_change=_take_rate,
            args=(lane, exact),
        )


def set_rate(lane: int, rate: float) -> None:
    """Give one lane another learning rate."""
    rates = list(link.current().learning_rates)
    rates[lane] = rate
    link.change(learning_rates=tuple(rates))


def lanes() -> None:
    """Add or remove a lane: two to eight."""
    rates = link.current().learning_rates
    with st.container(horizontal=True, horizontal_alignment="right"):
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


def lane_choice() -> int:
    """Which lane a click on the ruler moves."""
    count = len(link.current().learning_rates)
    chosen = st.segmented_control(
        "A click on the ruler moves lane",
        range(count),
        format_func=lambda lane: LANE_LETTERS[lane],
        default=min(1, count - 1),
        required=True,
        key="ruler-lane",
    )
    return chosen if chosen is not None else 0


def start() -> None:
    """Where all lanes start: two numbers (or a click on the contour)."""
    w, b = link.current().start or (0.0, 0.0)
    st.session_state["start-w"], st.session_state["start-b"] = w, b
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input("Start w", key="start-w", step=None, format="%g", on_change=_take_start, width=110)
        st.number_input("Start b", key="start-b", step=None, format="%g", on_change=_take_start, width=110)
        st.button(
            "Back to 0, 0",
            type="tertiary",
            disabled=not link.current().start,
            on_click=link.change,
            kwargs={"start": ()},
        )


def take_ruler_click(lane: int) -> None:
    """Give the chosen lane the rate that was clicked, rounded to three digits for reading."""
    picked = st.session_state["ruler"]["selection"].get("rate")
    if picked:
        set_rate(lane, float(f"{picked[0]['rate']:.3g}"))


def take_contour_click() -> None:
    """Start all lanes where the contour was clicked, rounded to three digits for reading."""
    picked = st.session_state["contour"]["selection"].get("start")
    if picked:
        link.change(start=(float(f"{picked[0]['w']:.3g}"), float(f"{picked[0]['b']:.3g}")))


def _presets() -> None:
    presets = {_PRESET_TITLES[name]: experiment for name, experiment in PRESETS.items()}
    presets["Textbook trio for this data"] = textbook_trio(replace(link.current(), momentum=0.0, optimizer="sgd"))
    with st.container(gap="xxsmall"):
        for title, experiment in presets.items():
            here = experiment == link.current()
            st.page_link(
                st.session_state.page,
                label=f"**{title}**" if here else title,
                icon=":material/radio_button_checked:" if here else ":material/radio_button_unchecked:",
                query_params=link.short(experiment),
            )


def _choice(field: str, label: str, names: dict[str, str]) -> None:
    st.session_state[field] = getattr(link.current(), field)
    st.selectbox(
        label, tuple(names), format_func=lambda choice: names[choice], key=field, on_change=_take, args=(field,)
    )


def _switch(field: str, label: str, explanation: str) -> None:
    st.session_state[field] = getattr(link.current(), field)
    st.toggle(label, key=field, help=explanation, on_change=_take, args=(field,))


def _whole(field: str, label: str, most: int, explanation: str) -> None:
    st.session_state[field] = getattr(link.current(), field)
    least = 0 if field == "seed" else 1
    st.number_input(label, least, most, key=field, step=1, help=explanation, on_change=_take, args=(field,))


def _take(field: str) -> None:
    value = st.session_state[field]
    if value is not None:
        # Another data set has another size and another landscape: batch and start begin anew with it.
        link.change(**{field: value}, **({"batch_size": None, "start": ()} if field == "data" else {}))


def _update_rule() -> None:
    rules = {"sgd": "Gradient descent", "momentum": "Momentum"}
    st.session_state["optimizer"] = "momentum" if link.current().momentum else link.current().optimizer
    st.selectbox(
        "Update rule", tuple(rules), format_func=lambda rule: rules[rule], key="optimizer", on_change=_take_rule
    )
    if st.session_state["optimizer"] == "momentum":
        st.session_state["momentum"] = link.current().momentum
        st.slider("Momentum", 0.0, 0.999, step=0.001, format="%g", key="momentum", on_change=_take, args=("momentum",))


def _take_rule() -> None:
    rule = st.session_state["optimizer"]
    link.change(optimizer=rule, momentum=0.9 if rule == "momentum" else 0.0)


def _batch() -> None:
    points = len(dataset(link.current().data, link.current().seed).y)
    st.session_state["batch_size"] = link.current().batch_size or points
    explanation = f"Points in one step. All {points}: the full batch, one step an epoch."
    st.number_input("Batch size", 1, points, key="batch_size", step=1, help=explanation, on_change=_take_batch)


def _take_batch() -> None:
    size, points = st.session_state["batch_size"], len(dataset(link.current().data, link.current().seed).y)
    if size is not None:
        link.change(batch_size=None if size >= points else size)


def _take_rate(lane: int, key: str) -> None:
    if st.session_state[key] is not None:
        set_rate(lane, st.session_state[key])


def _take_start() -> None:
    place = (st.session_state["start-w"], st.session_state["start-b"])
    if None not in place:
        link.change(start=() if place == (0.0, 0.0) else place)
