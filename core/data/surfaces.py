"""Losses of two parameters (w, b) with everything known about them by hand: where lessons and optimizers are tried.

Every surface's lowest height is 0. All functions take points (..., 2) in any number of leading axes. Gradients and
Hessians are written out, not differentiated by a machine; the tests hold them against PyTorch's autograd.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy import ndarray as Array
from numpy.typing import ArrayLike

DEFAULT_CONDITION = 50  # of the ravine: that of a mildly badly scaled line, see the article's 70 in theory.py
_TILT = 0.15  # of the double well: enough that one hollow is plainly deeper, below 2 / sqrt(27), where one vanishes
_LEVELS = (0.03, 0.08, 0.14, 0.22, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)  # of the map's area, each below one line


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """A loss of (w, b).

    loss_at, gradient_at, hessian_at: of w and b (...) the loss (...), its derivatives (by w, by b), and the second ones
    (by w twice, by both, by b twice).
    start: where a walk begins.  w_range, b_range: the piece a map shows.  minima: all its lowest points, height 0.
    shape: what it looks like from above, in a sentence.  reached: a height that counts as the bottom.
    """

    name: str
    formula: str
    shape: str
    loss_at: Callable[[Array, Array], Any]
    gradient_at: Callable[[Array, Array], tuple[Any, Any]]
    hessian_at: Callable[[Array, Array], tuple[Any, Any, Any]]
    start: tuple[float, float]
    w_range: tuple[float, float]
    b_range: tuple[float, float]
    minima: tuple[tuple[float, float], ...] = ((0.0, 0.0),)
    reached: float = 0.01

    def loss(self, points: ArrayLike) -> Array:
        """(...) at points (..., 2)."""
        return np.asarray(self.loss_at(*_split(points)))

    def gradient(self, points: ArrayLike) -> Array:
        """(..., 2) at points (..., 2)."""
        return np.stack(self.gradient_at(*_split(points)), -1)

    def hessian(self, points: ArrayLike) -> Array:
        """(..., 2, 2) at points (..., 2)."""
        w, b = _split(points)
        _, ww, wb, bb = np.broadcast_arrays(w, *self.hessian_at(w, b))
        return np.stack([np.stack([ww, wb], -1), np.stack([wb, bb], -1)], -2)

    def on_map(self, points: ArrayLike) -> Array:
        """(...) which of the points (..., 2) the map holds; nan is not on it."""
        w, b = _split(points)
        (left, right), (low, high) = self.w_range, self.b_range
        inside: Array = (w >= left) & (w <= right) & (b >= low) & (b <= high)
        return inside

    def limit(self, point: ArrayLike) -> float:
        """2 / the largest curvature at this point: a fixed rate above it can't settle there. Infinity where none."""
        steepest = float(np.linalg.eigvalsh(self.hessian(point))[-1])
        return 2 / steepest if steepest > 0 else math.inf


def _split(points: ArrayLike) -> tuple[Array, Array]:
    points = np.asarray(points, float)
    return points[..., 0], points[..., 1]


def ravine(condition: float = DEFAULT_CONDITION) -> Surface:
    """(w^2 + condition b^2) / 2: steep across, gentle along; the curvatures are 1 and `condition` everywhere."""
    return Surface(
        name="ravine",
        formula=rf"L(w, b) = \tfrac12 \left(w^2 + {condition:g}\, b^2\right)",
        shape="A long valley with steep walls: across it the ground bends far more than along it.",
        loss_at=lambda w, b: (w**2 + condition * b**2) / 2,
        gradient_at=lambda w, b: (w, condition * b),
        hessian_at=lambda w, b: (1.0, 0.0, condition),
        start=(-4.0, 1.0),
        w_range=(-5.0, 5.0),
        b_range=(-2.5, 2.5),
    )


def turned_ravine() -> Surface:
    """The ravine turned by 45 degrees: (u^2 + 50 v^2) / 2 along u = (w + b) / sqrt(2) and v = (b - w) / sqrt(2).

    To gradient descent it is the same ravine. A rule with a scale for each of w and b can't tell its two directions
    apart any more.
    """
    sums, differences = (1 + DEFAULT_CONDITION) / 2, (1 - DEFAULT_CONDITION) / 2

    return Surface(
        name="turned ravine",
        formula=rf"L(w, b) = \tfrac14 \left((w + b)^2 + {DEFAULT_CONDITION:g}\, (b - w)^2\right)",
        shape="The ravine, turned by 45 degrees: now w and b must be changed together to follow its floor.",
        loss_at=lambda w, b: ((w + b) ** 2 + DEFAULT_CONDITION * (b - w) ** 2) / 4,
        gradient_at=lambda w, b: (sums * w + differences * b, differences * w + sums * b),
        hessian_at=lambda w, b: (sums, differences, sums),
        start=(-3.5, -2.1),  # as far from the floor and from the bottom as in the ravine
        w_range=(-4.5, 4.5),
        b_range=(-4.5, 4.5),
    )


def bowl() -> Surface:
    """(w^2 + b^2) / 2: curvature 1 in every direction, so rate 1 lands on the minimum in one step."""
    return replace(
        ravine(1),
        name="round bowl",
        formula=r"L(w, b) = \tfrac12 \left(w^2 + b^2\right)",
        shape="A round bowl: from everywhere, straight downhill is straight to the bottom.",
        start=(-3.0, 2.0),
        w_range=(-4.0, 4.0),
        b_range=(-3.0, 3.0),
    )


def saddle() -> Surface:
    """(w^2 - 1)^2 / 4 + b^2 / 2: a pass at (0, 0), height 1/4, between minima at w = 1 and w = -1.

    The start is a hair beside the ridge, so gradient descent rests near the pass before it goes on.
    """
    return Surface(
        name="saddle",
        formula=r"L(w, b) = \tfrac14 \left(w^2 - 1\right)^2 + \tfrac12 b^2",
        shape="A pass between two hollows: at its top the ground is level, yet it falls away to both sides.",
        loss_at=lambda w, b: (w**2 - 1) ** 2 / 4 + b**2 / 2,
        gradient_at=lambda w, b: (w * (w**2 - 1), b),
        hessian_at=lambda w, b: (3 * w**2 - 1, 0.0, 1.0),
        start=(1e-5, 1.5),
        w_range=(-2.0, 2.0),
        b_range=(-2.0, 2.0),
        minima=((-1.0, 0.0), (1.0, 0.0)),
    )


def rosenbrock() -> Surface:
    """(1 - w)^2 + 100 (b - w^2)^2, Rosenbrock's curved valley (Comput. J. 3:175, 1960), from his start (-1.2, 1)."""
    return Surface(
        name="Rosenbrock",
        formula=r"L(w, b) = (1 - w)^2 + 100 \left(b - w^2\right)^2",
        shape="A curved valley with steep walls and an almost level floor: the walls forbid a long step, the floor "
        "needs one.",
        loss_at=lambda w, b: (1 - w) ** 2 + 100 * (b - w**2) ** 2,
        gradient_at=lambda w, b: (-2 * (1 - w) - 400 * w * (b - w**2), 200 * (b - w**2)),
        hessian_at=lambda w, b: (2 - 400 * b + 1200 * w**2, -400 * w, 200.0),
        start=(-1.2, 1.0),
        w_range=(-2.0, 2.0),
        b_range=(-1.0, 3.0),
        minima=((1.0, 1.0),),
    )


def himmelblau() -> Surface:
    """(w^2 + b - 11)^2 + (w + b^2 - 7)^2, four minima (Himmelblau, Applied Nonlinear Programming, 1972).

    The start is near the hilltop in the middle, (-0.27, -0.92): small differences decide which valley it will be.
    """
    return Surface(
        name="Himmelblau",
        formula=r"L(w, b) = \left(w^2 + b - 11\right)^2 + \left(w + b^2 - 7\right)^2",
        shape="Four valleys, all equally deep, around a hill: which one you find depends on where you stand and on "
        "how far you step.",
        loss_at=lambda w, b: (w**2 + b - 11) ** 2 + (w + b**2 - 7) ** 2,
        gradient_at=lambda w, b: (
            4 * w * (w**2 + b - 11) + 2 * (w + b**2 - 7),
            2 * (w**2 + b - 11) + 4 * b * (w + b**2 - 7),
        ),
        hessian_at=lambda w, b: (12 * w**2 + 4 * b - 42, 4 * (w + b), 12 * b**2 + 4 * w - 26),
        start=(-0.5, -1.0),
        w_range=(-5.0, 5.0),
        b_range=(-5.0, 5.0),
        minima=(
            (3.0, 2.0),
            (-2.805118086952745, 3.131312518250573),
            (-3.779310253377747, -3.283185991286170),
            (3.584428340330492, -1.848126526964404),
        ),
    )


def double_well() -> Surface:
    """(w^2 - 1)^2 / 4 + t w + b^2 / 2 + constant: the deeper well is at w < 0, and the start lies on the other side.

    Where the slope along w, w^3 - w + t, is 0 there are two hollows and the ridge between them; as a cubic with three
    real roots it is solved by cosines (Viete).
    """
    deep, _, shallow = hollows()
    floor = (deep**2 - 1) ** 2 / 4 + _TILT * deep

    return Surface(
        name="double well",
        formula=rf"L(w, b) = \tfrac14 \left(w^2 - 1\right)^2 + {_TILT:g}\, w + \tfrac12 b^2 + {-floor:.4f}",
        shape=f"Two hollows, and the one nearer to the start, at w = {shallow:.2f}, is not the deepest: small steps "
        "end there for ever.",
        loss_at=lambda w, b: (w**2 - 1) ** 2 / 4 + _TILT * w - floor + b**2 / 2,
        gradient_at=lambda w, b: (w * (w**2 - 1) + _TILT, b),
        hessian_at=lambda w, b: (3 * w**2 - 1, 0.0, 1.0),
        start=(1.8, 1.2),
        w_range=(-2.0, 2.0),
        b_range=(-1.5, 1.5),
        minima=((deep, 0.0),),
    )


def hollows() -> tuple[float, float, float]:
    """w of the double well's deep hollow, its ridge, and its shallow hollow: the roots of w^3 - w + t."""
    third = math.acos(-_TILT * math.sqrt(27) / 2) / 3
    shallow, deep, ridge = (2 / math.sqrt(3) * math.cos(third - 2 * math.pi * k / 3) for k in (0, 1, 2))
    deep, ridge, shallow = sorted((deep, ridge, shallow))
    return deep, ridge, shallow


NAMES = ("round bowl", "ravine", "saddle", "Rosenbrock", "Himmelblau", "double well")
ALL_NAMES = ("ravine", "turned ravine", "round bowl", *NAMES[2:])  # turned: only to rules with scales of their own


@lru_cache(maxsize=512)
def surface(name: str, condition: float = DEFAULT_CONDITION) -> Surface:
    """The surface of this name; `condition` is the ravine's. ValueError for a name that is none of ALL_NAMES."""
    if name == "ravine":
        return ravine(condition)
    make = {
        "round bowl": bowl,
        "turned ravine": turned_ravine,
        "saddle": saddle,
        "Rosenbrock": rosenbrock,
        "Himmelblau": himmelblau,
        "double well": double_well,
    }
    if name not in make:
        raise ValueError(f"name must be one of {', '.join(ALL_NAMES)}, got {name!r}")
    return make[name]()


def contours(land: Surface, columns: int = 60, rows: int = 48) -> pd.DataFrame:
    """Columns w, b, w2, b2 (float32): short strokes that make up lines of equal loss on the land's map.

    Marching squares: where a line crosses two edges of a cell, the crossings are joined; where all four, in two pairs.
    Each line encloses a given share of the map, so steep and gentle surfaces get lines alike.
    """
    w, b = np.linspace(*land.w_range, columns + 1), np.linspace(*land.b_range, rows + 1)
    height = land.loss(np.stack(np.meshgrid(w, b), -1))  # (rows + 1, columns + 1)
    strokes = [_strokes(height - level, w, b) for level in np.quantile(height, _LEVELS)]
    return pd.DataFrame(np.concatenate(strokes).astype(np.float32), columns=["w", "b", "w2", "b2"])


def _strokes(above: Array, w: Array, b: Array) -> Array:
    """(n, 4) where `above` (rows + 1, columns + 1), over b and w, is 0: strokes as w, b, w2, b2."""
    rows, columns = above.shape[0] - 1, above.shape[1] - 1
    # A cell's edges in turn: below, right, above, left; each from one corner to the next.
    corner = [
        np.stack([above[i : i + rows, j : j + columns], *np.meshgrid(w[j : j + columns], b[i : i + rows])], -1)
        for i, j in ((0, 0), (0, 1), (1, 1), (1, 0))
    ]
    one, two = (np.stack(ends, 2).reshape(-1, 4, 3) for ends in (corner, corner[1:] + corner[:1]))
    crossed = (one[..., 0] > 0) != (two[..., 0] > 0)  # (cells, 4)
    cells = crossed.any(1)
    one, two, crossed = one[cells], two[cells], crossed[cells]
    rise = two[..., 0] - one[..., 0]
    part = np.divide(-one[..., 0], rise, out=np.zeros_like(rise), where=crossed)
    at = one[..., 1:] + part[..., None] * (two[..., 1:] - one[..., 1:])  # (cells, 4, 2)
    # Each cell is crossed two or four times; in the order of the edges the crossings pair up.
    strokes: Array = at[crossed].reshape(-1, 4)
    return strokes
