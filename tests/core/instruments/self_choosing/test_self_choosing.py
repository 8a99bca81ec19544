"""Rates that choose themselves, against closed forms and scipy's own line searches."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import line_search, minimize_scalar

from core.data.surfaces import surface
from core.diagnosis.alternatives import STEP_COST
from core.diagnosis.theory import curvatures, stability_limit
from core.experiment.experiment import Experiment
from core.instruments.self_choosing.rules import (
    armijo,
    barzilai_borwein,
    descend,
    exact_line_search,
    exact_steps,
    fixed,
    of_line,
    of_surface,
    silver,
)
from core.training.train import train

LINE = Experiment(learning_rates=(0.01,), epochs=50)
SURFACES = ("ravine", "Rosenbrock", "Himmelblau", "double well")


def test_a_fixed_rate_is_plain_training():
    found = descend(of_line(LINE), fixed(0.01), 50)
    np.testing.assert_allclose(found.losses, train(LINE).loss[0], rtol=1e-10)
    assert (found.rates == 0.01).all()
    assert found.evaluations == 51 * 3  # a gradient a place


def test_two_exact_steps_solve_the_articles_line_though_the_second_is_35_times_over_the_limit():
    rule = exact_steps(curvatures(LINE).tolist())
    found = descend(of_line(LINE), rule, 2)
    assert found.losses[2] < 1e-24 * found.losses[0]
    assert found.rates[0] == pytest.approx(0.04226203, rel=1e-6)  # 1 / lmax
    assert found.rates[1] / stability_limit(LINE) == pytest.approx(35, rel=0.01)


@pytest.mark.parametrize("data", ["article", "noisy-line"])
def test_an_exact_line_search_takes_the_rate_scipy_finds_least_along_the_gradient(data):
    line = of_line(Experiment(data=data, learning_rates=(0.01,)))
    found = descend(line, exact_line_search, 6)
    for place, rate in zip(found.path[:3], found.rates[:3], strict=True):
        slope = line.gradient(place)
        best = minimize_scalar(lambda t, p=place, g=slope: line.loss(p - t * g), bracket=(0, 0.5 * rate, 2 * rate))
        assert rate == pytest.approx(best.x, rel=1e-4)
    assert (np.diff(found.losses) <= 0).all()


def test_successive_gradients_of_an_exact_line_search_are_at_right_angles():
    # On a quadratic the next gradient is g - t H g, t = g.g / g.Hg, so g times it is 0 but for rounding: that of a
    # gradient, largest curvature x |w|, and that of t H g, at most condition x |g|, each by eps and times |g|.
    # Accepted: 4 such units (seen .5 at most by three kinds of processor).
    line = of_line(LINE)
    path = descend(line, exact_line_search, 8).path
    low, high = np.linalg.eigvalsh(line.hessian)
    for one, other in pairwise(line.gradient(place) for place in path):
        size = np.linalg.norm(one)
        rounding = np.finfo(float).eps * size * (high * np.abs(path).max() + high / low * size)
        assert abs(one @ other) <= 4 * rounding


def test_silver_steps_shrink_each_direction_by_the_product_of_their_factors():
    # Along a curvature c each step multiplies the error by 1 - rate c; the rates are written out from the paper.
    root, values = np.sqrt(2), curvatures(LINE)
    taken = np.array([root, 2, root, 2 + root, root, 2, root]) / values[-1]
    line = of_line(LINE)
    found = descend(line, silver(float(values[-1])), 7)
    assert found.rates == pytest.approx(taken)
    bottom = np.linalg.solve(line.hessian, -line.gradient(np.zeros(2)))
    error = np.linalg.eigh(line.hessian)[1].T @ (found.path - bottom).T
    assert error[:, -1] == pytest.approx(error[:, 0] * np.prod(1 - np.outer(values, taken), axis=1), rel=1e-9)
    assert taken.max() > 2 / values[-1], "above the limit"


def test_an_exact_line_search_refuses_a_loss_whose_curvature_changes():
    with pytest.raises(ValueError, match="hessian must be constant"):
        descend(of_surface(surface("ravine")), exact_line_search, 1)


@pytest.mark.parametrize("name", SURFACES)
def test_armijo_gets_what_it_asks_for_at_every_step_and_twice_the_rate_would_not_unless_it_was_the_first_guess(name):
    objective = of_surface(surface(name))
    found = descend(objective, armijo, 60)
    last = 0.5  # the first guess is 1
    for k, rate in enumerate(found.rates):
        here, slope = found.path[k], objective.gradient(found.path[k])
        if rate == 0 or slope @ slope == 0:
            break

        def enough(r, at=here, g=slope):
            return objective.loss(at - r * g) <= objective.loss(at) - 1e-4 * r * (g @ g)

        assert enough(rate)
        assert rate == 2 * last or not enough(2 * rate)
        last = rate
    assert (np.diff(found.losses) <= 0).all()


def test_armijos_first_rate_passes_scipys_own_armijo_condition():
    objective = of_surface(surface("Rosenbrock"))
    rate = descend(objective, armijo, 1).rates[0]
    slope = objective.gradient(objective.start)
    scipys = line_search(objective.loss, objective.gradient, objective.start, -slope, c1=1e-4, c2=0.9)[0]
    assert scipys is not None and 0.05 < rate / scipys < 20  # both short steps down the same wall


def test_barzilai_borwein_takes_the_inverse_of_a_curvature_between_the_least_and_the_largest():
    low, high = curvatures(LINE)
    found = descend(of_line(LINE), barzilai_borwein, 12)
    rates = found.rates[1:][found.losses[1:-1] > 1e-20]  # closer to the minimum they are made of rounding
    assert len(rates) >= 4
    assert ((rates >= 1 / high * (1 - 1e-9)) & (rates <= 1 / low * (1 + 1e-9))).all()


def test_from_the_worst_start_an_exact_line_search_is_no_faster_than_the_best_fixed_rate():
    # Known: with errors 1 / curvature along both eigenvectors it zig-zags, and the loss shrinks by
    # ((k - 1) / (k + 1))^2 a step, k the condition number; so does the fixed rate 2 / (lmin + lmax), in the worst case.
    line = of_line(LINE)
    values, vectors = np.linalg.eigh(line.hessian)
    worst = replace(line, start=np.linalg.solve(line.hessian, line.hessian @ [2.0, 0.0]) + vectors @ (1 / values))
    condition = values[1] / values[0]
    found = descend(worst, exact_line_search, 30).losses
    shrinks = ((condition - 1) / (condition + 1)) ** 2
    np.testing.assert_allclose(found, found[0] * shrinks ** np.arange(31), rtol=1e-6)
    assert descend(worst, barzilai_borwein, 30).losses[-1] < 1e-9 * found[-1]


def test_evaluations_are_counted_as_they_are_made():
    asked = []
    line = of_line(LINE)

    def counted(function, cost):
        def count(at):
            asked.extend([1] * cost)
            return function(at)

        return count

    watched = type(line)(
        loss=counted(line.loss, 1),
        gradient=counted(line.gradient, STEP_COST),  # as lesson 7 counts a gradient step
        start=line.start,
        least=line.least,
        hessian=line.hessian,
    )
    found = descend(watched, armijo, 25)
    assert found.evaluations == len(asked) - 26  # the curve itself is looked at afterwards, place by place
