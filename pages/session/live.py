"""A network's run as far as it is: shown while a worker trains it, stopped with what there is, or finished."""

import time
from collections.abc import Hashable
from functools import partial
from typing import NamedTuple

import streamlit as st

from core import Experiment
from core.experiment.cost import AT_ONCE_SECONDS
from core.instruments.network.scene import NetworkScene, trained_network_scene
from core.words import duration
from pages.session import kept_results, runs, uploads
from pages.session.work import begin, session_id, tell_unfinished, under_way_key
from server import under_way
from server.workers import Unfinished

EVERY = 0.5  # seconds between two looks: each costs a browser on the same machine what the training needs
_FIRST = 0.3  # seconds that a page waits for the first thing to be seen
_TELLING = 0.05  # of the run: from here on what it took tells how long the rest takes
_STOPPED, _LOOKED_AT = "stopped-run", "looked-at-run"


class Live(NamedTuple):
    """scene: of the run so far, None before its first epochs.  run: where it is still trained.  stopped: by a click."""

    scene: NetworkScene | None
    run: under_way.Run | None = None
    stopped: bool = False


def is_live(experiment: Experiment) -> bool:
    """Whether it is trained in sight: neither in a moment, nor done already, nor stopped."""
    in_a_moment = experiment.seconds() <= AT_ONCE_SECONDS
    return not in_a_moment and kept_results.find(_kept_key(experiment)) is None and _stopped(experiment) is None


def network(experiment: Experiment) -> Live:
    """The experiment's run as it is now; begun where there is none."""
    if not is_live(experiment):
        leave()
        found = kept_results.find(_kept_key(experiment))
        return _stopped(experiment) or Live(found or runs.run_network(experiment))
    run = _look(experiment)
    run.await_something(_FIRST)
    if isinstance(run.problem, under_way.Unseen):  # it was about to end when this page came back to it
        run = _look(experiment)
    if run.problem is not None:
        _tell(run.problem)
    if run.ended:
        _keep(experiment, run.result)
        st.rerun()  # the whole page: what looked now and then has nothing more to look for
    return Live(run.seen, run)


def leave() -> None:
    """The page shows another run, or none: the one it looked at ends, unless others look."""
    key = st.session_state.pop(_LOOKED_AT, None)
    if key is not None:
        under_way.runs().leave(key, session_id())


def _look(experiment: Experiment) -> under_way.Run:
    key = under_way_key(trained_network_scene, experiment)
    if st.session_state.get(_LOOKED_AT) != key:
        leave()
        st.session_state[_LOOKED_AT] = key
    return begin(trained_network_scene, experiment, seconds=experiment.seconds())


def _keep(experiment: Experiment, scene: NetworkScene) -> None:
    key, upload = _kept_key(experiment), uploads.upload_of((experiment,))
    kept_results.kept(key, lambda: scene if upload else kept_results.share(key, scene), upload)


def bar(live: Live, experiment: Experiment) -> None:
    """How far it is, and a way to stop it; or what stopped it, and a way on."""
    of = f"of {experiment.epochs:,}"
    with st.container(key="training-bar", horizontal=True, wrap=False, vertical_alignment="center"):
        if live.run is None:
            done = live.scene.history.done if live.scene else 0
            st.info(f"Stopped at epoch {done:,} {of}. All you see is of the epochs so far.", icon=":material/pause:")
            go_on = st.session_state.pop
            st.button("Train all of it", icon=":material/play_arrow:", on_click=go_on, args=(_STOPPED,))
            return
        st.progress(min(max(live.run.done, 0.0), 1.0), text=_words(live.run, experiment, of))
        st.button("Stop", icon=":material/stop:", on_click=_stop, args=(experiment,))


def _words(run: under_way.Run, experiment: Experiment, of: str) -> str:
    if run.before is not None:
        return f"Waiting for its turn: {f'{run.before} before you' if run.before else 'another page of yours'}"
    spent, left = time.monotonic() - run.began, ""
    if run.done > _TELLING:
        left = f", about {duration(spent * (1 - run.done) / run.done)} to go"
    return f"Training: epoch {round(run.done * experiment.epochs):,} {of}{left}"


def _stop(experiment: Experiment) -> None:
    st.session_state[_STOPPED] = (experiment, _look(experiment).seen)
    leave()


def _stopped(experiment: Experiment) -> Live | None:
    asked, scene = st.session_state.get(_STOPPED, (None, None))
    return Live(scene, stopped=True) if asked == experiment else None


def _kept_key(experiment: Experiment) -> Hashable:
    return (trained_network_scene, experiment)


def _tell(problem: Exception) -> None:
    """Say why it can't be done, and end the page's run."""
    if not isinstance(problem, Unfinished):
        raise problem
    tell_unfinished(problem, again=partial(under_way.runs().forget, st.session_state[_LOOKED_AT]))
