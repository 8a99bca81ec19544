"""The race's methods, held against closed forms, the article's own loss and what theory says of them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.diagnosis import alternatives
from core.diagnosis.alternatives import (
    Task,
    closed_form,
    draws_expected,
    evolution,
    genetic,
    gradient_descent,
    line_through,
    random_search,
    reached,
    task,
)
from tests.cases import for_each

X = np.arange(1.0, 6.0)  # the article's x; y = 2 x
METHODS = (evolution, genetic, random_search)
each_method = for_each("method", METHODS)
each_size = for_each("dimensions", [2, 3, 10, 100])


def mean_square(points: np.ndarray, w: float, b: float) -> np.ndarray:
    """The article's loss, written out."""
    residuals = points[..., :1] * X + points[..., 1:] - (w * X + b)
    return (residuals**2).mean(-1)


def test_two_numbers_are_the_articles_line():
    points = np.random.default_rng(0).normal(size=(50, 2)) * 5
    assert task(2).loss(points) == pytest.approx(mean_square(points, 2, 0))
    assert line_through(-1.5, 4).loss(points) == pytest.approx(mean_square(points, -1.5, 4))
    assert task(2).hessian == pytest.approx(np.array([[22, 6], [6, 2]]))
    assert task(2).reach == pytest.approx(10)


@each_size
def test_in_every_dimension_the_loss_begins_at_44_and_the_condition_number_is_70(dimensions):
    bowl = task(dimensions)
    assert bowl.loss(bowl.start) == pytest.approx(44)
    assert np.linalg.cond(bowl.hessian) == pytest.approx(69.9857, rel=1e-4)
    assert bowl.rate == pytest.approx(1 / 12)


@each_size
def test_the_gradient_is_that_of_finite_differences(dimensions):
    bowl = task(dimensions)
    point = np.random.default_rng(1).normal(size=dimensions)
    steps = 1e-4 * np.eye(dimensions)
    slopes = (bowl.loss(point + steps) - bowl.loss(point - steps)) / 2e-4
    assert bowl.gradient(point) == pytest.approx(slopes, rel=1e-6, abs=1e-6)


def test_gradient_descent_has_the_losses_science_gives_at_one_twelfth():
    loss = gradient_descent(task(2), 3000)[0]
    assert loss[[0, 3, 30, 300]] == pytest.approx([44, 41.55555556, 24.8437322, 0.1449086478])
    assert reached(loss[None], 1e-6)[0] == 3 * 308


def test_a_gradient_step_counts_as_three_evaluations():
    loss = gradient_descent(task(2), 8)[0]
    assert (loss[:3] == loss[0]).all()
    assert loss[3] < loss[2]
    assert (loss[3:6] == loss[3]).all()
    assert len(loss) == 9


@each_size
def test_the_closed_form_is_the_lowest_point(dimensions):
    bowl = task(dimensions)
    assert closed_form(bowl) == pytest.approx(bowl.best)
    assert bowl.loss(closed_form(bowl)) < 1e-25


def test_the_closed_form_of_a_line_is_the_fit_of_least_squares():
    assert closed_form(line_through(-1.5, 4)) == pytest.approx(np.polyfit(X, -1.5 * X + 4, 1))


@each_method
@each_size
def test_the_lowest_loss_so_far_never_rises_and_begins_at_the_start(method, dimensions):
    best = method(task(dimensions), 90, 4)
    assert best.shape == (4, 91)
    assert best[:, 0] == pytest.approx(44)
    assert (np.diff(best) <= 0).all()


@each_method
def test_a_seed_gives_the_same_runs_again_and_another_seed_others(method):
    first, again, other = (method(task(3), 200, 2, seed) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first[:, -1] != other[:, -1]).all()
    assert first[0, -1] != first[1, -1]


def test_random_search_needs_the_draws_science_gives():
    assert 10 ** draws_expected(task(2), 0.1) == pytest.approx(1801, abs=1)
    assert 10 ** draws_expected(task(2), 1e-6) == pytest.approx(1.8e8, rel=0.01)


def test_random_search_hits_as_often_as_the_ellipse_is_large():
    runs, draws = 600, 1801
    hits = (reached(random_search(task(2), draws, runs), 0.1) <= draws).mean()
    chance = 1 - math.exp(-1)  # that of a hit within as many draws as are expected
    assert hits == pytest.approx(chance, abs=4 * math.sqrt(chance * (1 - chance) / runs))


def test_the_share_of_the_box_is_right_in_three_dimensions_too():
    bowl = task(3)
    drawn = bowl.start + np.random.default_rng(0).uniform(-bowl.reach, bowl.reach, (400_000, 3))
    assert (bowl.loss(drawn) <= 4).mean() == pytest.approx(10 ** -draws_expected(bowl, 4), rel=0.08)


def test_random_search_draws_alike_in_blocks(monkeypatch):
    monkeypatch.setattr(alternatives, "_BLOCK", 7)
    best = random_search(task(2), 500, 30)
    assert (best[:, -1] < 44).all()
    assert (np.diff(best) <= 0).all()


@pytest.mark.parametrize(("dimensions", "science", "runs"), [(2, 0.6, 20), (10, 3.8, 10), (100, 88, 2), (300, 384, 1)])
def test_evolution_needs_as_many_evaluations_a_gradient_step_as_science_says_within_a_factor_of_two(
    dimensions, science, runs
):
    bowl = task(dimensions)
    steps = reached(gradient_descent(bowl, 1500), 1e-6)[0] / 3
    evolved = np.median(reached(evolution(bowl, 200_000, runs, target=1e-6), 1e-6))
    assert science / 2 < evolved / steps < 2 * science


def test_evolution_needs_about_281_evaluations_on_the_line():
    needed = reached(evolution(task(2), 2000, 200), 1e-6)
    assert 140 < np.median(needed) < 420


def test_one_step_in_five_is_kept():
    best = evolution(task(30), 4000, 10)
    kept = (np.diff(best[:, 1000:]) < 0).mean()
    assert kept == pytest.approx(0.2, abs=0.02)


def test_on_a_round_bowl_evolution_comes_nearer_by_two_tenths_of_the_dimension_an_evaluation():
    # Rechenberg (1973): 0.202 / d at best, as d grows; the one-fifth rule comes close to it.
    d = 100
    bowl = Task(curvatures=np.ones(d), best=np.ones(d), start=np.zeros(d))
    best = evolution(bowl, 8000, 4)
    shrink = np.log(best[:, 2000] / best[:, 8000]).mean() / 2 / 6000
    assert 0.15 < shrink * d < 0.21


def test_evolution_stops_when_every_run_is_there():
    best = evolution(task(2), 5000, 5, target=1e-6)
    assert best.shape[1] < 5000
    assert (best[:, -1] <= 1e-6).all()
    assert best[:, -2].max() > 1e-6


def test_breeding_finds_two_numbers_and_not_a_hundred():
    two, hundred = genetic(task(2), 2000, 10), genetic(task(100), 2000, 3)
    assert np.median(two[:, -1]) < 1e-5
    assert np.median(hundred[:, -1]) > 0.1


def test_what_is_never_reached_takes_for_ever():
    assert reached(np.array([[4.0, 2.0, 1.0], [4.0, 4.0, 3.0]]), 2.0).tolist() == [1, math.inf]


def test_the_starts_and_bests_are_shared_and_stay_as_they_are():
    before = task(10).start.copy(), task(10).best.copy()
    for method in METHODS:
        method(task(10), 100, 2)
    gradient_descent(task(10), 100)
    assert (task(10).start == before[0]).all()
    assert (task(10).best == before[1]).all()
