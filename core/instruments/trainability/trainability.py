"""The trainability map: one small network at every pair of learning rates, one for each of its two layers.

The network is v . tanh(W x) on a few points, without biases, trained by gradient descent on the mean of squares. Rates
that train and rates that blow up are parted by a boundary that stays ragged however far one zooms in.
Source: Sohl-Dickstein (2024), "The boundary of neural network trainability is fractal", arXiv 2402.06184.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

SIDE = 128  # cells along each axis
STEPS = 200
SECONDS = 1.0  # that a map takes on one core
_POINTS, _INPUTS, _HIDDEN = 8, 4, 8  # enough for a ragged boundary; more only take longer
_TOGETHER = 2048  # cells at once: their arrays stay in the processor's cache
BANDS = SIDE * SIDE // _TOGETHER  # rows of the map are trained in so many bands
_SEED = 0
_WIDEST = (1e-6, 1e6)  # rates of a window: beyond, all cells are alike
_NARROWEST = 5e-5  # of a rate: closer, two neighbouring cells are one number in single precision
_GONE = 1e30  # a loss beyond it counts as infinite: float32 has no room for its square

Progress = Callable[[float], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A piece of the map: learning rates of layer 1 from `left` to `right`, of layer 2 from `low` to `high`."""

    left: float = 1e-2
    right: float = 1e3
    low: float = 1e-2
    high: float = 1e1

    def __post_init__(self) -> None:
        for name, small, large in (("left", self.left, self.right), ("low", self.low, self.high)):
            if not (0 < small < large < math.inf):
                raise ValueError(f"{name} must be > 0 and below the other end, got {small} to {large}: swap them")
            if large / small < 1 + _NARROWEST:
                raise ValueError(f"{name} must be further from the other end, got {small} to {large}: zoom out")

    def to_word(self) -> str:
        """The window as one word of a link: 0.01_1000_0.01_100."""
        return "_".join(f"{end:.12g}" for end in (self.left, self.right, self.low, self.high))

    @classmethod
    def from_word(cls, word: str) -> Window:
        """The window of such a word. Raises ValueError where it is none."""
        parts = word[:200].split("_")
        if len(parts) != 4:
            raise ValueError(f"a window must have four numbers joined by _, got {len(parts)}: left, right, low, high")
        left, right, low, high = (float(part) for part in parts)
        return cls(left=left, right=right, low=low, high=high)

    def widened(self, times: float) -> Window:
        """The window around the same middle, so many times as wide on both log axes, as far as numbers go."""

        def wide(low: float, high: float) -> tuple[float, float]:
            reach = (high / low) ** ((times - 1) / 2)
            return max(low / reach, _WIDEST[0]), min(high * reach, _WIDEST[1])

        (left, right), (low, high) = wide(self.left, self.right), wide(self.low, self.high)
        return Window(left=left, right=right, low=low, high=high)

    def rates(self, side: int = SIDE) -> tuple[Array, Array]:
        """(rates of layer 1 (side,), of layer 2 (side,)) at the middles of the cells, even on log axes."""
        part = (np.arange(side) + 0.5) / side
        return self.left * (self.right / self.left) ** part, self.low * (self.high / self.low) ** part


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trainability:
    """The map of a window: a row for each rate of layer 2, ascending, a column for each of layer 1.

    Of a map that is still trained, or of one band of it, there are fewer rows.
    measure (rows, side): from 0 to 1 where the loss ended below its start: the mean over all steps of loss / first
    loss, at most 1 each, so small is fast. Below 0, to -1, where it did not: minus the mean of first loss / loss, so
    near 0 blew up at once.
    final (rows, side): loss after the last step, / the first loss; infinite where it overflowed.
    """

    window: Window
    measure: Array
    final: Array


def trainability(
    window: Window, side: int = SIDE, steps: int = STEPS, progress: Progress | None = None
) -> Trainability:
    """Train side x side copies of the network, alike but for their two rates.

    progress: told the fraction done after each piece; what it raises stops it.
    """
    pairs, found = _pairs(window, side), []
    for start in range(0, len(pairs), _TOGETHER):
        found.append(_train(pairs[start : start + _TOGETHER], steps))
        if progress:
            progress(min(1.0, (start + _TOGETHER) / len(pairs)))
    return _reshaped(window, side, found)


def band(window: Window, place: int) -> Trainability:
    """Some rows of `trainability(window)`, to the last bit: band 0 has the lowest rates of layer 2."""
    cells = _pairs(window, SIDE)[place * _TOGETHER : (place + 1) * _TOGETHER]
    return _reshaped(window, SIDE, [_train(cells, STEPS)])


def joined(done: Sequence[Trainability]) -> Trainability:
    """The map of its first bands, one at least; of all of them it is `trainability(window)`."""
    measure, final = (np.concatenate([getattr(each, name) for each in done]) for name in ("measure", "final"))
    return Trainability(window=done[0].window, measure=measure, final=final)


def _pairs(window: Window, side: int) -> Array:
    """(cells, 2) the pair of rates of each cell, row by row."""
    return np.stack(np.meshgrid(*window.rates(side)), axis=-1).reshape(-1, 2)


def _reshaped(window: Window, side: int, found: Sequence[tuple[Array, Array]]) -> Trainability:
    measure, final = (np.concatenate(parts).reshape(-1, side) for parts in zip(*found, strict=True))
    return Trainability(window=window, measure=measure, final=final)


def problem() -> tuple[Array, Array, Array, Array]:
    """(x (n, d), y (n,), first W (d, h), first v (h,)): normal draws, weights over the square root of what they sum."""
    draw = np.random.default_rng(_SEED)
    x, y = draw.normal(size=(_POINTS, _INPUTS)), draw.normal(size=_POINTS)
    w, v = draw.normal(size=(_INPUTS, _HIDDEN)), draw.normal(size=_HIDDEN)
    return x, y, w / math.sqrt(_INPUTS), v / math.sqrt(_HIDDEN)


def _train(pairs: Array, steps: int) -> tuple[Array, Array]:
    """(measure (c,), final loss / first loss (c,)) of c cells with these pairs of rates (c, 2).

    Cells come last in every array, so that all of them are one piece of memory; the first layer, which hears the same
    points in every cell, is one matrix product for all. Single precision is twice as fast; where a cell is chaotic its
    fate hangs on rounding in any precision.
    """
    cells, dtype = len(pairs), np.float32
    x, y, first_w, first_v = (array.astype(dtype) for array in problem())
    rate_w, rate_v = pairs.T.astype(dtype)
    w = np.repeat(first_w[:, :, None], cells, axis=2)  # (d, h, c)
    v = np.repeat(first_v[:, None], cells, axis=1)  # (h, c)
    losses = np.empty((steps + 1, cells), dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(steps + 1):
            hidden = np.tanh((x @ w.reshape(_INPUTS, -1)).reshape(_POINTS, _HIDDEN, cells))
            error = (hidden * v).sum(axis=1) - y[:, None]  # (n, c)
            losses[step] = (error * error).mean(axis=0)
            if step == steps:
                break
            slope = error * dtype(2 / _POINTS)  # of the loss with each output
            back = (1 - hidden * hidden) * (slope[:, None] * v)  # (n, h, c)
            v = v - rate_v * (hidden * slope[:, None]).sum(axis=0)
            w = w - rate_w * (x.T @ back.reshape(_POINTS, -1)).reshape(_INPUTS, _HIDDEN, cells)
    return _measure(losses.astype(float))


def _measure(losses: Array) -> tuple[Array, Array]:
    """See Trainability; losses (steps + 1, cells)."""
    share = losses[1:] / losses[0]
    share = np.where(np.isfinite(share) & (share < _GONE), share, np.inf)
    trained = share[-1] < 1
    with np.errstate(divide="ignore"):
        apart = -np.minimum(1 / share, 1).mean(axis=0)
    return np.where(trained, np.minimum(share, 1).mean(axis=0), apart), share[-1]
