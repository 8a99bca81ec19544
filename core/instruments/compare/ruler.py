"""The ruler: what every learning rate between the lanes and beyond would have done, beside what theory says."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...diagnosis.theory import overshoot_limit, predictable, stability_limit
from ...drawing.axes import Axis, positive, whole_decades
from ...drawing.frames import Columns
from ...drawing.zones import limit_table, zone_table
from ...experiment.experiment import RATE_LIMITS, Experiment
from ...training.history import History
from ...words import LANE_LETTERS, number
from ..sweep.sweep import (
    SweepTable,
    affordable,
    grid,
    growing_between,
    measured_limit,
    of_run,
    seconds_of_measurement,
    sweep,
)
from ..sweep.sweep import seconds as sweep_seconds

_RATES = 200
_BELOW, _ABOVE = 1e-3, 10.0  # of the limit: the ruler shows at least from here to there
_UNKNOWN = 1e-8, 100.0  # what it shows at least where no limit is known
_DIGITS = 4  # of a limit that is looked for between two rates of a run: as many as are told
_DEPTH = 15  # decades of loss it shows at most
_STRETCH = 4  # rates in a row: fewer are a dip, not a stretch below
_MARGIN = 1.8  # room beside the outermost lane, so that its handle is whole


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class Ruler:
    """Many rates of one experiment beside what theory says of them.

    sweep: final loss of each, after sweep.epochs (fewer than the experiment's where 200 rates would take
    too long).  overshoot, predicted: the rates at which steps begin to overshoot, and to grow without end,
    for the full batch; nan where theory does not know (theory.predictable).  measured: where runs really begin to grow;
    None where none or all do, or theory does not know what would.  engine: what trained the sweep.

    The tables below feed charts.ruler.
    """

    sweep: SweepTable
    overshoot: float
    predicted: float
    measured: float | None
    engine: str = "numpy"

    @property
    def rates(self) -> Axis:
        """The learning rates it spans."""
        return Axis(low=float(self.sweep.learning_rates[0]), high=float(self.sweep.learning_rates[-1]))

    def losses(self, lanes: Axis) -> Axis:
        """Its loss axis: as high as the lanes' own, and deeper, for most of what there is to see lies far down."""
        lowest = float(positive(self.sweep.final_loss).min(initial=lanes.low))
        return whole_decades(lowest, lanes.high, most=_DEPTH)

    def curve(self) -> pd.DataFrame:
        """Columns rate, loss: final loss of each rate, nan where there is none to draw."""
        loss = self.sweep.final_loss[0]
        return pd.DataFrame(
            {
                "rate": self.sweep.learning_rates,
                "loss": np.where(np.isfinite(loss) & (loss > 0), loss, np.nan),
            }
        )

    def below(self, losses: Axis) -> pd.DataFrame:
        """Columns rate, loss, words: where the curve leaves the axis downwards for long, and where it comes back."""
        under = np.flatnonzero(self.sweep.final_loss[0] < losses.low)
        stretch = max(np.split(under, np.flatnonzero(np.diff(under) > 1) + 1), key=len)
        ends = self.sweep.learning_rates[stretch[[0, -1]]].tolist() if len(stretch) >= _STRETCH else []
        words = [f"below {number(losses.low)}", ""][: len(ends)]
        return pd.DataFrame({"rate": ends, "loss": losses.low, "words": words})

    def zones(self) -> pd.DataFrame:
        """Columns from, to, zone: what theory says of each stretch."""
        return zone_table(self.rates, self.overshoot, self.predicted)

    def limit(self) -> pd.DataFrame:
        """Columns rate, words, row: the predicted limit, and the measured one where it is another."""
        return limit_table(self.predicted, self.measured)

    def words(self, experiment: Experiment) -> str:
        """What was trained, both limits, and what they hold for, in a few sentences."""
        rates, epochs = len(self.sweep.learning_rates), self.sweep.epochs
        words = [f"{rates} rates trained as one batch.", _limits(experiment, self)]
        if experiment.steps_per_epoch > 1 and predictable(experiment):
            words.append("The prediction holds for the full batch; with mini-batches the measured limit counts.")
        if experiment.engine == "torch" and self.engine == "numpy":
            words.append("The ruler is trained by NumPy.")
        if experiment.engine == self.engine == "torch" and self.measured is not None:
            words.append("The limit is measured with NumPy.")
        if epochs < experiment.epochs:
            words.append(f"It stops at {epochs:,} epochs, to stay quick: all of it is of that epoch.")
        return " ".join(words)

    def lanes(self, history: History, losses: Axis) -> Columns:
        """Columns lane, rate, loss, words: the handle of each lane, on the edge where its loss is off the axis."""
        loss = history.loss[:, self.sweep.epochs]
        return {
            "lane": np.array(list(LANE_LETTERS[: len(loss)])),
            "rate": np.array(history.experiment.learning_rates),
            "loss": _onto(losses, loss),
            "words": np.array([number(value) for value in loss]),
        }


def seconds(experiment: Experiment) -> float:
    """Estimated seconds of `measure` on one core."""
    swept = sweep_seconds(affordable(experiment, _RATES), experiment.learning_rates[:1] * _RATES, (experiment.seed,))
    return swept + seconds_of_measurement(experiment)


def measure(experiment: Experiment) -> Ruler:
    """The ruler of 200 rates around an experiment's learning rates and its stability limit."""
    low, high = _ends(experiment)
    table = sweep(affordable(experiment, _RATES), grid(low, high, _RATES), seeds=(experiment.seed,))
    overshoot, predicted = _known(experiment)
    measured = measured_limit(experiment, low, high) if predictable(experiment) else None
    return Ruler(sweep=table, overshoot=overshoot, predicted=predicted, measured=measured)


def ruler_of_run(history: History) -> Ruler:
    """The ruler whose rates are those of a run, which rise; nothing but the limit is trained for it."""
    experiment = history.experiment
    overshoot, predicted = _known(experiment)
    return Ruler(
        sweep=of_run(history),
        overshoot=overshoot,
        predicted=predicted,
        measured=_limit_between(history),
        engine=experiment.engine,
    )


def _ends(experiment: Experiment) -> tuple[float, float]:
    """The lowest and the highest rate of a ruler: all lanes are between, and the limit."""
    lanes = experiment.learning_rates
    low, high = _UNKNOWN
    if predictable(experiment):
        limit = stability_limit(experiment)
        low, high = _BELOW * limit, _ABOVE * limit
    return max(min(*lanes, low) / _MARGIN, RATE_LIMITS[0]), min(max(*lanes, high) * _MARGIN, RATE_LIMITS[1])


def _known(experiment: Experiment) -> tuple[float, float]:
    """Both limits of theory, nan where it knows none."""
    if not predictable(experiment):
        return math.nan, math.nan
    return overshoot_limit(experiment), stability_limit(experiment)


def _limit_between(history: History) -> float | None:
    """The measured limit, looked for first between the neighbours among a run's rates that tell where it lies."""
    experiment = history.experiment
    if not predictable(experiment):
        return None
    neighbours = growing_between(history)
    found = measured_limit(experiment, *neighbours, digits=_DIGITS) if neighbours else None
    return found or measured_limit(experiment, *_ends(experiment), digits=_DIGITS)


def _limits(experiment: Experiment, ruler: Ruler) -> str:
    if not predictable(experiment):
        return "No limit is known beforehand: the rule or the schedule changes the size of the steps on the way."
    m = f"{experiment.momentum:g}"
    formula = f"2(1 + {m})/λ" if experiment.momentum else "2/λ"
    if experiment.momentum and experiment.optimizer == "nesterov":
        formula = f"2(1 + {m})/((1 + 2·{m})λ)"
    found = "not found among these rates" if ruler.measured is None else f"measured {number(ruler.measured)}"
    return f"Limit: predicted {formula} = {number(ruler.predicted)}, {found}."


def _onto(axis: Axis, values: np.ndarray) -> np.ndarray:
    """Values moved onto the axis: to the edge they left it by; not finite is beyond the top."""
    shown: np.ndarray = np.clip(np.where(np.isfinite(values), values, axis.high), axis.low, axis.high)
    return shown
