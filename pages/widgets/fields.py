"""Widgets that edit one field of the page's Experiment; a widget's key is the field's name.

The Experiment seeds a widget before it is drawn; a changed widget replaces the Experiment in its callback.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import streamlit as st

from core import Experiment
from core.experiment.experiment import BY_NAME
from core.methods.optimizers import UPDATE_RULES
from core.methods.schedules import TITLES
from core.training.train import TORCH_MISSING, torch_is_installed
from pages.lecture import lock
from pages.session import link
from pages.session.shown import sent, show


def presets(titled: Mapping[str, Experiment | None]) -> None:
    """A list of links to experiments worth opening, by their titles; with None it is the heading of those below it."""
    lock.control("presets", "Start from", "presets", "presets-title")
    with st.container(gap="xxsmall", key="presets"):
        for title, experiment in titled.items():
            if experiment is None:
                st.caption(title)
                continue
            icon = ":material/chevron_right:"  # it leads somewhere, and is no choice of one among many
            st.page_link(st.session_state.page, label=title, icon=icon, query_params=link.here(experiment))


def mark_preset(titled: Mapping[str, Experiment | None]) -> None:
    """Mark the one of `presets` that is shown. By a style, so that a part of a page can do it that draws no list."""
    shown = [place for place, experiment in enumerate(titled.values(), 1) if experiment == link.current()]
    here = f".st-key-presets > :nth-child({shown[0] if shown else 0})"  # without one too: else the last would stay
    icon = f"{here} [data-testid=stIconMaterial]"
    checked = f"{icon} {{ font-size: 0 }} {icon}::after {{ content: 'check'; font-size: 1rem }}"
    st.html(f"<style>{here} p {{ font-weight: 700 }} {checked}</style>")


def shared() -> Experiment:
    """What a sidebar says of the experiment: all that the lanes share, and how many there are."""
    experiment = link.current()
    return replace(experiment, learning_rates=(1.0,) * len(experiment.learning_rates), start=())


def choice(field: str, label: str, names: Mapping[str, str], explanation: str | None = None) -> None:
    """One of some names."""
    lock.control(field, label)
    show(field, getattr(link.current(), field))
    st.selectbox(
        label,
        tuple(names),
        format_func=lambda chosen: names[chosen],
        key=field,
        help=explanation,
        on_change=take,
        args=(field,),
    )


def switch(field: str, label: str, explanation: str) -> None:
    """On or off."""
    lock.control(field, label)
    show(field, getattr(link.current(), field))
    st.toggle(label, key=field, help=explanation, on_change=take, args=(field,))


def whole(field: str, label: str, explanation: str) -> None:
    """A whole number."""
    least, most = int(BY_NAME[field].low), int(BY_NAME[field].high)
    lock.control(field, label)
    show(field, getattr(link.current(), field))
    st.number_input(label, least, most, key=field, step=1, help=explanation, on_change=take, args=(field,))


def ends(field: str) -> tuple[float, float]:
    """The lowest and the highest number that a field may be."""
    return float(BY_NAME[field].low), float(BY_NAME[field].high)


def take(field: str) -> None:
    """Put the widget's value into the Experiment; an emptied one changes nothing."""
    value = sent(field)
    if value is not None:
        # Another data set has another size and another landscape: batch and start begin anew with it.
        link.change(**{field: value}, **({"batch_size": None, "start": ()} if field == "data" else {}))


def epochs() -> None:
    """How long is trained."""
    most = replace(link.current(), epochs=1).largest_epochs()
    whole("epochs", "Epochs", f"One epoch is one pass over the data. These settings allow {most:,}.")


def engine() -> None:
    """By which of the two trainers."""
    engines = {"numpy": "NumPy, from scratch"} | ({"torch": "PyTorch"} if torch_is_installed() else {})
    choice("engine", "Trained by", engines)
    if not torch_is_installed():
        st.caption(TORCH_MISSING)


def precision() -> None:
    """64 or 32 bits."""
    choice("precision", "Numbers", {"float64": "64 bit", "float32": "32 bit"})


def seed(explanation: str) -> None:
    """What everything random is drawn from."""
    whole("seed", "Seed", explanation)


def update_rule(names: Iterable[str] = UPDATE_RULES) -> None:
    """The update rule, and its momentum where it has one."""
    current = link.current()
    lock.control("optimizer", "Update rule")
    # A link may ask gradient descent for momentum: that is what the list calls momentum.
    rule = "momentum" if current.optimizer == "sgd" and current.momentum else current.optimizer
    show("optimizer", rule)
    st.selectbox(
        "Update rule",
        tuple(names),
        format_func=lambda name: UPDATE_RULES[name].title,
        key="optimizer",
        on_change=_take_rule,
    )
    if UPDATE_RULES[rule].momentum is not None:
        show("momentum", current.momentum)
        label = "Momentum (beta1)" if rule in ("adam", "adamw") else "Momentum"
        lock.control("momentum", label)
        st.slider(label, *ends("momentum"), step=0.001, format="%g", key="momentum", on_change=take, args=("momentum",))


def _take_rule() -> None:
    rule = sent("optimizer")
    if rule is None:
        return
    link.change(optimizer=rule, momentum=UPDATE_RULES[rule].momentum or 0.0)


def schedule() -> None:
    """How the rate changes while it trains."""
    words = "How the rate changes from step to step; the learning rate is the highest it gets. Warm-up climbs to it "
    choice("schedule", "Schedule", TITLES, words + "over the first tenth of the run.")


def batch() -> None:
    """How many points a step sees."""
    points = link.current().points
    lock.control("batch_size", "Batch size")
    show("batch_size", link.current().batch_size or points)
    explanation = f"Points in one step. All {points}: the full batch, one step an epoch."
    st.number_input("Batch size", 1, points, key="batch_size", step=1, help=explanation, on_change=_take_batch)


def _take_batch() -> None:
    size, points = sent("batch_size"), link.current().points
    if size is not None:
        link.change(batch_size=None if size >= points else size)
