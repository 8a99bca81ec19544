"""One experiment on several pages: links that take it to another page, and what that page took and left of it."""

from dataclasses import fields, replace
from typing import Any, NamedTuple, NoReturn

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from core import Experiment
from core.experiment.experiment import RATE_LIMITS
from core.instruments.sweep.sweep import grid
from core.words import number
from pages.session import link

_SPAN, _WIDER, _LANES = (
    100.0,
    10.0,
    3,
)  # a sweep's ends are at least so far apart, else so much wider; lanes of a way back
_SCHEDULE = "cosine"  # that the page of schedules shows where the experiment has none
# Another of these is still the same data, model, batch and seed.
_MAY_DIFFER = {"learning_rates", "epochs", "schedule", "optimizer", "momentum", "changes", "start", "sharpness"}


_FIRST_VIEW = {"sweep": {"map": ["0"]}}  # loss against the rate, whatever was looked at there before


class _Place(NamedTuple):
    """A page of the lab. ends: whether it takes the learning rates as the two ends of what it tries."""

    path: str
    label: str
    icon: str
    ends: bool = True


_PLACES = {
    "compare": _Place("lab/compare/page.py", "Compare", ":material/stacked_line_chart:", ends=False),
    "network": _Place("lab/network/page.py", "Network", ":material/hub:", ends=False),
    "sweep": _Place("lab/sweep/page.py", "Sweep", ":material/show_chart:"),
    "range-test": _Place("lab/range_test/page.py", "Range test", ":material/trending_up:"),
    "schedules": _Place("lab/schedules/page.py", "Schedules", ":material/timeline:"),
}


def links() -> None:
    """Links that take the experiment of this page to the others that can show it."""
    here, experiment = st.session_state.lab_page, link.current()
    other_model = "compare" if experiment.network() else "network"
    with st.container(horizontal=True, vertical_alignment="center", key="onward"):
        st.markdown("**Take this experiment to**", width="content")
        for name, place in _PLACES.items():
            if name not in (here, other_model):
                to(name, place.label, place.icon)


def stop() -> NoReturn:
    """End the page's run before its end; where the page has an experiment, with the links that take it on."""
    if (st.session_state.page.url_path or "compare") in _PLACES:
        links()
    st.stop()


def to(page: str, label: str, icon: str, **more: list[str]) -> None:
    """A link that takes the experiment of this page to another. more: words of that page's own."""
    asked = link.here(taken(link.current(), page)) | _FIRST_VIEW.get(page, {}) | more
    st.page_link(_PLACES[page].path, label=label, icon=icon, query_params=asked, width="content")


def taken(experiment: Experiment, page: str) -> Experiment:
    """What a page takes of an experiment: all but what only other pages have."""
    if _PLACES[page].ends:
        schedule = _SCHEDULE if page == "schedules" and experiment.schedule == "constant" else experiment.schedule
        ends = _ends(experiment.learning_rates)
        usual = Experiment()
        return replace(
            experiment, learning_rates=ends, schedule=schedule, changes=(), start=(), sharpness=usual.sharpness
        )
    kept: Experiment | None = st.session_state.get("put_away", {}).get(page)
    lanes = kept.learning_rates if kept and _alike(kept, experiment) else _between(experiment.learning_rates)
    least = replace(experiment, epochs=1, learning_rates=lanes)
    experiment = replace(least, epochs=min(experiment.epochs, least.largest_epochs()))  # more lanes may allow fewer
    if page == "network":
        return experiment
    if experiment.optimizer not in link.COMPARED:
        experiment = replace(experiment, optimizer="sgd", momentum=0.0)
    return replace(experiment, schedule="constant")


def arrived(came_from: StreamlitPage) -> None:
    """Note what this page took of the experiment of the page before, where its link brings the same one."""
    put_away: dict[str, Experiment] = st.session_state.get("put_away", {})
    before, now = put_away.get(came_from.url_path or "compare"), link.current()
    st.session_state.travelled = None
    if before is not None and link.words() and _alike(before, now) and before.epochs == now.epochs:
        st.session_state.travelled = now, came_from.title, _left(before, now)


def note() -> None:
    """What was taken and what was left, until something is changed here."""
    state = st.session_state
    experiment, came_from, left = state.get("travelled") or (None, "", ())
    if state.page not in state.experiment_pages or experiment != link.current():
        return
    batch = "" if state.lab_page == "schedules" else " batch,"  # there it has one of its own where the batch is full
    words = f"Taken from **{came_from}**: the same data, model,{batch} epochs and seed."
    words += f" Not taken: {', '.join(left)}." if left else ""
    if _PLACES[state.lab_page].ends:
        low, high = min(experiment.learning_rates), max(experiment.learning_rates)
        words += f" Rates from {number(low)} to {number(high)} are tried here."
    st.caption(f":material/redo: {words}")


def _alike(one: Experiment, other: Experiment) -> bool:
    names = {field.name for field in fields(Experiment)} - _MAY_DIFFER
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _left(before: Experiment, now: Experiment) -> list[str]:
    """What the page before had and this one does not, in words."""
    lost: dict[str, Any] = {
        "changes": "what was changed by hand",
        "start": "the chosen start",
        "sharpness": "measuring the sharpness",
        "schedule": f"the {before.schedule} schedule",
        "optimizer": f"the update rule {before.optimizer}",
    }
    usual = Experiment()
    return [
        words for name, words in lost.items() if getattr(before, name) not in (getattr(usual, name), getattr(now, name))
    ]


def _ends(rates: tuple[float, ...]) -> tuple[float, float]:
    low, high = min(rates), max(rates)
    if high / low < _SPAN:
        low, high = low / _WIDER, high * _WIDER
    return max(low, RATE_LIMITS[0]), min(high, RATE_LIMITS[1])


def _between(rates: tuple[float, ...]) -> tuple[float, ...]:
    """Three rates from the lowest to the highest, rounded to be read."""
    if len(rates) != 2:
        return rates
    return tuple(float(f"{rate:.3g}") for rate in grid(min(rates), max(rates), _LANES))
