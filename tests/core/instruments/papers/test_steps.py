"""Momentum's best rate, silver steps and the bound of schedules, against closed forms and a game played out."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from core.instruments.papers import steps
from core.instruments.papers.steps import schedule_bound, silver_steps, worst_huber


def test_polyaks_rate_and_momentum_give_the_fastest_matrix_of_all():
    # Two steps of momentum on a curvature c are a 2 x 2 matrix; its spectral radius at both ends of the spectrum is
    # sqrt(momentum), and any other pair near it is slower.
    def radius(rate, momentum):
        ends = np.linalg.eigvalsh([[22.0, 6.0], [6.0, 2.0]])
        steps = [np.array([[1 + momentum - rate * c, -momentum], [1.0, 0.0]]) for c in ends]
        return max(np.abs(np.linalg.eigvals(step)).max() for step in steps)

    best = radius(steps.POLYAK_RATE, steps.POLYAK_MOMENTUM)
    assert best == pytest.approx(np.sqrt(steps.POLYAK_MOMENTUM), rel=1e-6)
    for rate, momentum in ((1.01, 1), (0.99, 1), (1, 1.01), (1, 0.99)):
        assert radius(rate * steps.POLYAK_RATE, momentum * steps.POLYAK_MOMENTUM) > best
    rate, momentum = steps.POLYAK_RATE, steps.POLYAK_MOMENTUM
    assert rate == pytest.approx(0.134876, abs=5e-7)
    assert momentum == pytest.approx(0.618513, abs=5e-7)


def test_silver_steps_are_built_by_doubling():
    # Altschuler and Parrilo's own definition: the steps so far, one that is longer, the steps so far again.
    rho, built = 1 + np.sqrt(2), [np.sqrt(2)]
    for k in range(1, 7):
        built = [*built, 1 + rho ** (k - 1), *built]
    assert silver_steps(127) == pytest.approx(built)


@pytest.mark.parametrize("count", [1, 7, 127, 1023])
def test_at_the_constant_rate_1_the_worst_huber_loss_is_known(count):
    # Drori and Teboulle (2014): 1 / (4 n + 2).
    assert worst_huber(np.ones(count)) == pytest.approx(1 / (4 * count + 2), rel=1e-4)


@pytest.mark.parametrize("count", [10, 100, 400])
def test_the_bound_of_a_schedule_is_the_least_over_its_rate(count):
    # The theorem written out with its rate, sum by sum, and minimized by SciPy; D = G = 1.
    shapes = {"constant": np.ones(count), "linear": 1 - np.arange(count) / count}
    for multipliers in shapes.values():

        def bound(log_rate, multipliers=multipliers):
            eta = np.exp(log_rate) * multipliers
            total = 1 / (2 * eta.sum()) + (eta**2).sum() / (2 * eta.sum())
            for k in range(count - 1):
                total += eta[k] / eta[k + 1 :].sum() * (eta[k:] ** 2).sum() / eta[k:].sum() / 2
            return total

        least = minimize_scalar(bound, bracket=(-5, 0)).fun
        assert schedule_bound(multipliers) == pytest.approx(np.sqrt(count) * least, rel=1e-6)


def test_linear_decay_comes_near_the_best_there_is_and_a_constant_rate_grows_with_the_logarithm():
    # Defazio et al. (2023), arXiv 2310.07831: D G / sqrt(T) times about 2 with linear decay to 0.
    linear = [schedule_bound(1 - np.arange(n) / n) for n in (100, 1600)]
    constant = [schedule_bound(np.ones(n)) for n in (100, 400, 1600)]
    assert linear[1] < linear[0] < 2.05
    assert np.diff(constant) == pytest.approx([0.25, 0.25], abs=0.03)
