"""Data sets by name: what the models are fitted to.

Every data set is a pair of arrays, x (n, d) and y (n,), in float64 and in the
units it was measured in. Nothing is scaled here: scaling is a choice of the
Experiment (`standardize`), because it moves the stability limit.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from .made_data import CLASSES, REGRESSION
from .points import POINTS, read_points, write_points

FloatArray = NDArray[np.float64]
T = TypeVar("T")

_DATA = Path(__file__).parent
_PENGUINS = "Gorman, Williams and Fraser (2014), PLoS ONE 9(3): e90081; palmerpenguins, CC0"


UPLOAD = "upload:"  # what the name of an upload begins with
UPLOADS_STAY = "an upload is kept for one visit only: upload it again"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class Dataset:
    """One data set.

    name: its name in links.  title: the same for people.
    x (n, d), y (n,): float64, read-only, in `x_units` and `y_units`.
    x_name, y_name: what is measured.  source: where it comes from, with its licence.
    task: "line" (one column, fitted by a line), "classes" (y holds 0, 1, ...: places in `classes`) or "regression".
    columns: a name, with its unit, for each column of x.
    """

    name: str
    title: str
    x: FloatArray
    y: FloatArray
    source: str
    x_name: str = "x"
    y_name: str = "y"
    x_units: str = ""
    y_units: str = ""
    task: str = "line"
    classes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ("x",)

    def __reduce__(self) -> tuple[Any, ...]:
        """In another process it is found by its name as well, for as long as somebody keeps it there."""
        return _restored, ({each.name: getattr(self, each.name) for each in fields(self)},)


def _restored(values: dict[str, Any]) -> "Dataset":
    here = _UPLOADS.get(values["name"])
    if here is not None:
        return here
    made = _frozen(**values)
    if is_upload(made.name):
        _UPLOADS[made.name] = made
    return made


def dataset(name: str, seed: int = 0, noise: float | None = None) -> Dataset:
    """The data set called `name`; `seed` draws the points and the noise of the made ones and changes no other.

    noise: a standard deviation from 0 to 1, of made data for networks only; None takes the data set's own (NOISE).
    name: one of DATASETS, points as text (points:1,2;2,4), or what `upload` called its data set.
    Raises ValueError for a name that is none of these, and for noise where there can be none.
    """
    name = checked_name(name)
    if noise is not None and name not in NOISE:
        raise ValueError(f"noise must be left out for {name}, got {noise}: it has its own")
    if noise is not None and not 0 <= noise <= 1:
        raise ValueError(f"noise must be from 0 to 1, got {noise}")
    if name.startswith(UPLOAD):
        return _uploaded(name)
    return _load(name, seed if name in _SEEDED else 0, NOISE.get(name, 0.0) if noise is None else noise)


def checked_name(name: str) -> str:
    """The name in its one normal form; ValueError where there is no such data set, or no longer."""
    if name in DATASETS:
        return name
    if name.startswith(UPLOAD):
        return _uploaded(name).name
    if name.startswith(POINTS):
        try:
            return write_points(read_points(name))
        except ValueError as refusal:
            raise ValueError(f"data must {refusal}") from None
    raise ValueError(f"data must be one of {', '.join(DATASETS)}, got {name[:200]!r}")


def is_upload(name: str) -> bool:
    """Whether this is the name of an upload: nothing worked out from it may outlive the session that made it."""
    return name.startswith(UPLOAD)


def built(builder: Callable[..., T], name: str) -> Callable[..., T]:
    """A builder of charts, without its memory where names and ranges are those of an upload."""
    bare: Callable[..., T] = getattr(builder, "__wrapped__", builder)
    return bare if is_upload(name) else builder


def upload(*, x: FloatArray, y: FloatArray, **words: Any) -> Dataset:
    """A data set under a name that can't be guessed; it is found by that name for as long as the caller keeps it.

    x (n, d), y (n,).  words: the other fields of a Dataset.
    """
    made = _frozen(name=UPLOAD + secrets.token_hex(16), x=x, y=y, **words)
    _UPLOADS[made.name] = made
    return made


_UPLOADS: WeakValueDictionary[str, Dataset] = WeakValueDictionary()  # it keeps none of them alive


def uploads() -> list[Dataset]:
    """Those there are; who holds the list keeps them alive."""
    return list(_UPLOADS.values())


def _uploaded(name: str) -> Dataset:
    found = _UPLOADS.get(name)
    if found is None:
        raise ValueError(f"data must be an upload that is still there, got {name[:16]!r}: {UPLOADS_STAY}")
    return found


def _points(name: str) -> Dataset:
    x, y = np.array(read_points(name)).T
    return _frozen(name=name, title="Your points", x=x.copy(), y=y.copy(), source="points that were typed or drawn")


def _line(name: str, title: str, x: FloatArray, y: FloatArray, source: str) -> Callable[[int, float], Dataset]:
    """A data set that no seed changes."""
    return lambda seed, noise: _frozen(name=name, title=title, x=x, y=y, source=source)


def _noisy_line(seed: int, _: float) -> Dataset:
    # 40 points: enough that mini-batches differ, few enough that each is seen as a dot.
    x = np.linspace(0.0, 5.0, 40)
    return _frozen(
        name="noisy-line",
        title="A noisy line",
        x=x,
        y=2 * x + 1 + np.random.default_rng(seed).normal(size=x.size),
        source=f"y = 2x + 1 plus normal noise of standard deviation 1, drawn from seed {seed}",
    )


def _penguins(_: int, __: float) -> Dataset:
    _, flipper, mass = _penguin_columns()[1]
    return _frozen(
        name="penguins",
        title="Palmer penguins",
        x=flipper,
        y=mass,
        x_name="flipper length",
        y_name="body mass",
        x_units="mm",
        y_units="g",
        source=_PENGUINS,
        columns=("flipper length (mm)",),
    )


def _species(_: int, __: float) -> Dataset:
    names, (bill, flipper, _mass) = _penguin_columns()
    classes = tuple(sorted(set(names)))
    return _frozen(
        name="penguins-species",
        title="Penguin species",
        x=np.column_stack([bill, flipper]),
        y=np.array([classes.index(name) for name in names], float),
        x_name="bill length",
        y_name="species",
        x_units="mm",
        source=_PENGUINS,
        task="classes",
        classes=classes,
        columns=("bill length (mm)", "flipper length (mm)"),
    )


def _penguin_columns() -> tuple[list[str], FloatArray]:
    """(species of each bird, its bill length, flipper length and body mass (3, n))."""
    table = np.loadtxt(_DATA / "penguins.csv", delimiter=",", skiprows=1, dtype=str)
    return table[:, 0].tolist(), table[:, 1:].astype(float).T


def _digits(_: int, __: float) -> Dataset:
    """Each row of the file is a digit and its 64 pixels, from 0 to 16, one character in base 17 each."""
    digits, pixels = np.loadtxt(_DATA / "digits.csv", delimiter=",", skiprows=1, dtype=str).T
    return _frozen(
        name="digits",
        title="Handwritten digits",
        x=np.array([[int(pixel, 17) for pixel in row] for row in pixels], float),
        y=digits.astype(float),
        x_name="pixels",
        y_name="digit",
        x_units="ink, 0 to 16",
        source="Alpaydin and Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine Learning "
        "Repository, doi 10.24432/C50P49, CC BY 4.0: the 1,797 images of its test file, 8 x 8 pixels",
        task="classes",
        classes=tuple("0123456789"),
        columns=tuple(f"pixel {row + 1}, {column + 1}" for row in range(8) for column in range(8)),
    )


def _maker(name: str) -> Callable[[int, float], Dataset]:
    """The data set that made_data.py makes under this name."""
    maker = (CLASSES | REGRESSION)[name]

    def make(seed: int, noise: float) -> Dataset:
        x, y = maker.make(np.random.default_rng(seed), noise)
        return _frozen(
            name=name,
            title=maker.title,
            x=x,
            y=y,
            y_name="class" if name in CLASSES else "y",
            source=f"{maker.says}, with normal noise of standard deviation {noise:g}, drawn from seed {seed}",
            task="classes" if name in CLASSES else "regression",
            classes=("blue", "orange") if name in CLASSES else (),
            columns=("x", "y")[: x.ndim],
        )

    return make


def _frozen(*, x: FloatArray, y: FloatArray, **words: Any) -> Dataset:
    x = np.ascontiguousarray(x.reshape(len(y), -1))
    for array in (x, y):
        array.flags.writeable = False  # shared by every session of a server
    return Dataset(x=x, y=y, **words)


_LINES: dict[str, Callable[[int, float], Dataset]] = {
    "article": _line(
        "article",
        "The article's five points",
        np.arange(1.0, 6.0),
        2 * np.arange(1.0, 6.0),
        "y = 2x at x = 1, 2, 3, 4, 5: the NumPy example of the article this lab began from",
    ),
    "article-torch": _line(
        "article-torch",
        "The article's four points",
        np.arange(1.0, 5.0),
        2 * np.arange(1.0, 5.0),
        "y = 2x at x = 1, 2, 3, 4: the PyTorch example of the article this lab began from",
    ),
    "noisy-line": _noisy_line,
    # x far from zero compared with its spread is what makes a line badly conditioned: slope and intercept can then
    # hardly be told apart.
    "far-from-zero": _line(
        "far-from-zero",
        "A line far from zero",
        np.linspace(100.0, 120.0, 21),
        0.5 * np.linspace(100.0, 120.0, 21) - 30,
        "y = 0.5x - 30 at x = 100, 101, ..., 120: an easy line that is badly conditioned",
    ),
    "penguins": _penguins,
}
_FOR_NETWORKS = {
    **{name: _maker(name) for name in CLASSES},
    "penguins-species": _species,
    "digits": _digits,
    **{name: _maker(name) for name in REGRESSION},
}
DATASETS = _LINES | _FOR_NETWORKS
LINES, NETWORK_DATA = tuple(_LINES), tuple(_FOR_NETWORKS)
NOISE = {name: maker.noise for name, maker in (CLASSES | REGRESSION).items()}  # the made ones' own
_SEEDED = {"noisy-line", *NOISE}


@lru_cache(maxsize=64)  # small: the largest is 1,797 rows of 64
def _load(name: str, seed: int, noise: float) -> Dataset:
    return _points(name) if name.startswith(POINTS) else DATASETS[name](seed, noise)
