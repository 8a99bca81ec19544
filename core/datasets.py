"""Data sets by name: what the models are fitted to.

Every data set is a pair of arrays, x (n, d) and y (n,), in float64 and in the
units it was measured in. Nothing is scaled here: scaling is a choice of the
Experiment (`standardize`), because it moves the stability limit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dataset:
    """One data set.

    name: its name in links.  title: the same for people.
    x (n, d), y (n,): float64, read-only, in `x_units` and `y_units`.
    x_name, y_name: what is measured.  source: where it comes from, with its licence.
    """

    name: str
    title: str
    x: FloatArray
    y: FloatArray
    x_name: str
    y_name: str
    x_units: str
    y_units: str
    source: str


def dataset(name: str, seed: int = 0) -> Dataset:
    """The data set called `name`; `seed` draws the noise of the made ones and changes no other.

    Raises ValueError for a name that is not in DATASETS.
    """
    if name not in DATASETS:
        raise ValueError(f"data must be one of {', '.join(DATASETS)}, got {name!r}")
    return _load(name, seed if name in _SEEDED else 0)


def _article(_: int) -> Dataset:
    x = np.arange(1.0, 6.0)
    return _made(
        "article",
        "The article's five points",
        x,
        2 * x,
        "y = 2x at x = 1, 2, 3, 4, 5: the NumPy example of the article this lab began from",
    )


def _article_torch(_: int) -> Dataset:
    x = np.arange(1.0, 5.0)
    return _made(
        "article-torch",
        "The article's four points",
        x,
        2 * x,
        "y = 2x at x = 1, 2, 3, 4: the PyTorch example of the article this lab began from",
    )


def _noisy_line(seed: int) -> Dataset:
    # 40 points: enough that mini-batches differ, few enough that each is seen as a dot.
    x = np.linspace(0.0, 5.0, 40)
    noise = np.random.default_rng(seed).normal(size=x.size)
    return _made(
        "noisy-line",
        "A noisy line",
        x,
        2 * x + 1 + noise,
        f"y = 2x + 1 plus normal noise of standard deviation 1, drawn from seed {seed}",
    )


def _far_from_zero(_: int) -> Dataset:
    # x far from zero compared with its spread is what makes a line badly conditioned:
    # slope and intercept can then hardly be told apart.
    x = np.linspace(100.0, 120.0, 21)
    return _made(
        "far-from-zero",
        "A line far from zero",
        x,
        0.5 * x - 30,
        "y = 0.5x - 30 at x = 100, 101, ..., 120: an easy line that is badly conditioned",
    )


def _penguins(_: int) -> Dataset:
    flipper, mass = np.loadtxt(Path(__file__).parent / "data" / "penguins.csv", delimiter=",", skiprows=1).T
    return _frozen(
        name="penguins",
        title="Palmer penguins",
        x=flipper,
        y=mass,
        x_name="flipper length",
        y_name="body mass",
        x_units="mm",
        y_units="g",
        source="Gorman, Williams and Fraser (2014), PLoS ONE 9(3): e90081; palmerpenguins, CC0",
    )


def _made(name: str, title: str, x: FloatArray, y: FloatArray, source: str) -> Dataset:
    return _frozen(name=name, title=title, x=x, y=y, x_name="x", y_name="y", x_units="", y_units="", source=source)


def _frozen(*, x: FloatArray, y: FloatArray, **words: str) -> Dataset:
    x = np.ascontiguousarray(x.reshape(len(y), -1))
    for array in (x, y):
        array.flags.writeable = False  # shared by every session of a server
    return Dataset(x=x, y=y, **words)


DATASETS: dict[str, Callable[[int], Dataset]] = {
    "article": _article,
    "article-torch": _article_torch,
    "noisy-line": _noisy_line,
    "far-from-zero": _far_from_zero,
    "penguins": _penguins,
}
_SEEDED = {"noisy-line"}


@lru_cache(maxsize=64)  # small: the largest data set is 342 rows
def _load(name: str, seed: int) -> Dataset:
    return DATASETS[name](seed)
