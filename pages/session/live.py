"""A network's run as far as it is: shown while a worker trains it, paused with what there is, or finished."""

import time
from collections.abc import Callable, Hashable
from functools import partial
from typing import NamedTuple, NoReturn

import streamlit as st

from core import Experiment
from core.experiment.changes import Change
from core.experiment.cost import AT_ONCE_SECONDS
from core.instruments.network.scene import Checkpoint, NetworkScene, network_run, trained_network_scene
from core.methods.schedules import PLATEAU
from core.words import duration
from pages.session import kept_results, link, runs, uploads
from pages.session.work import begin, session_id, tell_unfinished, under_way_key
from server import under_way
from server.workers import Lost, Unfinished

EVERY = 0.5  # seconds between two looks: each costs a browser on the same machine what the training needs
_FIRST = 0.3  # seconds that a page waits for the first thing to be seen
_TELLING = 0.05  # of the run: from here on what it took tells how long the rest takes
_PAUSING = 20.0  # seconds that a page waits at most until its run has paused; on a busy machine the worker is late
_PAUSED, _GOES_ON, _LOOKED_AT = "paused-run", "run-that-goes-on", "looked-at-run"


class Live(NamedTuple):
    """scene: of the run so far, None before its first epochs.  run: where it is still trained.

    paused: whether it stands where it is.  checkpoint: how it goes on from there, where that is known.
    lost: whether it stands there because its worker has ended.
    """

    scene: NetworkScene | None
    run: under_way.Run | None = None
    paused: bool = False
    checkpoint: Checkpoint | None = None
    lost: bool = False

    @property
    def epoch(self) -> int:
        """How many epochs are done, as far as it is seen."""
        seen = self.scene.history.done if self.scene else 0
        return max(seen, self.checkpoint.epoch if self.checkpoint else 0)


def is_live(experiment: Experiment) -> bool:
    """Whether it is trained in sight: neither in a moment, nor done already, nor paused."""
    in_a_moment = experiment.seconds() <= AT_ONCE_SECONDS
    return not in_a_moment and kept_results.find(_kept_key(experiment)) is None and _paused(experiment) is None


def network(experiment: Experiment) -> Live:
    """The experiment's run as it is now; begun where there is none."""
    if not is_live(experiment):
        leave()
        found = kept_results.find(_kept_key(experiment))
        return _paused(experiment) or Live(found or runs.run_network(experiment))
    run = _look(experiment)
    run.await_something(_FIRST)
    if isinstance(run.problem, under_way.Unseen):  # it was about to end when this page came back to it
        run = _look(experiment)
    before = _goes_on(experiment)  # what was seen before it went on, until there is more
    if run.problem is not None:
        _end_early(experiment, Live(run.seen or before.scene, checkpoint=before.checkpoint), run.problem)
    if run.ended:
        _take(experiment, run)
        st.rerun()  # the whole page: what looked now and then has nothing more to look for
    return Live(run.seen or before.scene, run, checkpoint=before.checkpoint)


def begin_ahead(experiment: Experiment) -> None:
    """Begin what will be trained in sight, before the page is drawn: by then there is something to see."""
    if is_live(experiment):
        _look(experiment)


def leave() -> None:
    """The page shows another run, or none: the one it looked at ends, unless others look."""
    key = st.session_state.pop(_LOOKED_AT, None)
    if key is not None:
        under_way.runs().leave(key, session_id())


def _look(experiment: Experiment, until: int | None = None) -> under_way.Run:
    """The run, begun where there is none: from where it was paused, where this page has done that."""
    key = under_way_key(network_run, experiment)
    if st.session_state.get(_LOOKED_AT) != key:
        leave()
        st.session_state[_LOOKED_AT] = key
    more = (_goes_on(experiment).checkpoint, until)
    return begin(network_run, experiment, more=more, seconds=experiment.seconds())


def _goes_on(experiment: Experiment) -> Live:
    """What the run was when this page paused it, where it goes on from there."""
    asked, live = st.session_state.get(_GOES_ON, (None, None))
    return live if asked == experiment else Live(None)


def _take(experiment: Experiment, run: under_way.Run) -> None:
    """Keep what an ended run has come to."""
    st.session_state.pop(_GOES_ON, None)
    scene, checkpoint = run.result
    if scene is None or not scene.history.finished:
        st.session_state[_PAUSED] = (experiment, Live(scene or run.seen, paused=True, checkpoint=checkpoint))
        under_way.runs().forget(st.session_state[_LOOKED_AT])
        return
    st.session_state.pop(_PAUSED, None)
    key, upload = _kept_key(experiment), uploads.upload_of((experiment,))
    kept_results.kept(key, lambda: scene if upload else kept_results.share(key, scene), upload)
    kept_results.kept(_end_key(experiment), lambda: checkpoint, upload)


def is_paused(experiment: Experiment) -> bool:
    """Whether this page has paused the run."""
    return _paused(experiment) is not None


def pause(experiment: Experiment) -> None:
    """Let the run stand where it is. Where others look too it goes on for them, and this page keeps what it saw."""
    run, before = _look(experiment), _goes_on(experiment)
    if under_way.runs().pause(st.session_state[_LOOKED_AT], session_id()):
        run.await_end(_PAUSING)
    if run.ended and run.problem is None:
        _take(experiment, run)
    else:
        stands = Live(run.seen or before.scene, paused=True, checkpoint=before.checkpoint)
        st.session_state[_PAUSED] = (experiment, stands)
    leave()


def go_on() -> None:
    """Train the paused run on from where it stands; from the start, where that is not known."""
    if _PAUSED in st.session_state:  # a second click on the same button finds none
        st.session_state[_GOES_ON] = st.session_state.pop(_PAUSED)


def may_go_on(experiment: Experiment) -> int:
    """How many epochs a run that has ended may go on for: as many as it had, where no schedule goes by its length."""
    free = experiment.schedule in ("constant", PLATEAU)
    return min(experiment.epochs, experiment.largest_epochs() - experiment.epochs) if free else 0


def longer(experiment: Experiment) -> None:
    """Train the run that has ended on from its end; where that is not kept any more, all of it anew."""
    end, scene = kept_results.find(_end_key(experiment)), kept_results.find(_kept_key(experiment))
    link.change(epochs=experiment.epochs + may_go_on(experiment))
    if link.current() != experiment:
        st.session_state[_GOES_ON] = (link.current(), Live(scene, checkpoint=end))


def one_epoch() -> None:
    """Train the paused run for one epoch more."""
    if _PAUSED not in st.session_state:
        return
    experiment, live = st.session_state[_GOES_ON] = st.session_state[_PAUSED]
    run = _look(experiment, until=live.epoch + 1)
    run.await_end(_PAUSING)
    if run.ended and run.problem is None:
        _take(experiment, run)
    else:
        del st.session_state[_PAUSED]


def change(experiment: Experiment, lane: int, value: float, parameter: int | None = None) -> None:
    """Change a rate or a parameter by hand where the run stands now, and go on from there."""
    if is_live(experiment):
        pause(experiment)
    live = _paused(experiment)
    if live is None:  # it has ended meanwhile
        return
    by_hand = str(Change(lane, live.epoch, parameter, value))
    link.change(changes=(*experiment.changes, by_hand))
    if link.current() != experiment:
        st.session_state.pop(_PAUSED, None)
        st.session_state[_GOES_ON] = (link.current(), live)


def branch(experiment: Experiment, lane: int, epoch: int, rate: float) -> None:
    """Add a lane that is this one up to an epoch and goes on at another rate from there."""
    rates, new = experiment.learning_rates, len(experiment.learning_rates)
    before = [each for each in experiment.by_hand() if each.lane == lane and each.epoch < epoch]
    also = [each._replace(lane=new) for each in before] + [Change(new, epoch, None, rate)]
    link.change(learning_rates=(*rates, rates[lane]), changes=(*experiment.changes, *map(str, also)))


def bar(live: Live, experiment: Experiment, change: Callable[[], None]) -> None:
    """How far it is, and a way to pause it; or where it stands, and the ways on.  change: draws the button for that."""
    of = f"of {experiment.epochs:,}"
    on_its_own = live.run is None  # a sentence and its buttons: on a phone one below the other
    with st.container(key="training-bar", horizontal=True, wrap=on_its_own, vertical_alignment="center"):
        if live.run is None:
            _where_it_stands(live, of)
            st.button("Go on", icon=":material/play_arrow:", on_click=go_on)
            if live.checkpoint is not None:
                st.button("One more epoch", icon=":material/skip_next:", on_click=one_epoch)
            change()
            return
        done = max(live.run.done, live.epoch / experiment.epochs)
        st.button("Pause", icon=":material/pause:", on_click=pause, args=(experiment,))  # left of words that grow
        change()
        st.progress(min(done, 1.0), text=_words(live.run, experiment, done, of))


def _where_it_stands(live: Live, of: str) -> None:
    """Where it stands, and why."""
    if not live.lost:
        seen = "What you see is the run so far. Another setting or lane begins a new run."
        st.info(f"Paused at epoch {live.epoch:,} {of}. {seen}", icon=":material/pause:")
        return
    on = f"from epoch {live.checkpoint.epoch:,}, the last one that was kept" if live.checkpoint else "from the start"
    seen = f"What you see is the run so far, to epoch {live.epoch:,} {of}."
    st.warning(f"The process that trained this has ended. {seen} It can go on {on}.", icon=":material/info:")


def _words(run: under_way.Run, experiment: Experiment, done: float, of: str) -> str:
    if run.before is not None:
        return f"Waiting for its turn: {f'{run.before} before you' if run.before else 'another page of yours'}"
    spent, left = time.monotonic() - run.began, ""
    if run.done - run.first > _TELLING:
        left = f", about {duration(spent * (1 - run.done) / (run.done - run.first))} to go"
    return f"Training: epoch {round(done * experiment.epochs):,} {of}{left}"


def _paused(experiment: Experiment) -> Live | None:
    asked, live = st.session_state.get(_PAUSED, (None, None))
    return live if asked == experiment else None


def _kept_key(experiment: Experiment) -> Hashable:
    return (trained_network_scene, experiment)


def _end_key(experiment: Experiment) -> Hashable:
    """Of how a run that has ended goes on: of the session that saw it end."""
    return (network_run, experiment)


def _end_early(experiment: Experiment, so_far: Live, problem: Exception) -> NoReturn:
    """It can't be done, or not to its end: what was seen stays, to go on from what its lost worker kept last."""
    if isinstance(problem, Lost) and so_far.scene is not None:
        checkpoint = problem.kept or so_far.checkpoint
        st.session_state[_PAUSED] = (experiment, so_far._replace(paused=True, checkpoint=checkpoint, lost=True))
        under_way.runs().forget(st.session_state[_LOOKED_AT])
        st.rerun()
    if not isinstance(problem, Unfinished):
        raise problem
    tell_unfinished(problem, again=partial(under_way.runs().forget, st.session_state[_LOOKED_AT]))
