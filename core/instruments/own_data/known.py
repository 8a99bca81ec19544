"""What is known of somebody's own data before anything is trained on it, and experiments worth opening on it."""

from dataclasses import dataclass, replace

import numpy as np

from ...data.datasets import dataset
from ...diagnosis.theory import stability_limit, textbook_trio
from ...experiment.experiment import RATE_LIMITS, Experiment
from ...training.problems import problem

_FLAT = 1e-12  # of the largest curvature: below it lies rounding
HARD = 1000  # a condition number from which on a line as measured takes thousands of epochs
HOPELESS = 1e8  # from which on no number of epochs that anybody waits for reaches the flattest direction
_SECONDS = 1.5  # of a run that a link opens, at most
_SWEPT = 60  # times the cost of a sweep's two ends: 40 rates of 3 seeds


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Of a linear model under the mean of squares, full batch: the largest stable rate, exact.

    limit: 2 / lmax of H = 2/n X'X, X with a column of ones.  condition: lmax / lmin among curvatures above rounding.
    flat: how many directions have no curvature at all.
    """

    limit: float
    condition: float
    flat: int


def known(name: str, standardize: bool) -> Known:
    """What is Known of the data set of this name; for classes it is that of telling one class from the rest."""
    inputs = problem(Experiment(data=name, standardize=standardize, learning_rates=(1.0,), epochs=1)).inputs
    # Squared singular values of X: those of X'X would lose half the digits of the smallest.
    curvatures = 2 / len(inputs) * np.linalg.svd(inputs, compute_uv=False) ** 2
    above = curvatures[curvatures > _FLAT**2 * curvatures[0]]
    return Known(
        limit=float(2 / curvatures[0]),
        condition=float(above[0] / above[-1]),
        flat=inputs.shape[1] - len(above),
    )


def openings(name: str, standardize: bool) -> dict[str, Experiment]:
    """Experiments worth opening on the data set of this name, by the page that shows them: compare, network, sweep.

    compare is there for a line only, and where the rates theory asks for are rates one can ask for.
    """
    data, what = dataset(name), known(name, standardize)
    limit = what.limit
    plain = Experiment(data=name, standardize=standardize, learning_rates=(1.0,), epochs=1)
    found = {}
    if plain.network() is None and limit > 200 * RATE_LIMITS[0]:
        # As long as the flattest direction takes, within reason; not so long that every rate arrives.
        trio = textbook_trio(replace(plain, epochs=round(min(max(10 * what.condition, 100), 1000))))
        rounded = tuple(float(f"{rate:.4g}") for rate in trio.learning_rates)
        found["compare"] = _affordable(replace(trio, learning_rates=rounded), _SECONDS)
    # A network with large targets is steep in proportion to their square.
    scale = limit / max(1.0, float(np.var(data.y))) if data.task != "classes" else limit
    held = 0.25 if len(data.y) >= 20 else 0.0
    network = replace(plain, hidden=(8, 8), test_share=held, epochs=1000)
    found["network"] = _affordable(replace(network, learning_rates=_rates(scale, 0.01, 0.3, 10)), _SECONDS)
    if plain.quadratic:
        rates = _rates(stability_limit(plain), 1e-4, 10)
        found["sweep"] = _affordable(replace(plain, learning_rates=rates, epochs=300), _SECONDS / _SWEPT)
    else:
        rates = _rates(scale, 1e-3, 30)
        found["sweep"] = _affordable(replace(network, learning_rates=rates, epochs=300), _SECONDS / _SWEPT)
    return found


def _rates(limit: float, *shares: float) -> tuple[float, ...]:
    """These shares of a limit, to three digits, within what a rate may be."""
    low, high = RATE_LIMITS
    return tuple(min(max(float(f"{share * limit:.3g}"), low), high) for share in shares)


def _affordable(experiment: Experiment, seconds: float) -> Experiment:
    return replace(experiment, epochs=experiment.epochs_within(seconds))
