"""What the page has drawn in this run, to be taken away: its charts, and the run they are of."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from core import Experiment
from core.drawing.chart_parts import Spec
from core.export.chart_files import Drawing
from core.instruments.compare.scene import Scene
from core.instruments.network.scene import NetworkScene
from core.words import LANE_LETTERS, number

AnyScene = Scene | NetworkScene

_CHARTS, _RUN, _CODE, _LATER = "drawn-charts", "drawn-run", "drawn-code", "drawn-later"
_FOLLOWED = "play-bar-drawn"


def theme() -> str:
    """light or dark, as the reader has it."""
    return "dark" if st.context.theme.type == "dark" else "light"


def begin() -> None:
    """Forget the last run of a page."""
    st.session_state[_CHARTS], st.session_state[_RUN], st.session_state[_CODE] = {}, None, None
    st.session_state.pop(_LATER, None)
    st.session_state.pop(_FOLLOWED, None)


def follow() -> None:
    """The page has a play bar: charts that follow now follow it."""
    st.session_state[_FOLLOWED] = True


def follows(spec: Spec) -> bool:
    """Whether this chart changes with the epoch, on a page with a play bar."""
    moves = any(each["name"] == "epoch" for each in spec.get("params", ()))
    return moves and bool(st.session_state.get(_FOLLOWED))


def later(make: Callable[[], None]) -> None:
    """The browser draws this page's charts: make notes them, and its run, once somebody wants to take them away."""
    st.session_state[_LATER] = make


def offers() -> bool:
    """Whether there are charts to be taken away."""
    return bool(st.session_state.get(_LATER) or charts())


def _made() -> None:
    if make := st.session_state.pop(_LATER, None):
        make()


def run(scene: AnyScene) -> None:
    """The page is about this run: the charts that follow are of its lanes."""
    st.session_state[_RUN] = scene


def chart(spec: Spec, tables: Mapping[str, Any], words: str, key: str, name: str) -> None:
    """A chart was drawn."""
    scene = the_run()
    rates = scene.history.experiment.learning_rates if scene else ()
    lanes = {letter: f"learning rate {number(rate)}" for letter, rate in zip(LANE_LETTERS, rates, strict=False)}
    kept = st.session_state.setdefault(_CHARTS, {})
    others = [each.name for each in kept.values() if each.key != key]
    if alike := sum(other == name or other.startswith(f"{name} (") for other in others):
        name += f" ({alike + 1})"
    kept[key] = Drawing(key=key, name=name, words=words, spec=spec, tables=tables, lanes=lanes)


def charts() -> tuple[Drawing, ...]:
    """The charts, in the order of the page."""
    _made()
    return tuple(st.session_state.get(_CHARTS, {}).values())


def code(experiment: Experiment, words: str) -> None:
    """The page is about many runs: this is the one whose code is worth taking; words: which that is."""
    st.session_state[_CODE] = (experiment, words)


def the_code() -> tuple[Experiment, str] | None:
    """The experiment whose code is worth taking from a page of many runs, and which that is."""
    named: tuple[Experiment, str] | None = st.session_state.get(_CODE)
    return named


def the_run() -> AnyScene | None:
    """The run the page is about, where it is about one."""
    _made()
    scene: AnyScene | None = st.session_state.get(_RUN)
    return scene
