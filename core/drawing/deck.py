"""Decks: runs that differ in the learning rate alone, as a browser draws them at any of their rates without asking.

Experiment -> train -> deck -> bytes. Every curve of a deck was trained; nothing in it is interpolated.
"""

import json
import math
import struct
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy import ndarray as Array

from ..diagnosis.rules import Diagnosis
from ..diagnosis.verdicts import diagnose
from ..training.history import History
from ..words import number
from .frames import last_readable, moments
from .lanes import readings


class Words(NamedTuple):
    """What is said of one rate: its Diagnosis (role, title, reason, evidence, advice), and its curve in words (alt)."""

    role: str
    title: str
    reason: str
    evidence: str
    advice: str
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Deck:
    """K learning rates of one experiment at the M epochs a scrubber stops at. All arrays of runs are float32.

    rates (K,): rising, float64.  moments (M,): frames.moments, whole numbers.  words (K,): what is said of each rate.
    loss (K, M): after so many epochs; inf from 3.4e38 on, where float32 ends, nan as it came.
    meter (K, M): that of the step which led to the moment (at 0, of the first), the last readable one where rounding
        hides it.  readings (K, 2): its median over the last quarter of the run, and its largest value, of all epochs.
    parameters (K, M, 2): w and b of a line; None for a network.
    loss_between, w_between (K, M, 2): the least and the most of the epochs between the moment before and this one,
        where they lie beyond both; nan where they don't. So a w that alternates is no plateau between two moments.
        Of the article's line they are a twentieth of the bytes that are sent.
    """

    rates: Array
    moments: Array
    words: tuple[Words, ...]
    loss: Array
    meter: Array
    readings: Array
    loss_between: Array
    parameters: Array | None = None
    w_between: Array | None = None

    @property
    def final(self) -> Array:
        """(K,) the loss after the last epoch."""
        last: Array = self.loss[:, -1]
        return last

    def to_bytes(self) -> bytes:
        """The deck as it is sent.

        Four bytes, the length of what follows (little-endian); a header, JSON in UTF-8; then the arrays it names, in
        its order and of its shapes:

            {"rates": [...], "moments": [...], "words": {"role": [...], ...}, "arrays": {"loss": [K, M], ...}}

        An array (K, M, ...) of float32 is laid out so that it packs well: its bits, read as whole numbers of 32 bits,
        are replaced by how much each differs (modulo 2^32) from that of the moment before; then come the lowest bytes
        of all of them, the next bytes, and so on. Compressed it is a quarter less, and no digit is lost.
        """
        arrays = {name: array for name in _ARRAYS if (array := getattr(self, name)) is not None}
        header = {
            "rates": self.rates.tolist(),
            "moments": self.moments.tolist(),
            "words": dict(zip(Words._fields, zip(*self.words, strict=True), strict=True)),
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
        return cls(rates=np.array(header["rates"]), moments=np.array(header["moments"]), words=words, **arrays)


_ARRAYS = ("loss", "meter", "readings", "loss_between", "parameters", "w_between")


def deck(history: History) -> Deck:
    """The Deck of a whole run, whose learning rates rise."""
    experiment = history.experiment
    at = np.array(moments(experiment.epochs))
    line = experiment.network() is None
    loss, parameters = _single(history.loss), _single(history.parameters) if line else None
    meter = np.array([last_readable(row)[np.maximum(at - 1, 0)] for row in history.meter])
    return Deck(
        rates=np.array(experiment.learning_rates),
        moments=at,
        words=tuple(_words(history, lane, said) for lane, said in enumerate(diagnose(history))),
        loss=loss[:, at],
        meter=_single(meter),
        readings=_single([readings(row) for row in history.meter]),
        loss_between=_between(loss, at),
        parameters=None if parameters is None else parameters[:, at],
        w_between=None if parameters is None else _between(parameters[:, :, 0], at),
    )


def _words(history: History, lane: int, said: Diagnosis) -> Words:
    rate, loss = history.experiment.learning_rates[lane], history.loss[lane]
    return Words(
        role=said.role,
        title=said.title,
        reason=said.reason,
        evidence=said.evidence,
        advice=said.advice,
        alt=f"Loss against epoch at learning rate {number(rate)}: "
        f"from {number(loss[0])} to {number(loss[-1])}. {said.reason}",
    )


def _single(values: Any) -> Array:
    """The values in 32 bits; inf beyond their range."""
    with np.errstate(over="ignore"):
        return np.asarray(values).astype(np.float32)


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
