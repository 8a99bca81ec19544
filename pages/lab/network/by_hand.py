"""A lane's learning rate changed by hand: from here on, or from an epoch of a run that has ended."""

import streamlit as st

from core import MAX_LANES, Experiment
from core.experiment.changes import MAX_CHANGES, Change
from core.instruments.network.explain import place, title
from core.words import LANE_LETTERS, many, number
from pages.lecture import lock
from pages.session import link, live
from pages.widgets import fields

_LANE, _RATE, _EPOCH, _BESIDE = "by-hand-lane", "by-hand-rate", "by-hand-epoch", "by-hand-beside"


def changes(experiment: Experiment) -> None:
    """What was changed by hand, and a way to take the last of it back."""
    if not experiment.changes:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="by-hand"):
        made = "; ".join(_in_words(experiment, each) for each in experiment.by_hand())
        st.caption(f":material/pan_tool: By hand, {made}.")
        if not lock.hides("change"):
            st.button(
                "Take the last back",
                type="tertiary",
                icon=":material/undo:",
                on_click=link.change,
                kwargs={"changes": experiment.changes[:-1]},
            )


def _in_words(experiment: Experiment, change: Change) -> str:
    what = "learning rate"
    if change.parameter is not None:
        what = title(experiment, place(experiment.widths, change.parameter))
    return f"lane {LANE_LETTERS[change.lane]} from epoch {change.epoch:,}: {what} {number(change.value)}"


def of_lane(experiment: Experiment, lane: int) -> None:
    """What was changed of this lane, under the rate that it sets out with."""
    words = [
        f"**{number(each.value)}** from epoch {each.epoch:,} on"
        for each in experiment.by_hand()
        if each.lane == lane and each.parameter is None
    ]
    if any(each.parameter is None for each in experiment.by_hand()):  # a row of all lanes: their charts stay level
        st.caption(f":material/pan_tool: {', '.join(words)}" if words else "&nbsp;")


def now(run: live.Live, experiment: Experiment) -> None:
    """A lane's rate, changed where the run stands."""
    if run.scene is None or not _may(experiment):
        return
    # Another one after each change: the one that was clicked in stays open, over what comes of the change.
    with st.popover("Change a rate", icon=":material/tune:", key=f"change-now-{len(experiment.changes)}"):
        _lane_and_rate(experiment, "now")
        st.button("Go on at this rate", type="primary", on_click=_change_now, args=(experiment,))


def later(experiment: Experiment) -> None:
    """A lane's rate, changed at an epoch of a run that has ended: in that lane, or in a new one beside it."""
    if experiment.epochs < 2 or not _may(experiment):
        return
    with st.popover("Change a rate on the way", icon=":material/tune:", type="tertiary"):
        _lane_and_rate(experiment, "later")
        st.number_input("From epoch", 1, experiment.epochs - 1, experiment.epochs // 2, key=_EPOCH)
        room = len(experiment.learning_rates) < MAX_LANES
        st.toggle("As a new lane beside it", value=room, disabled=not room, key=_BESIDE)
        st.button("Train it", type="primary", on_click=_change_later, args=(experiment,))


def longer(experiment: Experiment) -> None:
    """More epochs, from where the run has ended."""
    more = live.may_go_on(experiment)
    lock.control("epochs", "Epochs", "longer")
    if more and not lock.hides("epochs"):
        words, icon = f"Train on for {many(more, 'epoch')}", ":material/fast_forward:"
        st.button(words, type="tertiary", icon=icon, key="longer", on_click=live.longer, args=(experiment,))


def _may(experiment: Experiment) -> bool:
    """Whether its rates can be changed by hand here."""
    lock.control("change", "Changes by hand")
    free = experiment.schedule == "constant" and len(experiment.changes) < MAX_CHANGES
    return free and not lock.hides("change")


def _lane_and_rate(experiment: Experiment, when: str) -> None:
    lanes, rates = range(len(experiment.learning_rates)), fields.ends("learning_rates")
    letter = LANE_LETTERS.__getitem__
    st.segmented_control("Lane", lanes, format_func=letter, default=0, required=True, key=f"{_LANE}-{when}")
    first = experiment.learning_rates[0]
    st.number_input("New learning rate", *rates, first, step=None, format="%g", key=f"{_RATE}-{when}")


def _asked(when: str) -> tuple[int | None, float | None]:
    return st.session_state[f"{_LANE}-{when}"], st.session_state[f"{_RATE}-{when}"]


def _change_now(experiment: Experiment) -> None:
    lane, rate = _asked("now")
    if lane is not None and rate is not None:
        live.change(experiment, lane, rate)


def _change_later(experiment: Experiment) -> None:
    (lane, rate), epoch = _asked("later"), st.session_state[_EPOCH]
    if lane is None or rate is None or epoch is None:  # an emptied field changes nothing
        return
    if st.session_state[_BESIDE]:
        live.branch(experiment, lane, epoch, rate)
    else:
        link.change(changes=(*experiment.changes, str(Change(lane, epoch, None, rate))))
