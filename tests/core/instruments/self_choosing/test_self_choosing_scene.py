"""Rates that choose themselves side by side: against the closed forms, and what is said of them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.instruments.self_choosing import charts as charts
from core.instruments.self_choosing.scene import (
    LINES,
    LOSSES,
    SLOW,
    SURFACES,
    TITLES,
    WHAT,
    choosing,
    conclusion,
    described,
    loss_axis,
    loss_table,
    rate_axis,
    rate_table,
    standings,
)
from tests.vega import check


def test_the_articles_line_in_two_steps_with_a_rate_35_times_over_its_limit():
    found = choosing("The article's line", 50)
    assert found.limit == pytest.approx(0.08452405, rel=1e-6)
    assert found.reached["exact"] == (2, 9)  # two steps: three gradients, of three evaluations each
    assert found.reached["fixed"] is None  # at 2/(lmin + lmax), 50 steps are too few
    said = conclusion(found)
    assert "the second, 2.958, is 35 times the stability limit" in said
    row = next(row for row in standings(found) if row["rule"] == "Two exact steps")
    assert (row["steps to a millionth"], row["times the limit"]) == ("2", "35")


def cauchy(start, hessian, bottom):
    """Steps of an exact line search until a quadratic has a millionth of its first height."""
    error, steps = np.array(start) - bottom, 0
    first = error @ hessian @ error
    while error @ hessian @ error > 1e-6 * first:
        slope = hessian @ error
        error, steps = error - slope @ slope / (slope @ hessian @ slope) * slope, steps + 1
    return steps


def test_from_the_slow_start_a_line_search_takes_hundreds_of_steps_and_from_the_usual_ones_few():
    hessian, bottom = np.array([[22.0, 6.0], [6.0, 2.0]]), np.array([2.0, 0.0])
    vectors = np.linalg.eigh(hessian)[1]
    slow = choosing(SLOW, 500)
    start = slow.runs["search"].path[0]
    np.testing.assert_allclose(np.abs(vectors.T @ hessian @ (start - bottom)), 1, rtol=1e-9)  # equal parts
    assert slow.reached["search"][0] == pytest.approx(cauchy(start, hessian, bottom), abs=1)
    assert cauchy(start, hessian, bottom) > 200
    assert choosing("The article's line", 500).reached["search"][0] == cauchy((0, 0), hessian, bottom) < 10
    assert "for hundreds of steps; from other starts a few can do" in WHAT["search"]
    assert "a slow start" in described(SLOW)


def test_the_fixed_rate_is_the_best_in_the_worst_case_and_not_from_every_start():
    values = np.linalg.eigvalsh([[22.0, 6.0], [6.0, 2.0]])
    rates = np.linspace(0.07, 0.0845, 400)
    worst = np.abs(1 - np.outer(rates, values)).max(axis=1)
    fixed = choosing("The article's line", 500).runs["fixed"].rates[0]
    assert rates[worst.argmin()] == pytest.approx(fixed, abs=1e-4)
    # 197 steps at .08, 308 at 1/12, to the loss 1e-6: the science of the article's line.
    assert "best in the worst case, though from some starts another is faster" in WHAT["fixed"]


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_has_the_rules_that_can_be_used_on_it(name):
    found = choosing(name, 30)
    exact = {"exact", "search", "silver"} if name in LINES else set()
    assert set(found.runs) == {"fixed", "barzilai", "armijo"} | exact
    assert math.isnan(found.limit) == (name in SURFACES)
    assert described(name)
    assert set(found.runs) <= set(TITLES) == set(WHAT)


@pytest.mark.parametrize("name", LOSSES)
def test_axes_hold_what_is_drawn_and_tables_are_finite(name):
    found = choosing(name, 200)
    rates, losses = rate_table(found), loss_table(found)
    axis, lowest = rate_axis(found), loss_axis(found)
    assert rates.rate.between(axis.low, axis.high).all()
    assert np.isfinite(losses.loss).all() and (losses.loss > 0).all()
    assert lowest.low < lowest.high
    assert losses.loss.min() >= lowest.low or lowest.low == pytest.approx(lowest.high * 1e-15, rel=1e2)


def test_steps_and_evaluations_are_those_of_the_walk():
    found = choosing("A noisy line", 300)
    for name, run in found.runs.items():
        steps, evaluations = found.reached[name]
        assert run.losses[steps] <= 1e-6 * run.losses[0] < run.losses[steps - 1]
        assert steps < evaluations <= run.evaluations


def test_where_none_is_down_yet_it_says_so():
    assert conclusion(choosing("Rosenbrock", 10)).startswith("None is down")


def test_another_loss_is_refused_by_name():
    with pytest.raises(ValueError, match=r"loss must be one of The article's line, .*got 'hill'"):
        choosing("hill", 10)


@pytest.mark.parametrize("limit", [0.1, math.nan])
def test_charts_are_over_what_the_page_sends(limit):
    found = choosing("The article's line", 20)
    names, titles = tuple(found.runs), tuple(TITLES[name] for name in found.runs)
    places = tuple(range(len(names)))
    check(charts.losses("dark", names, titles, places, 20, loss_axis(found)), {"losses": set(loss_table(found))})
    check(charts.rates("dark", names, titles, places, 20, rate_axis(found), limit), {"rates": set(rate_table(found))})
