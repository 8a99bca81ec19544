"""The only cache: Experiment in, what was trained and is drawn out. Long runs show their progress and stop at once.

What is cached is shared by all sessions and never changed: arrays are read-only, tables are Arrow. What comes of an
upload is kept in the session it belongs to, and goes with it.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial, wraps
from types import FunctionType
from typing import Any, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core import Experiment, History, train
from core.experiment.cost import CACHED_SECONDS, MAX_SECONDS
from core.instruments.compare.ruler import Ruler, measure
from core.instruments.compare.scene import Scene, scene
from core.instruments.network.scene import NetworkScene, network_scene
from core.instruments.sweep.scene import SweepScene, sweep_scene
from core.instruments.sweep.sweep import Piece, joined, pieces, seconds, sweep, train_piece
from core.training.parity import Parity, parity
from core.words import duration
from pages.session import kept_results, link, uploads

T = TypeVar("T")

SHORT, QUICK = 1000, 1.0  # epochs, and seconds, at most, of the run that is offered in place of a long one
_BY_VALUE: dict[str | type[Any], Callable[[Any], Any]] = {Experiment: repr}
# A run of half a second holds at most 8 MB; most hold 0.2. What a lesson keeps is a few tables.
_SCENES, _RULERS, _LESSONS = 100, 300, 2000


def is_quick(experiment: Experiment) -> bool:
    """Whether it is trained in a moment, and so kept for all sessions; what takes longer shows its progress."""
    return experiment.seconds() <= CACHED_SECONDS


def run(experiment: Experiment) -> Scene:
    """All that is drawn of a line: from the cache, or trained now, with a progress bar where it takes long."""
    if is_quick(experiment):
        return _scene(experiment)
    kept: Scene = _long(experiment, lambda history: scene(history, _ruler(experiment)))
    return kept


def run_network(experiment: Experiment) -> NetworkScene:
    """All that is drawn of a network, in the same way."""
    if is_quick(experiment):
        return _network_scene(experiment)
    kept: NetworkScene = _long(experiment, network_scene)
    return kept


def run_sweep(experiment: Experiment, rates: tuple[float, ...], seeds: tuple[int, ...]) -> SweepScene:
    """All that is drawn of a sweep: from the cache, or trained now piece by piece."""
    if seconds(experiment, rates, seeds) <= CACHED_SECONDS:
        return _sweep_scene(experiment, rates, seeds)
    done = trained(pieces(experiment, rates, seeds))
    return sweep_scene(experiment, joined(experiment, rates, seeds, done))


def affordable_pieces(ask: Callable[[], list[Experiment]]) -> list[Experiment] | None:
    """What is to be trained; None, and a sentence on the page, where it can't be or would take too long."""
    try:
        asked = ask()
    except ValueError as refusal:
        st.warning(f"This can't be trained: {refusal}.", icon=":material/info:")
        return None
    cost = sum(piece.seconds() for piece in asked)
    if cost > MAX_SECONDS:
        words = f"This would take about {duration(cost)}, and {duration(MAX_SECONDS)} is the most here: take fewer "
        st.warning(words + "epochs, rates or seeds.", icon=":material/info:")
        return None
    return asked


def trained(asked: list[Experiment]) -> list[Piece]:
    """Pieces of sweeps, trained one after another under a bar; what was done before, or until a stop, is kept."""
    slot, keys = st.empty(), [("piece", piece) for piece in asked]
    needed, done = frozenset(keys), []
    for k, (key, piece) in enumerate(zip(keys, asked, strict=True)):
        make = partial(_train_piece, slot, keys, k)
        done.append(kept_results.kept(key, make, uploads.upload_of([piece]), needed))
    slot.empty()
    return done


def _train_piece(slot: DeltaGenerator, keys: list[tuple[str, Experiment]], k: int) -> Piece:
    """Train one piece under a bar: a sweep that was stopped, or is widened, goes on from there."""
    left = sum(piece.seconds() for _, piece in keys[k:] if not kept_results.has(("piece", piece)))
    words = f"Training part {k + 1} of {len(keys)}, about {duration(left)} to go; what is done is kept"
    with slot.container():
        bar = st.progress(k / len(keys), text=words)
        return train_piece(keys[k][1], lambda done: bar.progress(min((k + done) / len(keys), 1.0), text=words))


def _long(experiment: Experiment, draw: Callable[[History], Any]) -> Any:
    """The session keeps its last long run: a change elsewhere on the page must not train it again."""
    return kept_results.last("long-run", experiment, lambda: draw(_with_progress(experiment)))


def receipt(experiment: Experiment) -> Parity | None:
    """How far the two trainers agree on this experiment; None while PyTorch is not loaded yet."""
    # The server imports it in the background; asking sooner would make the page wait for that.
    loaded = hasattr(sys.modules.get("core.training.torch_trainer"), "TorchTrainer")
    return _compared(experiment) if loaded else None


def _shared(entries: int) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """A cache for all sessions; of an upload in its session only."""

    def around(compute: Callable[..., T]) -> Callable[..., T]:
        cached = st.cache_resource(max_entries=entries, show_spinner=False, hash_funcs=_BY_VALUE)(compute)

        @wraps(compute)
        def found(*asked: Any) -> T:
            return _of_upload(compute, *asked) if uploads.upload_of(asked) else cached(*asked)

        return found

    return around


def once(compute: Callable[..., T], *arguments: Any) -> T:
    """What a lesson computes from these arguments, computed once for all sessions; half a second at most."""
    return _of_upload(compute, *arguments) if uploads.upload_of(arguments) else _once(compute, *arguments)


def _of_upload(compute: Callable[..., T], *asked: Any) -> T:
    """What `compute` makes of an upload, kept in the session only."""
    key = (compute.__module__, compute.__qualname__, asked)
    return kept_results.kept(key, lambda: compute(*asked), uploads.upload_of(asked))


@st.cache_resource(
    max_entries=_LESSONS, show_spinner=False, hash_funcs={FunctionType: lambda f: f"{f.__module__}.{f.__qualname__}"}
)
def _once(compute: Callable[..., T], *arguments: Any) -> T:
    return compute(*arguments)


def _ruler(experiment: Experiment) -> Ruler:
    rates = experiment.learning_rates  # only the outermost decide what the ruler spans
    return _measured(replace(experiment, learning_rates=tuple(sorted({min(rates), max(rates)}))))


@_shared(_SCENES)
def _scene(experiment: Experiment) -> Scene:
    return scene(train(experiment), _ruler(experiment))


@_shared(_SCENES)
def _network_scene(experiment: Experiment) -> NetworkScene:
    return network_scene(train(experiment))


@_shared(_SCENES)
def _sweep_scene(experiment: Experiment, rates: tuple[float, ...], seeds: tuple[int, ...]) -> SweepScene:
    return sweep_scene(experiment, sweep(experiment, rates, seeds))


@_shared(_RULERS)
def _measured(experiment: Experiment) -> Ruler:
    return measure(experiment)


@_shared(_RULERS)
def _compared(experiment: Experiment) -> Parity:
    return parity(experiment)


def _with_progress(experiment: Experiment) -> History:
    """Train while a bar tells how far it is; any change of a control, and the stop button, end it at once."""
    slot = st.empty()
    with slot.container():
        bar = st.progress(0.0, text=f"Training {experiment.epochs:,} epochs, about {experiment.seconds():.0f} s")
        short = min(SHORT, experiment.epochs_within(QUICK))
        words = "Stop, and train 1 epoch instead" if short == 1 else f"Stop, and train {short:,} epochs instead"
        st.button(words, on_click=link.change, kwargs={"epochs": short})
        history = train(experiment, lambda done: bar.progress(done, text=f"{done:.0%} of {experiment.epochs:,} epochs"))
    slot.empty()
    return history
