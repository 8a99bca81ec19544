"""Does a falling learning rate help? A constant rate against one that falls to 0, on noisy and on clean steps.

Both walk from the same start over the same batches. With noise the constant rate stays at a floor of its own and the
falling one sinks below it; without noise smaller steps are only smaller. The exception is kept in sight: on a narrow
valley a falling rate may start above the limit, where a constant one explodes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from ..diagnosis.theory import landscape, stability_limit
from ..drawing.axes import Axis, whole_decades
from ..drawing.stops import Stop, around
from ..experiment.experiment import Experiment
from ..methods.schedules import constant
from ..training.problems import minibatches, problem
from ..words import number, two_digits
from .question import ChoiceQuestion

Schedule = Callable[[int, int], float]

SEEDS = 20  # draws of noise and order: so many that the least of them still says something
BATCHES = {"4": 4, "16": 16, "all 40": None}
NOISY_RATE, NOISY_EPOCHS = 0.2, 30  # a fifth of the limit of the standardized line
CLEAN_RATE = 0.08  # just below the limit
CLEAN_EPOCHS = 100
TRIED = 400  # starting rates tried for the best of each
NAMES = ("constant rate", "falling to 0")
STYLES = ("two", "one")
CLEAN_AXES = (
    Axis(title="epoch", low=0, high=CLEAN_EPOCHS),
    Axis(title="loss", low=1e-4, high=1e6, scale="log"),  # of all rates: what climbs higher leaves it
)

_DRAGGED = tuple(k / 100 for k in range(1, 21))  # rates that a slider stops at

MATHEMATICS = (
    (
        r"\mathrm{lr}_k = \mathrm{lr}\,\left(1 - \frac{k}{K}\right), \qquad k = 0, 1, \dots, K - 1",
        r"Along a direction of curvature $\lambda$, step $k$ multiplies the distance to the minimum by "
        r"$1 - \mathrm{lr}_k \lambda$. **Without noise** and with $\mathrm{lr}\,\lambda$ at most 1, every factor of "
        "the falling rate is at least as near to 1 as the constant rate's: after K steps it is further away, always.",
    ),
    (
        r"v_{k+1} = (1 - \mathrm{lr}_k \lambda)^2\, v_k + \mathrm{lr}_k^2\, s^2",
        "**With noise** of variance s² in the gradient, v is the variance of that distance. At a constant rate it "
        "settles where both terms balance, below; a rate that falls to 0 leaves that floor and keeps sinking.",
    ),
    (r"v = \frac{\mathrm{lr}\, s^2}{\lambda\,(2 - \mathrm{lr}\,\lambda)}", ""),
)


def falling(step: int, steps: int) -> float:
    """Linear decay: from 1 at the first step down to 0 after the last."""
    return 1 - step / steps


def descend_by(
    schedule: Schedule, rate: float | Array, inputs: Array, targets: Array, batches: Sequence[Sequence[Array]]
) -> Array:
    """(epochs + 1, S, P) where S lines stand after each epoch, all from zero, at rate x schedule(step, steps).

    inputs (n, P), targets (S, n).  batches: for each epoch the rows of each step, (S, size).
    rate: one, or (S, 1) for a rate each.
    """
    steps, step = sum(map(len, batches)), 0
    here = np.zeros((len(targets), inputs.shape[1]))
    path = [here]
    for epoch in batches:
        for rows in epoch:
            x, y = inputs[rows], np.take_along_axis(targets, rows, axis=1)
            error = np.einsum("snp,sp->sn", x, here) - y
            gradient = 2 / rows.shape[1] * np.einsum("sn,snp->sp", error, x)
            here = here - rate * schedule(step, steps) * gradient
            step += 1
        path.append(here)
    return np.stack(path)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Race:
    """A constant rate against one that falls to 0: same start, same data, same batches.

    above (2, epochs + 1, S): how far the loss of each of S draws lies above that of the best line, constant first.
    floor: the loss of the best line, typical of the draws.
    """

    above: Array
    floor: float

    @property
    def ends(self) -> tuple[float, float]:
        """The typical (median) end of each: constant, falling."""
        constant_end, falling_end = np.median(self.above[:, -1], axis=1)
        return float(constant_end), float(falling_end)

    @property
    def top(self) -> float:
        """The decade above the start and above the falling rate's typical curve: the picture's upper edge."""
        typical = np.median(self.above, axis=2)
        return whole_decades(typical[0, 0], max(typical[0, 0], typical[1].max())).high

    def left(self, top: float) -> int:
        """The epoch at which the constant rate leaves a picture with this upper edge, 0 where it stays in it."""
        return int((np.median(self.above[0], axis=1) > top).argmax())

    @property
    def helped(self) -> int:
        """In how many of the draws the falling rate ended lower."""
        return int((self.above[1, -1] < self.above[0, -1]).sum())


def noisy_race(batch: str) -> Race:
    """The noisy line, x standardized, in batches of this size (a key of BATCHES), at NOISY_RATE."""
    return _race(
        [
            Experiment(data="noisy-line", standardize=True, batch_size=BATCHES[batch], epochs=NOISY_EPOCHS, seed=seed)
            for seed in range(SEEDS)
        ],
        NOISY_RATE,
    )


def clean_race(rate: float) -> Race:
    """The article's line, every point in each step, at this rate."""
    return _race([Experiment(epochs=CLEAN_EPOCHS)], rate)


def clean_races(own: float) -> list[Stop]:
    """The clean race at the rates of a slider and at one's own, on CLEAN_AXES. Tables: curves (name, epoch, y)."""
    return [_clean_stop(rate) for rate in around(_DRAGGED, own)]


@lru_cache(maxsize=64)
def _clean_stop(rate: float) -> Stop:
    race = clean_race(rate)
    table = pd.concat(
        [
            pd.DataFrame({"name": name, "epoch": np.arange(CLEAN_EPOCHS + 1), "y": above[:, 0]})
            for name, above in zip(NAMES, race.above, strict=True)
        ]
    )
    words = race_words(race, CLEAN_AXES[1].high)
    return Stop(rate, {"curves": table}, f"Clean, at {number(rate)}: {words.replace('*', '')}", words)


def _race(draws: Sequence[Experiment], rate: float) -> Race:
    """Both schedules over these draws, which differ in their seed alone."""
    inputs = problem(draws[0]).inputs
    targets = np.stack([problem(draw).targets for draw in draws])
    orders = zip(*(minibatches(draw, len(inputs)) for draw in draws), strict=True)
    batches = [[np.stack(rows) for rows in zip(*orders_of_epoch, strict=True)] for orders_of_epoch in orders]
    best = np.stack([landscape(draw).minimum for draw in draws])
    floor = float(np.median([landscape(draw).floor for draw in draws]))
    # From the parameters: as a difference of two losses, a small height would be lost in rounding.
    away = [descend_by(schedule, rate, inputs, targets, batches) - best for schedule in (constant, falling)]
    return Race(above=np.mean((np.stack(away) @ inputs.T) ** 2, axis=-1), floor=floor)


def best_of_each() -> tuple[tuple[float, float], tuple[float, float]]:
    """(rate, final loss) of the best constant and the best falling rate for the article's line, of those tried."""
    rates = np.geomspace(0.01, 0.3, TRIED)
    task = problem(Experiment())
    targets = np.tile(task.targets, (TRIED, 1))
    every = np.tile(np.arange(len(task.targets)), (TRIED, 1))
    found = []
    with np.errstate(over="ignore"):
        for schedule in (constant, falling):
            last = descend_by(schedule, rates[:, None], task.inputs, targets, [[every]] * CLEAN_EPOCHS)[-1]
            loss = np.mean((last @ task.inputs.T - targets) ** 2, axis=1)
            found.append((float(rates[loss.argmin()]), float(loss.min())))
    return found[0], found[1]


def race_picture(race: Race) -> tuple[Axis, Axis, pd.DataFrame]:
    """(axis of epochs, axis of the loss, table for lines.lines): the typical (median) curves.

    A curve that explodes ends with the first epoch beyond the picture.
    """
    _, epochs, draws = race.above.shape
    ends = (race.left(race.top) or epochs - 1, epochs - 1)
    tables = []
    for name, above, end in zip(NAMES, race.above, ends, strict=True):
        typical = np.median(above, axis=1)
        tables.append(pd.DataFrame({"name": name, "x": np.arange(epochs), "y": typical})[: end + 1])
    table = pd.concat(tables, ignore_index=True)
    words = "loss above the best line's" if draws > 1 else "loss"
    return Axis(title="epoch", low=0, high=epochs - 1), whole_decades(table["y"].min(), race.top, title=words), table


def race_words(race: Race, top: float) -> str:
    """Who ended lower, by how much, and in how many of the draws.  top: the upper edge of the picture."""
    still, fell = race.ends
    draws = race.above.shape[2]
    ends = f"At the end: constant {number(still)}, falling {number(fell)}"
    if draws > 1:
        (least, most), (fell_least, fell_most) = ((row.min(), row.max()) for row in race.above[:, -1])
        ends = (
            f"At the end, typically: constant {number(still)} (of {draws} draws from {number(least)} to "
            f"{number(most)}), falling {number(fell)} (from {number(fell_least)} to {number(fell_most)})"
        )
    if left := race.left(top):
        (_, best), _ = best_of_each()
        compared = "lower" if fell < best else "higher"
        return (
            f"{ends}. Both start above the limit. The constant rate leaves the chart at epoch {left}. The falling "
            f"one climbs to {number(race.above[1].max())}, comes below the limit, and ends **{compared} than the best "
            f"constant rate can** ({number(best)})."
        )
    better, times = ("higher", fell / still) if still < fell else ("lower", still / fell)
    in_draws = f", and is the lower one in {race.helped} of {draws} draws" if draws > 1 else ""
    return f"{ends}. The falling rate ends **{two_digits(times)} times {better}**{in_draws}."


def conclusion() -> str:
    """What the two races say together, and the exception they hold."""
    all_points = noisy_race("all 40")
    (still_rate, still), (fell_rate, fell) = best_of_each()
    limit = stability_limit(Experiment())
    return (
        "**So a falling rate pays where the steps are noisy.** The noise of the batches counts, not that of the data: "
        f"with all 40 points in each step it ends lower in {all_points.helped} of {SEEDS} draws, on the same "
        f"scattered points.\n\nWithout noise it mostly walks slower. **Not always**: of {TRIED} starting rates tried "
        f"on the clean line, the best constant one is {number(still_rate)} (loss {number(still)}), the best falling "
        f"one {number(fell_rate)}, {number(fell_rate / limit)} times the limit (loss {number(fell)}). It sweeps "
        "through rates that suit each direction in turn."
    )


def schedule_question() -> ChoiceQuestion:
    """Which of the two does decay help?"""
    noisy, clean = noisy_race("4"), clean_race(CLEAN_RATE)
    (noisy_still, noisy_fell), (clean_still, clean_fell) = noisy.ends, clean.ends
    on_noise = f"the noisy run ends {two_digits(noisy_still / noisy_fell)} times nearer to the best line with decay"
    on_clean = f"the clean run ends {two_digits(clean_fell / clean_still)} times further from it with decay"
    return ChoiceQuestion(
        key="deep-schedule",
        ask=(
            f"Two runs. One is **noisy**: batches of 4 from 40 scattered points, rate {NOISY_RATE:g}. One is "
            "**clean**: the article's five points, all in each step, rate 0.08. Let the rate fall in a straight line "
            "to 0 by the end. **Which run ends nearer to the best line than with the same rate kept constant?**"
        ),
        choices={
            "Both: a schedule always helps": f"Not always: {on_clean}.",
            "Only the noisy one": "Yes: small steps at the end average out noise. Without noise they only cost time.",
            "Only the clean one": f"The other way round: {on_noise}, and {on_clean}.",
            "Neither: smaller steps are only slower": f"Slower, yes, but {on_noise}: its last steps no longer follow "
            "every batch's noise.",
        },
        right=1,
        outcome=(
            f"Height of the loss above the best line's, at the end. Noisy: constant {number(noisy_still)}, falling "
            f"**{number(noisy_fell)}**, lower in {noisy.helped} of {SEEDS} draws. Clean: constant "
            f"**{number(clean_still)}**, falling {number(clean_fell)}."
        ),
    )
