"""A schedule against the constant rate, each at its own best rate, with noisy steps and with clean ones."""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from ...diagnosis.theory import minimum
from ...drawing.axes import Axis, whole_decades
from ...experiment.experiment import Experiment
from ...methods.schedules import PLATEAU, SCHEDULES, TITLES, StatefulSchedule, after_warm_up
from ...training.history import thin
from ...training.train import train
from ...words import number, two_digits
from ..sweep.findings import EXACT, best, typical
from ..sweep.sweep import Piece, joined, pieces

CONSTANT = "constant"
NOISY_BATCH = 4  # points in a noisy step, where the experiment does not say
_POINTS = 400  # of a curve that are drawn
_CLOSE = 1.5  # times: ends this near are not told apart
_DEPTH, _HEADROOM = 8, 100.0  # decades below the start, and times above it, that are drawn


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Runs:
    """What there is to be drawn of the constant rate and of a schedule, while the rest is trained.

    rates: the best rate of each that there is, the constant one's first.  height: what heights are of, in words.
    curves (runner, epoch, loss, rate): their runs of the first seed, as trained; its losses are heights.
    """

    schedule: str
    rates: tuple[float, ...]
    height: str
    curves: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison(Runs):
    """The constant rate and a schedule on one experiment; pairs have the constant rate first.

    ends: the typical height in the end at their best rates.  helped: in how many of `seeds` the schedule ended lower.
    """

    ends: tuple[float, float]
    helped: int
    seeds: int

    @property
    def gain(self) -> float:
        """How many times lower the schedule ends; heights as good as none count alike."""
        still, fell = (max(end, self.least) for end in self.ends)
        return still / fell

    @property
    def least(self) -> float:
        """The height below which an end is as good as at the minimum."""
        return EXACT * float(self.curves["loss"].iloc[0])


def noisy(experiment: Experiment) -> Experiment:
    """The experiment with steps that see only some of the points."""
    return replace(experiment, batch_size=experiment.batch_size or min(NOISY_BATCH, experiment.points))


def clean(experiment: Experiment) -> Experiment:
    """The experiment with every point in each step."""
    return replace(experiment, batch_size=None)


def comparison_pieces(
    experiment: Experiment, learning_rates: Sequence[float], seeds: Sequence[int]
) -> list[Experiment]:
    """All that is trained to find both best rates. Raises ValueError where a piece costs too much."""
    return [piece for one in _both(experiment) for piece in pieces(one, learning_rates, seeds)]


def _both(experiment: Experiment) -> tuple[Experiment, Experiment]:
    return replace(experiment, schedule=CONSTANT), experiment


def joined_comparison(
    experiment: Experiment, learning_rates: Sequence[float], seeds: Sequence[int], done: Sequence[Piece]
) -> Comparison | None:
    """The Comparison of all trained pieces, in the order of `comparison_pieces`; None where one overflows."""
    floor = floors(experiment, seeds)
    found = _bests(experiment, learning_rates, seeds, done, floor)
    runs = _runs(experiment, found, floor)
    if runs is None or len(found) < 2:
        return None
    still, fell = (ends for _, _, ends in found)
    return Comparison(
        schedule=runs.schedule,
        rates=runs.rates,
        height=runs.height,
        curves=runs.curves,
        ends=(float(typical(still)), float(typical(fell))),
        helped=int((fell < still).sum()),
        seeds=len(seeds),
    )


def runs_so_far(
    experiment: Experiment, learning_rates: Sequence[float], seeds: Sequence[int], done: Sequence[Piece]
) -> Runs | None:
    """What there is to be drawn of the first pieces; None where that is nothing.

    A curve is drawn once all pieces of its rates and seeds are trained: at the best of them.
    """
    floor = floors(experiment, seeds)
    return _runs(experiment, _bests(experiment, learning_rates, seeds, done, floor), floor)


def _bests(
    experiment: Experiment, learning_rates: Sequence[float], seeds: Sequence[int], done: Sequence[Piece], floor: Array
) -> list[tuple[Experiment, float, Array]]:
    """Of each that has all its pieces and does not always overflow: (itself, its best rate, its heights there (S,))."""
    found, each = [], len(pieces(experiment, learning_rates, seeds))
    for k, one in enumerate(_both(experiment)):
        if len(part := done[k * each : (k + 1) * each]) < each:
            break
        table = joined(one, learning_rates, seeds, part)
        height = _height(table.final_loss, floor[:, None])
        if (at := best(height)) >= 0:
            found.append((one, float(table.learning_rates[at]), height[:, at]))
    return found


def _runs(experiment: Experiment, found: Sequence[tuple[Experiment, float, Array]], floor: Array) -> Runs | None:
    if not found:
        return None
    return Runs(
        schedule=experiment.schedule,
        rates=tuple(rate for _, rate, _ in found),
        height="loss above the best line's" if experiment.quadratic else "loss",
        curves=pd.concat([_curve(one, rate, floor[0]) for one, rate, _ in found], ignore_index=True),
    )


def floors(experiment: Experiment, seeds: Sequence[int]) -> Array:
    """(S,) the lowest loss there is of each seed's data: of a line in closed form; 0 where it is not known."""
    if not experiment.quadratic:
        return np.zeros(len(seeds))
    return np.array([minimum(replace(experiment, seed=seed))[1] for seed in seeds])


def _height(loss: Array, floor: Array) -> Array:
    """Loss above the floor, as far as its digits go: nothing is lower than what rounding hides."""
    hidden = 4 * np.finfo(float).eps * np.maximum(floor, np.finfo(float).tiny / np.finfo(float).eps)
    return np.asarray(np.maximum(loss - floor, hidden))


def _curve(experiment: Experiment, rate: float, floor: float) -> pd.DataFrame:
    """The run of the experiment's own seed at a rate, with the learning rate of each epoch's first step."""
    history = train(replace(experiment, learning_rates=(rate,), sharpness=0))
    kept = thin(history.loss[0], _POINTS)
    kept = kept[np.isfinite(history.loss[0, kept])]
    return pd.DataFrame(
        {
            "runner": experiment.schedule,
            "epoch": kept,
            "loss": _height(history.loss[0, kept], np.asarray(floor)),
            "rate": history.rates(kept)[0],
        }
    )


def loss_axis(comparisons: Sequence[Runs]) -> Axis:
    """Whole decades for all of these, side by side: down to the lowest loss, and up to the highest, within reason."""
    losses = pd.concat([comparison.curves for comparison in comparisons])["loss"]
    start = float(max(comparison.curves["loss"].iloc[0] for comparison in comparisons))
    low, high = max(float(losses.min()), start * 10.0**-_DEPTH), min(float(losses.max()), _HEADROOM * start)
    return whole_decades(low, 1.2 * high, title=comparisons[0].height, labels=5)


def outcome(comparison: Comparison) -> str:
    """What the schedule does here, with its numbers, in a sentence or two."""
    title, (still, fell), (rate, fell_rate) = TITLES[comparison.schedule], comparison.ends, comparison.rates
    ends = f"{number(fell)}, the constant rate at {number(still)}"
    of = f" The schedule ends lower in {comparison.helped} of {comparison.seeds} seeds." if comparison.seeds > 1 else ""
    medians = " Losses are medians; the first seed is drawn." if comparison.seeds > 1 else ""
    rates = f"Their best rates: {number(fell_rate)} and {number(rate)}.{medians}{_climbs(comparison)}"
    if max(comparison.ends) < comparison.least:
        return f"**{title}: both reach the minimum**, to less than {number(EXACT)} times the first loss. {rates}"
    if 1 / _CLOSE < comparison.gain < _CLOSE:
        return f"**{title}: less than {_CLOSE:g} times apart.** It ends at {ends}.{of} {rates}"
    better, times = ("lower", comparison.gain) if comparison.gain > 1 else ("higher", 1 / comparison.gain)
    return f"**{title}: {two_digits(times)} times {better}**, at {ends}.{of} {rates}"


def _climbs(comparison: Comparison) -> str:
    """That the scheduled run first climbs, where it does."""
    losses = comparison.curves[comparison.curves["runner"] == comparison.schedule]["loss"]
    still = comparison.curves[comparison.curves["runner"] == CONSTANT]["loss"]
    if losses.max() <= _CLOSE * max(losses.iloc[0], still.max()):  # where both climb it is not the schedule's doing
        return ""
    peak = number(losses.max())
    return f" On its way the scheduled loss climbs to {peak}: its rate begins too high and comes down in time."


def pays(comparison: Comparison) -> bool:
    """Whether the schedule ends clearly lower than the constant rate."""
    return comparison.gain >= _CLOSE


def conclusion(with_noise: Comparison, without: Comparison) -> str:
    """What both say together."""
    helps, helps_clean = pays(with_noise), pays(without)
    if helps and not helps_clean:
        return (
            "**Here the schedule pays where the steps are noisy, and only there.** Data and model are the same: "
            "small steps at the end average out the noise of small batches."
        )
    if helps and helps_clean:
        return (
            "**Here it pays with and without noise.** Without noise that is because no single rate suits all "
            "directions of this loss: a rate that changes sweeps through what suits each."
        )
    if helps_clean:
        return "**Here it pays only without noise**, where it sweeps through rates that suit each direction in turn."
    return "**Here it does not pay**: a constant rate, well chosen, is as good or better. Rate first, then schedule."


def explained(schedule: str) -> tuple[str, str]:
    """(what a schedule does, in words with its formula; the code that runs) from its own source."""
    if schedule == PLATEAU:
        words, code = inspect.getdoc(StatefulSchedule) or "", inspect.getsource(StatefulSchedule)
        return words.split("\n\n")[2], code
    made = SCHEDULES[schedule]
    if made.__doc__ is None:  # a warm-up and then another: a function that was made, not written
        made_by = after_warm_up
        return (inspect.getdoc(made_by) or "").split("Source:")[0], inspect.getsource(made_by)
    return (inspect.getdoc(made) or "").split("Source:")[0], inspect.getsource(made)
