"""What is trained and drawn of experiments: kept, or done now where it takes a moment, or by a worker under a bar."""

import sys
from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import replace
from functools import partial
from itertools import takewhile
from types import FunctionType
from typing import Any, TypeVar

import streamlit as st

from core import Experiment
from core.drawing.deck import family
from core.experiment.cost import AT_ONCE_SECONDS, CACHED_SECONDS
from core.instruments.compare import ruler
from core.instruments.compare.scene import Scene, trained_scene
from core.instruments.compare.stage import packed, seconds
from core.instruments.network.scene import NetworkScene, trained_network_scene
from core.instruments.range_test.rules import RULES
from core.instruments.range_test.scene import RangeScene, range_scene
from core.instruments.range_test.trial import TriedSeed, joined_trial, trial_seconds, tried_seed
from core.instruments.sweep.scene import SweepScene, sweep_scene
from core.instruments.sweep.sweep import Piece, joined, joined_so_far, pieces, train_piece
from core.training.parity import Parity, parity, parity_seconds
from core.words import many
from pages.session import kept_results, link, travel, uploads
from pages.session.work import Bar, tell_unfinished, work
from server.workers import Unfinished

T = TypeVar("T")

SHORT, QUICK = 1000, 1.0  # epochs, and seconds, at most, of the run that is offered in place of a long one
_STOPPED = "stopped-work"
_LESSON_SECONDS = 0.5  # that the longest of what lessons train takes
_LESSONS = 2000  # what a lesson keeps is a few tables


def is_quick(experiment: Experiment) -> bool:
    """Whether it is trained while nobody minds waiting; what takes longer can be stopped by any click."""
    return experiment.seconds() <= CACHED_SECONDS


def run(experiment: Experiment) -> Scene:
    """All that is drawn of a line."""
    rates = experiment.learning_rates  # only the outermost decide what the ruler spans
    ends = replace(experiment, learning_rates=tuple(sorted({min(rates), max(rates)})))
    measured = made(ruler.measure, ends, seconds=ruler.seconds(ends), what="the ruler's 200 rates")
    return _run(trained_scene, experiment, measured)


def deck(experiment: Experiment) -> bytes:
    """The experiment's deck with all that the stage draws beside, where it has no address."""
    whole = family(experiment)
    what, shorten = many(experiment.epochs, "epoch"), partial(_shorten, experiment)
    return made(packed, whole, seconds=seconds(whole), what=what, beside=shorten)


def run_network(experiment: Experiment) -> NetworkScene:
    """All that is drawn of a network."""
    return _run(trained_network_scene, experiment)


def _run(task: Callable[..., T], experiment: Experiment, *more: Any) -> T:
    seconds = experiment.seconds()
    what, shorten = many(experiment.epochs, "epoch"), partial(_shorten, experiment)
    return made(task, experiment, *more, seconds=seconds, what=what, key=(task, experiment), beside=shorten)


def _shorten(experiment: Experiment) -> None:
    """A button that ends the run and asks for a shorter one."""
    short = min(SHORT, experiment.epochs_within(QUICK))
    words = f"Stop, and train {many(short, 'epoch')} instead"
    st.button(words, on_click=link.change, kwargs={"epochs": short})


def run_sweep(
    experiment: Experiment,
    rates: tuple[float, ...],
    seeds: tuple[int, ...],
    show: Callable[[SweepScene], object] = lambda _: None,
) -> SweepScene:
    """All that is drawn of a sweep, trained piece by piece.  show: draws what there is so far."""

    def so_far(done: list[Piece]) -> None:
        show(sweep_scene(experiment, joined_so_far(experiment, rates, seeds, done)))

    done = trained(pieces(experiment, rates, seeds), so_far)
    key = (sweep_scene, experiment, rates, seeds)
    return _at_once(key, lambda: sweep_scene(experiment, joined(experiment, rates, seeds, done)), [experiment])


def run_trial(
    experiment: Experiment,
    rates: tuple[float, ...],
    seeds: tuple[int, ...],
    ends: tuple[float, float],
    show: Callable[[RangeScene], object] = lambda _: None,
) -> RangeScene:
    """All that is drawn of range tests on trial, tried seed by seed.

    ends: from where to where each range test goes.  show: draws what there is so far.
    """

    def so_far(done: list[TriedSeed]) -> None:
        show(range_scene(joined_trial(experiment, rates, done)))

    asked = [(replace(experiment, seed=seed), rates, *ends) for seed in seeds]
    cost = trial_seconds(experiment, seeds[:1], rates)
    what = f"range tests, then {many(len(rates) + len(RULES), 'rate')} of {many(len(seeds), 'seed')}"
    done = one_by_one(tried_seed, asked, [cost] * len(seeds), what, so_far)
    key = (range_scene, experiment, rates, seeds, ends)
    return _at_once(key, lambda: range_scene(joined_trial(experiment, rates, done)), [experiment])


def receipt(experiment: Experiment) -> Parity | None:
    """How far the two trainers agree on this experiment; None while PyTorch is not loaded yet."""
    # The server imports it in the background; asking sooner would make the page wait for that.
    if not hasattr(sys.modules.get("core.training.torch_trainer"), "TorchTrainer"):
        return None
    return made(parity, experiment, seconds=parity_seconds(experiment), what="the comparison of both trainers")


def trained(asked: list[Experiment], so_far: Callable[[list[Piece]], object] = lambda _: None) -> list[Piece]:
    """Pieces of sweeps, as `one_by_one`."""
    what = f"all {many(sum(len(piece.learning_rates) for piece in asked), 'run')}"
    return one_by_one(train_piece, [(piece,) for piece in asked], [piece.seconds() for piece in asked], what, so_far)


def one_by_one(
    task: Callable[..., T],
    asked: list[tuple[Any, ...]],
    seconds: list[float],
    what: str,
    so_far: Callable[[list[T]], object] = lambda _: None,
) -> list[T]:
    """The task's result of each of these, one after another; what was done before, or until a stop, is kept.

    seconds: how long each takes, by estimate.  what: all of it is, as in "of all 500 runs".
    so_far: draws the results that there are, one at least, while others are made or where they are not to be.
    """
    keys: list[tuple[Any, ...]] = [(task, *each) for each in asked]
    if sum(seconds) <= AT_ONCE_SECONDS:
        return [_at_once(key, partial(task, *each), each) for key, each in zip(keys, asked, strict=True)]
    needed = frozenset(keys)
    if st.session_state.get(_STOPPED) == needed and (kept := list(takewhile(bool, map(kept_results.find, keys)))):
        so_far(kept)
    bar, done = _bar(what, sum(seconds), needed), []
    for k, (key, each) in enumerate(zip(keys, asked, strict=True)):
        make = partial(_by_worker, task, *each, key=key, bar=bar, needed=needed)
        done.append(make(seconds=seconds[k], part=(k, len(keys))))
        if len(done) < len(keys) and kept_results.find(keys[len(done)]) is None:  # the next will take a while
            so_far(done)
    bar.clear()
    return done


def _bar(what: str, seconds: float, key: Hashable, beside: Callable[[], object] | None = None) -> Bar:
    """The bar over some work, with a way to stop it where that is worth a click; none, and a way on, once stopped."""
    if st.session_state.get(_STOPPED) == key:
        in_pieces = isinstance(key, frozenset)
        with st.container():  # one thing, so that the bar takes the place of all of it
            st.info("Stopped." + " What was done so far is kept." * in_pieces, icon=":material/stop_circle:")
            st.button("Go on", on_click=st.session_state.pop, args=(_STOPPED,))
        travel.stop()
    return Bar(what, seconds, None if seconds <= CACHED_SECONDS else beside or partial(_offer_to_stop, key))


def _offer_to_stop(key: Hashable) -> None:
    st.button("Stop", on_click=st.session_state.__setitem__, args=(_STOPPED, key))


def made(
    task: Callable[..., T],
    *asked: Any,
    seconds: float,
    what: str,
    key: Hashable = None,
    beside: Callable[[], object] | None = None,
    seen: Callable[[Any], object] = lambda _: None,
) -> T:
    """The result of task(*asked), a function of core: kept, done now where it takes a moment, or by a worker.

    seconds: how long it takes, by estimate.  what: is worked on, as in "of 500 epochs".
    key: what decides the result, where that is not all of `asked`.
    beside, seen: draw what stands below the bar, in place of a button that stops the work; and what is `show`n so far.
    """
    key = key or (task, *asked)
    if seconds <= AT_ONCE_SECONDS:
        return _at_once(key, partial(task, *asked), asked)
    bar = _bar(what, seconds, key, beside)
    found: T = _by_worker(task, *asked, key=key, seconds=seconds, bar=bar, seen=seen)
    bar.clear()
    return found


def _at_once(key: Hashable, make: Callable[[], T], asked: Iterable[Any]) -> T:
    """What is made of these in a moment: by the session that wants it for all, or of an upload for itself alone."""
    upload = uploads.upload_of(asked)
    return kept_results.kept(key, make, upload) if upload else kept_results.shared(key, make)


def _by_worker(
    task: Callable[..., T], *asked: Any, key: Hashable, bar: Bar, needed: Collection[Hashable] = (), **options: Any
) -> T:
    """The same by a worker; where it can't be done the page says why, and ends."""
    upload = uploads.upload_of(asked)

    def already() -> T | None:
        return None if upload else kept_results.find_shared(key)

    def make() -> T:
        found = already()
        if found is None:
            found = work(task, *asked, key=key, bar=bar, already=already, **options)
        return found if upload else kept_results.share(key, found)

    try:
        return kept_results.kept(key, make, upload, needed)
    except Unfinished as reason:
        with bar.instead():
            tell_unfinished(reason)


def trained_once(train: Callable[..., T], *arguments: Any) -> T:
    """What a lesson trains for longer than a moment, once for all sessions, by a worker."""
    return made(train, *arguments, seconds=_LESSON_SECONDS, what="the training")


@st.cache_resource(
    max_entries=_LESSONS, show_spinner=False, hash_funcs={FunctionType: lambda f: f"{f.__module__}.{f.__qualname__}"}
)
def once(compute: Callable[..., T], *arguments: Any) -> T:
    """What a lesson computes from these arguments, computed once for all sessions; a moment at most."""
    return compute(*arguments)
