"""Both trainers against the article's loops: many learning rates as one batch against one after another."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
import torch

from benchmarks.article import numpy_loop, torch_loop
from benchmarks.table import Row, at_least, times_faster
from core import Experiment, dataset, train

_EPOCHS = 1000
_SLICES = 16  # equal pieces in which the article's loop takes turns with ours, where rates are many
_REPEATS = 15  # of the whole where there are too few rates to slice


def rows() -> Iterator[Row]:
    """Training rows of the table."""
    torch.set_num_threads(1)
    for count, goal in ((3, 2.5), (64, 40), (512, 120)):
        faster = _times_faster(count, "numpy", "float64")
        yield at_least(f"NumPy, {count} rates x {_EPOCHS} epochs, to the article's loop", goal, faster)
    for precision in ("float64", "float32"):
        for count, goal in ((3, 2), (64, 8)):
            faster = _times_faster(count, "torch", precision)
            yield at_least(f"PyTorch, {count} rates, {precision}, to the article's loop", goal, faster)


def _times_faster(count: int, engine: str, precision: str) -> float:
    rates = _rates(count)
    ours = Experiment(learning_rates=tuple(rates), epochs=_EPOCHS, engine=engine, precision=precision)
    if count < _SLICES:
        article = [partial(_article, rates, engine, precision)]
        return float(np.median([times_faster(article, partial(train, ours)) for _ in range(_REPEATS)]))
    article = [partial(_article, part, engine, precision) for part in _slices(rates)]
    return times_faster(article, partial(train, ours))


def _slices(rates: list[float]) -> list[list[float]]:
    return [rates[k::_SLICES] for k in range(_SLICES)]


def _rates(count: int) -> list[float]:
    """The article's three, or so many between its lowest and its highest."""
    return [1e-6, 0.01, 1.0] if count == 3 else [float(rate) for rate in np.geomspace(1e-6, 1.0, count)]


def _article(rates: Sequence[float], engine: str, precision: str) -> None:
    data = dataset("article")
    x, y = data.x[:, 0], data.y
    loop: Callable[[float], object]
    if engine == "numpy":
        loop = partial(numpy_loop, x, y, epochs=_EPOCHS)
    else:
        loop = partial(torch_loop, x, y, epochs=_EPOCHS, precision=precision)
    with np.errstate(over="ignore", invalid="ignore"):  # too high a rate overflows, as it should
        for rate in rates:
            loop(rate)
