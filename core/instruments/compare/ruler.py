"""The ruler: what every learning rate between the lanes and beyond would have done, beside what theory says."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...diagnosis.theory import overshoot_limit, stability_limit
from ...drawing.axes import Axis, positive, whole_decades
from ...drawing.frames import Columns
from ...drawing.zones import limit_table, zone_table
from ...experiment.experiment import Experiment
from ...training.history import History
from ...words import LANE_LETTERS, number
from ..sweep.sweep import SweepTable, affordable, grid, measured_limit, seconds_of_measurement, sweep
from ..sweep.sweep import seconds as sweep_seconds

_RATES = 200
_BELOW, _ABOVE = 1e-3, 10.0  # of the limit: the ruler shows at least from here to there
_DEPTH = 15  # decades of loss it shows at most
_STRETCH = 4  # rates in a row: fewer are a dip, not a stretch below
_MARGIN = 1.8  # room beside the outermost lane, so that its handle is whole


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class Ruler:
    """200 rates of one experiment beside what theory says of them.

    sweep: final loss of each, after sweep.epochs (fewer than the experiment's where 200 rates would take
    too long).  overshoot, predicted: the rates at which steps begin to overshoot, and to grow without end,
    for the full batch.  measured: where runs really begin to grow; None where none or all do.

    The tables below feed charts.ruler.
    """

    sweep: SweepTable
    overshoot: float
    predicted: float
    measured: float | None

    @property
    def rates(self) -> Axis:
        """The learning rates it spans."""
        return Axis(low=float(self.sweep.learning_rates[0]), high=float(self.sweep.learning_rates[-1]))

    def losses(self, lanes: Axis) -> Axis:
        """Its loss axis: as high as the lanes' own, and deeper, for most of what there is to see lies far down."""
        lowest = float(positive(self.sweep.final_loss).min(initial=lanes.low))
        return whole_decades(lowest, lanes.high, most=_DEPTH)

    def curve(self, losses: Axis) -> pd.DataFrame:
        """Columns rate, loss, target, words: final loss of each rate, nan where there is none to draw.

        target: where a click finds the rate, on the edge where its loss is off the axis.  words: the loss.
        """
        loss = self.sweep.final_loss[0]
        return pd.DataFrame(
            {
                "rate": self.sweep.learning_rates,
                "loss": np.where(np.isfinite(loss) & (loss > 0), loss, np.nan),
                "target": _onto(losses, loss),
                "words": [number(value) for value in loss],
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
    """The ruler around an experiment's learning rates and its stability limit."""
    limit = stability_limit(experiment)
    lanes = experiment.learning_rates
    low = max(min(*lanes, _BELOW * limit) / _MARGIN, 1e-12)
    high = min(max(*lanes, _ABOVE * limit) * _MARGIN, 1e6)
    return Ruler(
        sweep=sweep(affordable(experiment, _RATES), grid(low, high, _RATES), seeds=(experiment.seed,)),
        overshoot=overshoot_limit(experiment),
        predicted=limit,
        measured=measured_limit(experiment, low, high),
    )


def _onto(axis: Axis, values: np.ndarray) -> np.ndarray:
    """Values moved onto the axis: to the edge they left it by; not finite is beyond the top."""
    shown: np.ndarray = np.clip(np.where(np.isfinite(values), values, axis.high), axis.low, axis.high)
    return shown
