"""Inside one network: its drawing, and any weight's update explained in the numbers of the run."""

import streamlit as st

from core import Experiment
from core.experiment.changes import MAX_CHANGES, Change
from core.instruments.network.diagram import diagram as numbers_of
from core.instruments.network.explain import Update, WeightIndex, index, input_names, learns_from, title, update
from core.instruments.network.scene import NetworkScene
from core.methods.optimizers import UPDATE_RULES
from core.words import LANE_LETTERS, change, number
from pages.lab.network.diagram import diagram
from pages.lecture import lock
from pages.session import link, live
from pages.widgets.formula import formula


def inside(scene: NetworkScene, run: live.Live) -> None:
    """The drawing of one lane, and under it the update of the weight that was clicked."""
    history = scene.history
    experiment = history.experiment
    st.markdown("### Inside one network")
    words, choice = st.columns([3, 2], vertical_alignment="bottom")
    with words:
        st.markdown(
            "Lines are weights, blue positive, orange negative, as thick as they are large. A unit's fill is its bias; "
            "a cross marks a dead unit. The drawing follows the epoch slider."
        )
    with choice, st.container(horizontal_alignment="right"):
        lane = _lane(len(scene.lanes))
    drawn = numbers_of(history, scene.measures, lane)
    outputs = experiment.dataset().classes if experiment.widths[-1] > 1 else ("output",)
    label = f"The network of lane {LANE_LETTERS[lane]}: layers of {', '.join(map(str, experiment.widths))}."
    chosen = st.session_state.get("weight")
    clicked = diagram(drawn, input_names(experiment), outputs, chosen and chosen["place"], label)
    if clicked is not None and clicked != chosen:
        st.session_state["weight"] = chosen = clicked
    if drawn.left_out:
        st.caption(f"The strongest weights of each layer are drawn; {drawn.left_out:,} weaker ones are not.")
    made = history.finished or run.paused  # while it trains its last step is not made
    if chosen is not None and made:
        _explain(scene, lane, chosen["place"], chosen["epoch"] if history.finished else history.done)


def _lane(count: int) -> int:
    chosen = st.segmented_control(
        "Lane",
        range(count),
        format_func=lambda lane: LANE_LETTERS[lane],
        default=min(1, count - 1),
        required=True,
        key="inside-lane",
        label_visibility="collapsed",
    )
    return chosen if chosen is not None else 0


def _explain(scene: NetworkScene, lane: int, at: list[int], epoch: int) -> None:
    """Old value, gradient, rate, new value: as they were in this run."""
    history, place = scene.history, WeightIndex(at[0], None if at[1] < 0 else at[1], at[2])
    try:
        found = update(history, lane, place, epoch)
    except ValueError:  # the network was made smaller since the click
        st.caption("The weight that was clicked is not in this network any more.")
        return
    experiment = history.experiment
    name = title(experiment, place)
    st.markdown(f"**{name[0].upper()}{name[1:]}**, the step after epoch {found.epoch:,} in lane {LANE_LETTERS[lane]}:")
    symbol = _direction(experiment)
    old, new = change(found.old, found.new)
    times = (("rate", found.rate), "×", (symbol.removeprefix("the "), found.direction))
    formula("update", ("old", found.old, old), "−", *times, "=", ("new", found.new, new))
    st.caption(_in_words(scene, found, symbol))
    _set(scene, lane, index(experiment.widths, place), found)


def _set(scene: NetworkScene, lane: int, parameter: int, found: Update) -> None:
    """The weight set by hand: where the run is paused, or at the epoch looked at of one that has ended."""
    history = scene.history
    experiment, epoch = history.experiment, found.epoch if history.finished else history.done
    key, now = f"set-{lane}-{parameter}-{epoch}", found.old if history.finished else found.new
    if len(experiment.changes) >= MAX_CHANGES or lock.hides("change"):
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input("Set it by hand to", value=float(f"{now:.4g}"), step=None, format="%g", key=key, width=160)
        words = f"Set it after epoch {epoch:,} and train on"
        st.button(words, on_click=_take, args=(experiment, lane, epoch, parameter, key))


def _take(experiment: Experiment, lane: int, epoch: int, parameter: int, key: str) -> None:
    value = st.session_state[key]
    if value is None:
        return
    if live.is_paused(experiment):
        live.change(experiment, lane, value, parameter)
    else:
        link.change(changes=(*experiment.changes, str(Change(lane, epoch, parameter, value))))


def _direction(experiment: Experiment) -> str:
    """What the rate is multiplied by."""
    if experiment.adaptive:
        return f"{UPDATE_RULES[experiment.optimizer].title}'s direction"
    if not experiment.momentum:
        return "gradient"
    return "Nesterov's direction" if experiment.optimizer == "nesterov" else "the velocity"


def _in_words(scene: NetworkScene, found: Update, symbol: str) -> str:
    experiment = scene.history.experiment
    rows = learns_from(scene.history)
    of = f"the first batch of {rows}" if experiment.steps_per_epoch > 1 else f"all {rows} training points"
    words = f"The gradient, {number(found.gradient)}, is that of the loss on {of}. "
    if symbol == "gradient":
        return words + "Backpropagation calculates it; gradient descent applies it."
    words += f"{symbol[0].upper()}{symbol[1:]} also remembers earlier gradients, so it differs."
    decay = UPDATE_RULES[experiment.optimizer].weight_decay
    return (
        words + f" It holds {decay:g} × the old value as well: each step shrinks every parameter." if decay else words
    )
