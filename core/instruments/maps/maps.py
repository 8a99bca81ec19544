"""Rate maps: the loss over learning rate x batch size, or learning rate x width. The best rate moves with both."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from ...diagnosis.theory import predictable, stability_limit
from ...experiment.experiment import Experiment
from ...words import number
from ..sweep.findings import alike_at, best, typical
from ..sweep.sweep import Piece, pieces

KNOBS = {"batch_size": "batch size", "width": "width"}
_MOST_WIDE = 64
_DEPTH = 6  # decades of loss the colours span at most
_HEADROOM = 10.0  # times the first loss: what lies above is one colour
_FOLLOWS = (0.5, 2.0)  # of what linear scaling foretells: so near, it holds


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RateMap:
    """What came of each value (V,) of a knob at each learning rate (R,), from each seed (S,).

    knob: a key of KNOBS.  losses (V, S, R): training loss after the last epoch.  first (V, S, R): before training.
    limit: the stability limit of all points in one batch, nan where theory does not know it.
    """

    knob: str
    values: tuple[int, ...]
    learning_rates: Array
    losses: Array
    first: Array
    limit: float = math.nan


def choices(experiment: Experiment, knob: str) -> tuple[int, ...]:
    """The values a map of this experiment has: powers of two, and every point in one batch."""
    if knob == "width":
        return tuple(2**k for k in range(int(math.log2(_MOST_WIDE)) + 1))
    points = experiment.points
    return (*(2**k for k in range(int(math.log2(points)) + 1) if 2**k < points), points)


def variants(experiment: Experiment, knob: str) -> list[Experiment]:
    """The experiment at each of its choices. Raises ValueError for the width of a model without hidden layers."""
    if knob == "width":
        if not experiment.hidden:
            raise ValueError("this network must have a hidden layer whose width can be changed, got none: add one")
        return [replace(experiment, hidden=(width,) * len(experiment.hidden)) for width in choices(experiment, "width")]
    sizes = choices(experiment, knob)
    return [replace(experiment, batch_size=None if size == experiment.points else size) for size in sizes]


def map_pieces(
    experiment: Experiment, knob: str, learning_rates: Sequence[float], seeds: Sequence[int]
) -> list[Experiment]:
    """All that is trained, value by value, as pieces of sweeps. Raises ValueError where one costs too much."""
    return [piece for one in variants(experiment, knob) for piece in pieces(one, learning_rates, seeds)]


def joined_map(
    experiment: Experiment, knob: str, learning_rates: Sequence[float], seeds: Sequence[int], done: Sequence[Piece]
) -> RateMap:
    """The RateMap of trained pieces, in the order of `map_pieces`: of the first values, those that have all of theirs.

    Raises ValueError where not even one has.
    """
    of_a_value = len(pieces(experiment, learning_rates, seeds))
    values = choices(experiment, knob)[: len(done) // of_a_value]
    done = done[: len(values) * of_a_value]
    shape = (len(values), len(seeds), len(learning_rates))
    return RateMap(
        knob=knob,
        values=values,
        learning_rates=np.asarray(learning_rates, float),
        losses=np.concatenate([piece.final_loss for piece in done]).reshape(shape),
        first=np.concatenate([piece.losses[:, 0] for piece in done]).reshape(shape),
        limit=stability_limit(replace(experiment, batch_size=None)) if predictable(experiment) else math.nan,
    )


def best_rates(found: RateMap) -> pd.DataFrame:
    """Columns value, rate, from, to, loss: of each value the best rate, and the stretch that can't be told from it."""
    rows = []
    for value, losses in zip(found.values, found.losses, strict=True):
        at = best(losses)
        if at >= 0:
            low, high = alike_at(found.learning_rates, losses)
            rows.append((value, float(found.learning_rates[at]), low, high, float(typical(losses)[at])))
    return pd.DataFrame(rows, columns=["value", "rate", "from", "to", "loss"])


def cells(found: RateMap) -> tuple[pd.DataFrame, tuple[float, float]]:
    """(columns value, rate, left, right, loss, words; the losses (low, high) that the colours span).

    Medians of the seeds. left, right: half way to the neighbouring rates. loss is moved to the end of the span where
    it lies beyond; words say what it was.
    """
    heights = np.array([typical(losses) for losses in found.losses])  # (V, R)
    shown = heights[np.isfinite(heights) & (heights > 0)]
    first = float(np.median(found.first[np.isfinite(found.first)])) if np.isfinite(found.first).any() else 1.0
    high = _HEADROOM * first
    low = max(float(shown.min(initial=high / 10)), high * 10.0**-_DEPTH)
    rates, half = found.learning_rates, math.sqrt(found.learning_rates[1] / found.learning_rates[0])
    table = pd.DataFrame(
        {
            "value": np.repeat(found.values, len(rates)),
            "rate": np.tile(rates, len(found.values)),
            "left": np.tile(rates / half, len(found.values)),
            "right": np.tile(rates * half, len(found.values)),
            "loss": np.clip(np.where(np.isfinite(heights), heights, high), low, high).ravel(),
            "words": ["overflow" if not math.isfinite(height) else number(height) for height in heights.ravel()],
        }
    )
    return table, (low, high)


def conclusion(found: RateMap) -> str:
    """How the best rate moves with the knob, in a sentence or two with its numbers."""
    rows = best_rates(found)
    if len(rows) < 2:
        return "Nearly every run overflows: lower the rates."
    name, first, last = KNOBS[found.knob], rows.iloc[0], rows.iloc[-1]
    moved = (
        f"The best rate goes from {number(first['rate'])} at {name} {int(first['value']):,} to "
        f"{number(last['rate'])} at {int(last['value']):,}. "
    )
    if found.knob == "width":
        way = "falls" if last["rate"] < first["rate"] else "rises" if last["rate"] > first["rate"] else "stays"
        if way != "stays" and first["from"] <= last["to"] and last["from"] <= first["to"]:
            return moved + "The ranges of rates about as good as the two overlap, so this shows no clear trend."
        return moved + f"From narrow to wide it {way}: a rate found on a small model need not suit a large one."
    return moved + _linear_scaling(rows, found.limit)


def _linear_scaling(rows: pd.DataFrame, limit: float) -> str:
    """Where the rule "k times the batch, k times the rate" (Goyal et al. 2017, arXiv 1706.02677) holds, and breaks."""
    first = rows.iloc[0]
    times = rows["value"] / first["value"]
    ratio = rows["rate"] / (first["rate"] * times)
    # As of widths: what can't be told from what is foretold is no break.
    overlap = (rows["from"] <= first["to"] * times) & (first["from"] * times <= rows["to"])
    fits = ((ratio > _FOLLOWS[0]) & (ratio < _FOLLOWS[1])) | overlap
    until = rows["value"][: int(np.argmin(fits)) if not fits.all() else len(fits)].iloc[-1]
    if fits.all():
        return "The linear scaling rule, twice the batch, twice the rate, holds all the way."
    if until == first["value"]:
        return "The linear scaling rule, twice the batch, twice the rate, does not hold here."
    holds = (
        f"The linear scaling rule, twice the batch, twice the rate, holds up to batch size {until:,} within a factor "
        "of 2, then breaks"
    )
    last = rows.iloc[-1]["rate"]
    if not _FOLLOWS[0] * limit < last < _FOLLOWS[1] * limit:
        return f"{holds}."
    return (
        f"{holds}: the best rate, {number(last)}, has come near the limit of the full batch, 2 / λmax = "
        f"{number(limit)}, which does not grow with the batch."
    )
