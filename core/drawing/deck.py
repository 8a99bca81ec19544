"""Decks: runs that differ in the learning rate alone, as a browser draws them at any of their rates without asking.

Experiment -> family -> train -> deck -> bytes. Every curve of a deck was trained; nothing in it is interpolated.
"""

import json
import math
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy import ndarray as Array

from ..diagnosis.rules import Diagnosis
from ..diagnosis.theory import predictable, stability_limit
from ..diagnosis.verdicts import diagnose
from ..experiment.cost import CACHED_SECONDS
from ..experiment.experiment import MAX_RATES, RATE_LIMITS, Experiment
from ..training.history import History
from .axes import Axis
from .frames import exit_of, last_readable, loss_axis, moments
from .lanes import curve_in_words, heading, readings

_STEPS = (1, 1.5, 2, 3, 5, 7)  # of each decade: round numbers, about evenly spread on a log axis
_FINE_STEPS = (1, 1.2, 1.5, 1.7, 2, 2.5, 3, 4, 5, 6, 7, 8.5)  # from a tenth of the stability limit to above it
SPREAD = 1e-8, 100.0  # the rates of a deck where no limit is known
_BELOW, _ABOVE = 1e-5, 30.0  # of the limit: rates below hardly move, and all above are gone in a few epochs
_SHARES = (0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.02, 1.05, 1.1)  # of the limit: around it a little more changes everything
_THINNED = (1, 2, 4, 8)  # every rate, every second one ... where all of them take too long
_PAIRS = 30  # of epochs at which a deck has its runs: each costs half a kilobyte, and between them it has the extremes
_WORDS = 3e-4, 1.2e-7  # seconds that what is said of a rate takes, and more for each epoch it was trained


class Words(NamedTuple):
    """What is said of one rate: its Diagnosis (role, title, reason, evidence, advice), what a card is headed (heading),
    and its curve in words (alt).
    """

    role: str
    heading: str
    title: str
    reason: str
    evidence: str
    advice: str
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Deck:
    """K learning rates of one experiment at the M epochs a play bar stops at. All arrays of runs are float32.

    rates (K,): rising, float64.  moments (M,): frames.moments, whole numbers.  words (K,): what is said of each rate.
    losses: frames.loss_axis of all its rates, one for all, so that nothing else moves when a rate does.
    loss (K, M): after so many epochs; inf from 3.4e38 on, where float32 ends, nan as it came.
    meter (K, M): that of the step which led to the moment (at 0, of the first), the last readable one where rounding
        hides it.  readings (K, 2): its median over the last quarter of the run, and its largest value, of all epochs.
    exits (K, 4): frames.exit_of each curve and `losses`: the epoch at which it crosses the edge, which edge (1 the top,
        -1 the bottom), the first epoch beyond it, and the epoch from which it is back for good; 0 where there is none.
    parameters (K, M, 2): w and b of a line; None for a network.
    loss_between, w_between (K, M, 2): the least and the most of the epochs between the moment before and this one,
        where they lie beyond both; nan where they don't. So a w that alternates is no plateau between two moments.
        Of the article's line they are a twentieth of the bytes that are sent.
    """

    rates: Array
    moments: Array
    words: tuple[Words, ...]
    losses: Axis
    loss: Array
    meter: Array
    readings: Array
    loss_between: Array
    exits: Array
    parameters: Array | None = None
    w_between: Array | None = None

    @property
    def final(self) -> Array:
        """(K,) the loss after the last epoch."""
        last: Array = self.loss[:, -1]
        return last

    def to_bytes(self, beside: Mapping[str, Any] | None = None) -> bytes:
        """The deck as it is sent; beside: what else its header holds, by other names.

        Four bytes, the length of what follows (little-endian); a header, JSON in UTF-8; then the arrays it names, in
        its order and of its shapes:

            {"rates": [...], "moments": [...], "words": {"role": [...], ...}, "losses": [low, high],
             "arrays": {"loss": [K, M], ...}}

        An array (K, M, ...) of float32 is laid out so that it packs well: its bits, read as whole numbers of 32 bits,
        are replaced by how much each differs (modulo 2^32) from that of the moment before; then come the lowest bytes
        of all of them, the next bytes, and so on. Compressed it is a quarter less, and no digit is lost.
        """
        arrays = {name: array for name in _ARRAYS if (array := getattr(self, name)) is not None}
        header = {
            "rates": self.rates.tolist(),
            "moments": self.moments.tolist(),
            "words": dict(zip(Words._fields, zip(*self.words, strict=True), strict=True)),
            "losses": self.losses.ends,
            **(beside or {}),
            "arrays": {name: array.shape for name, array in arrays.items()},
        }
        text = json.dumps(header, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
        return b"".join([struct.pack("<I", len(text)), text, *map(_laid_out, arrays.values())])

    @classmethod
    def from_bytes(cls, content: bytes) -> "Deck":
        """The deck that `to_bytes` has written."""
        (length,) = struct.unpack_from("<I", content)
        header, at = json.loads(content[4 : 4 + length]), 4 + length
        arrays = {}
        for name, shape in header["arrays"].items():
            size = 4 * math.prod(shape)
            arrays[name] = _read(content[at : at + size], shape)
            at += size
        words = tuple(map(Words, *(header["words"][part] for part in Words._fields)))
        low, high = header["losses"]
        return cls(
            rates=np.array(header["rates"]),
            moments=np.array(header["moments"]),
            words=words,
            losses=Axis(low=low, high=high, scale="log"),
            **arrays,
        )


_ARRAYS = ("loss", "meter", "readings", "loss_between", "exits", "parameters", "w_between")


@lru_cache(maxsize=1000)
def family(experiment: Experiment, *, alone: bool = False) -> Experiment:
    """The experiment whose learning rates are those of its deck: its own, and for a line others around them, rising.

    Others: 1, 1.5, 2, 3, 5 and 7 a decade from 1e-5 to 30 times the stability limit, and finer ones from a tenth of it
    to just above it; where none is known, from 1e-8 to 100. Every second, fourth or eighth of them where all would take
    more than half a second, and none where these do. Experiments whose rates are all among the others share one family.
    alone: its own rates only, for a deck that joins one that is there.
    """
    lanes = set(experiment.learning_rates)
    others = [] if alone or experiment.network() else sorted(_others(experiment))
    for every in _THINNED:
        some = tuple(sorted({*others[::every], *lanes}))
        if _is_quick(experiment, some):
            return replace(experiment, learning_rates=some)
    return replace(experiment, learning_rates=tuple(sorted(lanes)))


def _others(experiment: Experiment) -> set[float]:
    if not predictable(experiment):
        return set(_rates(_STEPS, *SPREAD))
    limit = stability_limit(experiment)
    near = [float(f"{share * limit:.3g}") for share in _SHARES]
    return {
        *_rates(_STEPS, _BELOW * limit, _ABOVE * limit),
        *_rates(_FINE_STEPS, limit / 10, near[-1]),
        *(rate for rate in near if RATE_LIMITS[0] <= rate <= RATE_LIMITS[1]),
    }


def _rates(steps: Iterable[float], low: float, high: float) -> list[float]:
    """The steps of each decade from low to high, as far as they may be rates."""
    low, high = max(low, RATE_LIMITS[0]), min(high, RATE_LIMITS[1])
    decades = range(math.floor(math.log10(low)), math.floor(math.log10(high)) + 1)
    rates = [float(f"{step}e{decade}") for decade in decades for step in steps]
    return [rate for rate in rates if low <= rate <= high]


def _is_quick(experiment: Experiment, rates: tuple[float, ...]) -> bool:
    if len(rates) > MAX_RATES:
        return False
    one = replace(experiment, learning_rates=rates, epochs=1)
    if one.largest_epochs() < experiment.epochs:
        return False
    words = _seconds_of_words(len(rates), experiment.epochs)
    return experiment.epochs * one.seconds_per_epoch() + words <= CACHED_SECONDS


def _seconds_of_words(rates: int, epochs: int) -> float:
    of_a_rate, of_an_epoch = _WORDS
    return rates * (of_a_rate + epochs * of_an_epoch)


def seconds(experiment: Experiment) -> float:
    """Estimated seconds on one core of training the experiment and of its `deck`."""
    return experiment.seconds() + _seconds_of_words(len(experiment.learning_rates), experiment.epochs)


def deck(history: History, losses: Axis | None = None) -> Deck:
    """The Deck of a whole run, whose learning rates rise.  losses: in place of the axis of these rates alone."""
    experiment = history.experiment
    at = np.array(moments(experiment.epochs, _PAIRS))
    line = experiment.network() is None
    loss, parameters = _single(history.loss), _single(history.parameters) if line else None
    losses = losses or loss_axis(history)
    meter = np.array([last_readable(row)[np.maximum(at - 1, 0)] for row in history.meter])
    return Deck(
        rates=np.array(experiment.learning_rates),
        moments=at,
        words=tuple(_words(history, lane, said) for lane, said in enumerate(diagnose(history))),
        losses=losses,
        loss=loss[:, at],
        meter=_single(meter),
        readings=_single([readings(row) for row in history.meter]),
        loss_between=_between(loss, at),
        exits=_single([_exit(row, losses) for row in history.loss]),
        parameters=None if parameters is None else parameters[:, at],
        w_between=None if parameters is None else _between(parameters[:, :, 0], at),
    )


def _words(history: History, lane: int, said: Diagnosis) -> Words:
    rate, loss = history.experiment.learning_rates[lane], history.loss[lane]
    return Words(
        role=said.role,
        heading=heading(said),
        title=said.title,
        reason=said.reason,
        evidence=said.evidence,
        advice=said.advice,
        alt=curve_in_words(rate, loss, said),
    )


def _exit(loss: Array, losses: Axis) -> tuple[float, float, float, float]:
    found = exit_of(loss, losses)
    if found is None:
        return 0, 0, 0, 0
    return found.epoch, 1 if found.edge == losses.high else -1, found.left, found.back


def _single(values: Any) -> Array:
    """The values in 32 bits; inf beyond their range, and of what is smaller than they hold the least that is not 0."""
    values = np.asarray(values)
    with np.errstate(over="ignore", under="ignore"):
        single: Array = values.astype(np.float32)
    lost = (single == 0) & (values != 0)
    single[lost] = np.copysign(np.finfo(np.float32).smallest_subnormal, values[lost])
    return single


def _between(values: Array, at: Array) -> Array:
    """(K, M, 2) the least and the most of values (K, epochs + 1) between the moments (M,), as a Deck has them."""
    found = np.full((len(values), len(at), 2), np.nan, np.float32)
    # From after each moment to before the next; of no epochs reduceat gives the next moment itself.
    inner = np.stack([at[:-1] + 1, at[1:]], axis=1).ravel()
    for k, extreme in enumerate((np.fmin, np.fmax)):
        inside = extreme.reduceat(values, inner, axis=1)[:, ::2]
        ends = extreme(values[:, at[:-1]], values[:, at[1:]])
        beyond = extreme(inside, ends) != ends
        found[:, 1:, k] = np.where(beyond & ~np.isnan(inside), inside, np.nan)
    return found


def _laid_out(array: Array) -> bytes:
    whole = np.ascontiguousarray(array, "<f4").view("<u4")
    whole = np.concatenate([whole[:, :1], np.diff(whole, axis=1)], axis=1)
    return whole.view(np.uint8).reshape(-1, 4).T.tobytes()


def _read(content: bytes, shape: list[int]) -> Array:
    whole = np.frombuffer(content, np.uint8).reshape(4, -1).T.copy().view("<u4").reshape(shape)
    read: Array = np.cumsum(whole, axis=1, dtype="<u4").view("<f4")
    return read
