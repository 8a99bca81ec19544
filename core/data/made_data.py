"""Made data for networks: clouds of points in the plane, surfaces over it, and a curve.

Each maker takes a generator and the noise (a standard deviation, in the units of the axes) and returns
x (n, 2), or (n,) of the curve, and y (n,).  Shapes are TensorFlow Playground's, within -1 to 1, but for the moons.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy import ndarray as Array


def circles(draw: np.random.Generator, noise: float) -> tuple[Array, Array]:
    """A disc (class 0) inside a ring (class 1), 128 points each; noise moves the points."""
    inner = 0.45 * np.sqrt(draw.uniform(0, 1, 128))  # the square root spreads the points evenly
    outer = np.sqrt(draw.uniform(0.65**2, 1, 128))
    radius, angle = np.concatenate([inner, outer]), draw.uniform(0, 2 * np.pi, 256)
    x = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    return x + noise * draw.normal(size=x.shape), np.repeat([0.0, 1.0], 128)


def xor(draw: np.random.Generator, noise: float) -> tuple[Array, Array]:
    """Four squares, 64 points each; class 1 where x and y have the same sign; noise moves the points."""
    signs = np.repeat([[-1, 1], [1, -1], [-1, -1], [1, 1]], 64, axis=0)
    x = signs * draw.uniform(0.06, 1, (256, 2))  # an empty strip along the axes
    return x + noise * draw.normal(size=x.shape), (signs[:, 0] == signs[:, 1]).astype(float)


def gaussians(draw: np.random.Generator, noise: float) -> tuple[Array, Array]:
    """Two round clouds around (-0.5, -0.5) and (0.5, 0.5), 128 points each; noise is their width."""
    y = np.repeat([0.0, 1.0], 128)
    return (y - 0.5)[:, None] + noise * draw.normal(size=(256, 2)), y


def spirals(draw: np.random.Generator, noise: float) -> tuple[Array, Array]:
    """Two arms that wind around each other, 128 points each; noise moves the points."""
    along = np.linspace(0.05, 1, 128)
    angle = 2 * np.pi * 1.6 * along
    arm = along[:, None] * np.column_stack([np.sin(angle), np.cos(angle)])
    x = np.concatenate([arm, -arm])
    return x + noise * draw.normal(size=x.shape), np.repeat([0.0, 1.0], 128)


def moons(draw: np.random.Generator, noise: float) -> tuple[Array, Array]:
    """Two half circles that reach into each other, 100 points each, as scikit-learn's make_moons lays them out."""
    angle = np.linspace(0, np.pi, 100)
    upper = np.column_stack([np.cos(angle), np.sin(angle)])
    lower = np.column_stack([1 - np.cos(angle), 0.5 - np.sin(angle)])
    x = np.concatenate([upper, lower])
    return x + noise * draw.normal(size=x.shape), np.repeat([0.0, 1.0], 100)


def plane(draw: np.random.Generator, noise: float) -> tuple[Array, Array]:
    """y = 0.5 x1 - 0.8 x2 at points spread evenly over the square; noise is added to y."""
    x = draw.uniform(-1, 1, (256, 2))
    return x, x @ [0.5, -0.8] + noise * draw.normal(size=256)


def bumps(draw: np.random.Generator, noise: float) -> tuple[Array, Array]:
    """Two hills and two hollows over the square; noise is added to their height."""
    x = draw.uniform(-1, 1, (256, 2))
    y = np.zeros(256)
    for height, x1, x2, width in [
        (1, -0.5, 0.5, 0.3),
        (-1, 0.5, 0.5, 0.3),
        (-1, -0.4, -0.5, 0.35),
        (1, 0.5, -0.4, 0.35),
    ]:
        y += height * np.exp(-((x[:, 0] - x1) ** 2 + (x[:, 1] - x2) ** 2) / (2 * width**2))
    return x, y + noise * draw.normal(size=256)


def curve(draw: np.random.Generator, noise: float) -> tuple[Array, Array]:
    """y = sin(2 pi x) at 60 even points from -1 to 1; noise is added to y."""
    x = np.linspace(-1, 1, 60)
    return x, np.sin(2 * np.pi * x) + noise * draw.normal(size=x.size)


class Maker(NamedTuple):
    """title: for people.  make: the function above.  noise: its own.  says: what is made, for a page."""

    title: str
    make: Callable[[np.random.Generator, float], tuple[Array, Array]]
    noise: float
    says: str


CLASSES: dict[str, Maker] = {
    "circles": Maker("Circle in a ring", circles, 0.05, "a disc inside a ring"),
    "xor": Maker("Exclusive-or", xor, 0.05, "four squares, class by the signs of x and y"),
    "gaussians": Maker("Two clouds", gaussians, 0.25, "two round clouds"),
    "spirals": Maker("Two spirals", spirals, 0.02, "two arms that wind around each other"),
    "moons": Maker("Two moons", moons, 0.2, "two half circles, as in scikit-learn's make_moons"),
}
REGRESSION: dict[str, Maker] = {
    "plane": Maker("A tilted plane", plane, 0.1, "y = 0.5 x1 - 0.8 x2"),
    "bumps": Maker("Hills and hollows", bumps, 0.05, "two hills and two hollows"),
    "curve": Maker("A wave", curve, 0.1, "y = sin(2 pi x)"),
}
