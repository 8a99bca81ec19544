"""Features: what a network may be shown of a point (x, y) in place of x and y themselves."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy import ndarray as Array


class Feature(NamedTuple):
    """title: as a page writes it.  of: points (n, 2) -> (n,)."""

    title: str
    of: Callable[[Array], Array]


# The seven of TensorFlow Playground. Its points span -6 to 6 where ours span -1 to 1: hence the 6 in the sines.
FEATURES: dict[str, Feature] = {
    "x": Feature("x", lambda p: p[:, 0]),
    "y": Feature("y", lambda p: p[:, 1]),
    "x2": Feature("x²", lambda p: p[:, 0] ** 2),
    "y2": Feature("y²", lambda p: p[:, 1] ** 2),
    "xy": Feature("xy", lambda p: p[:, 0] * p[:, 1]),
    "sinx": Feature("sin 6x", lambda p: np.sin(6 * p[:, 0])),
    "siny": Feature("sin 6y", lambda p: np.sin(6 * p[:, 1])),
}
