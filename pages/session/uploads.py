"""The reader's own data: what the session holds of it, and where the other pages show it.

An upload is held here and nowhere else: with the session it is gone. Points are text that stands in links.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import streamlit as st

from core import Experiment, History, Repair, dataset
from core.data.datasets import UPLOADS_STAY, Dataset, is_upload
from core.drawing.frames import MOST_POINTS
from pages.session import kept_results


def hold(data: Dataset) -> None:
    """Keep an upload for as long as the session lasts, or until no page needs it any more."""
    held: dict[str, Dataset] = st.session_state.setdefault("own_uploads", {})
    held[data.name] = data
    for name in set(held) - _needed() - {data.name}:
        del held[name]
        kept_results.forget(name)


def _needed() -> set[str]:
    """The data sets the pages' experiments are about, and the one that is in use."""
    state = st.session_state
    shown = [*state.get("put_away", {}).values(), *([state.experiment] if "experiment" in state else [])]
    return {experiment.data for experiment in shown} | {state.get("own", "")}


def use(name: str | None) -> None:
    """Make this the data set that other pages offer beside theirs."""
    st.session_state["own"] = name


def offered(names: Sequence[str], lines: bool) -> dict[str, str]:
    """These data sets and the reader's own by their titles; lines: whether only lines will do."""
    current = st.session_state.experiment.data
    ours = dict.fromkeys(name for name in (st.session_state.get("own"), current) if name and name not in names)
    titles = {name: dataset(name).title for name in names}
    for name in ours:
        data = dataset(name)
        if data.task == "line" or not lines or name == current:
            title = f"{data.title}: {len(data.y):,} rows" if is_upload(name) else f"{data.title}: {len(data.y)}"
            titles[name] = title + " (shown now)" * (title in titles.values())
    return titles


def without_foreign_uploads(link: dict[str, list[str]]) -> tuple[dict[str, list[str]], tuple[Repair, ...]]:
    """A link without an upload that is not this session's, were it still there, and what is to be said of that."""
    asked = link.get("data", [""])[-1]
    if not is_upload(asked) or asked in st.session_state.get("own_uploads", {}):
        return link, ()
    words = {name: texts for name, texts in link.items() if name != "data"}
    return words, (Repair(name="data", got="an upload", used=Experiment().data, reason=UPLOADS_STAY),)


def upload_of(asked: Iterable[Any]) -> str:
    """The upload that any of these is an experiment, or the history of one, on; "" where none is."""
    return next((each.data for each in experiments(asked) if is_upload(each.data)), "")


def experiments(asked: Iterable[Any]) -> list[Experiment]:
    """Those among these, and those that a history among these is of."""
    parts = [part.experiment if isinstance(part, History) else part for part in asked]
    return [part for part in parts if isinstance(part, Experiment)]


def beside(asked: Iterable[Any]) -> tuple[Dataset, ...]:
    """The upload that any of these is an experiment on, for a process that has not got it."""
    name = upload_of(asked)
    return (dataset(name),) if name else ()


def drawn_note(points: int) -> None:
    """That not all points are drawn, where it is so."""
    if points > MOST_POINTS:
        st.caption(f"Drawn are {MOST_POINTS:,} of {points:,} points; all are trained on.")
