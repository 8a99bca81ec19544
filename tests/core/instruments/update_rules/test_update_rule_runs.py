"""Update rules on surfaces: against torch.optim and its hidden state, and against what is known of quadratics."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.data.surfaces import ALL_NAMES, surface
from core.diagnosis.theory import stability_line
from core.instruments.update_rules import charts as charts
from core.instruments.update_rules.runs import (
    TRIED,
    arrow_table,
    best_rate,
    caveat,
    conclusion,
    height_axis,
    outcome,
    path_table,
    race_table,
    run_rule,
    settles,
    square_table,
    usual_momentum,
)
from core.methods.optimizers import UPDATE_RULES
from core.story.fog import best_fixed
from tests.cases import for_each
from tests.vega import check, nodes

HEIGHT = {
    "ravine": lambda w, b: (w**2 + 50 * b**2) / 2,
    "Rosenbrock": lambda w, b: (1 - w) ** 2 + 100 * (b - w**2) ** 2,
}
# Each rule as torch.optim has it, and what it calls its velocity and its squares.
THEIRS = {
    "sgd": (torch.optim.SGD, {}, None, None),
    "momentum": (torch.optim.SGD, {"momentum": 0.8}, "momentum_buffer", None),
    "nesterov": (torch.optim.SGD, {"momentum": 0.8, "nesterov": True}, "momentum_buffer", None),
    "adagrad": (torch.optim.Adagrad, {}, None, "sum"),
    "rmsprop": (torch.optim.RMSprop, {}, None, "square_avg"),
    "adam": (torch.optim.Adam, {"betas": (0.8, 0.999)}, "exp_avg", "exp_avg_sq"),
    "adamw": (torch.optim.AdamW, {"betas": (0.8, 0.999)}, "exp_avg", "exp_avg_sq"),
}
RATE = {"ravine": 0.005, "Rosenbrock": 0.0005}


def of_torch(name, rule, rate, steps):
    """(path, velocity, square), each (steps + 1, 2), by autograd and torch.optim."""
    kind, settings, velocity, square = THEIRS[rule]
    place = torch.tensor(surface(name).start, dtype=torch.float64, requires_grad=True)
    optimizer = kind([place], lr=rate, **settings)
    rows = [(place.detach().numpy().copy(), np.zeros(2), np.zeros(2))]
    for _ in range(steps):
        optimizer.zero_grad()
        HEIGHT[name](*place).backward()
        optimizer.step()
        held = {key: value.numpy().copy() for key, value in optimizer.state[place].items() if torch.is_tensor(value)}
        rows.append((place.detach().numpy().copy(), held.get(velocity), held.get(square)))
    return [[row[k] for row in rows] for k in range(3)]


@for_each("name", HEIGHT)
@for_each("rule", UPDATE_RULES)
def test_way_and_memory_are_those_of_torch(rule, name):
    ours = run_rule(surface(name), rule, RATE[name], 0.8, 60)
    path, velocity, square = of_torch(name, rule, RATE[name], 60)
    assert ours.path == pytest.approx(np.array(path), rel=1e-9, abs=1e-12)
    for mine, theirs in ((ours.velocity, velocity), (ours.square, square)):
        if mine is None:
            assert theirs[-1] is None
        else:
            assert mine == pytest.approx(np.array(theirs), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("rule", ["sgd", "momentum", "nesterov"])
@pytest.mark.parametrize("name", ["ravine", "turned ravine"])
def test_on_a_quadratic_a_rule_settles_below_a_share_of_1_and_runs_away_above(rule, name):
    land, line = surface(name), stability_line(rule, usual_momentum(rule, 0.8))
    for share in (0.97, 1.03):
        way = run_rule(land, rule, share * line / 50, 0.8, 2000)
        assert way.share[: way.kept] == pytest.approx(share)
        assert (way.arrived is not None) == (share < 1)
        assert (way.height[-1] < way.height[0]) == (share < 1)


def test_the_share_of_a_rule_with_scales_is_that_of_its_scaled_hessian():
    way = run_rule(surface("Rosenbrock"), "adam", 0.05, 0.9, 30)
    assert np.isnan(way.share[0])  # nothing remembered yet
    k = 30
    size = (np.sqrt(way.square[k] / (1 - 0.999**k)) + 1e-8) * (1 - 0.9**k)
    eigenvalues = np.linalg.eigvals(np.diag(1 / size) @ surface("Rosenbrock").hessian(way.path[k]))
    assert way.share[k] == pytest.approx(0.05 * eigenvalues.real.max() / 38, rel=1e-9)


def test_the_best_rate_of_the_bowl_is_one_over_its_curvature():
    assert best_rate(surface("round bowl"), "sgd", 0.9, 50) == pytest.approx(1, rel=0.02)
    assert run_rule(surface("round bowl"), "sgd", 1.0, 0.9, 50).arrived == 1


@pytest.mark.parametrize("name", ["ravine", "double well"])
def test_the_best_rate_of_gradient_descent_takes_few_more_steps_than_the_lessons_luckiest(name):
    rate = best_rate(surface(name), "sgd", 0.9, 200)
    arrived = run_rule(surface(name), "sgd", rate, 0.9, 200).arrived
    assert arrived is not None
    assert arrived <= 1.15 * best_fixed(name).steps + 2


def slowest(land, rule, rate):
    """(steps, height) of the slowest of a rate and its neighbours, one at a time."""
    ways = [run_rule(land, rule, factor * rate, 0.9, 100) for factor in (1 / 1.035, 1, 1.035)]
    if not all(land.on_map(way.path).all() for way in ways):
        return math.inf, math.inf
    return max(math.inf if way.arrived is None else way.arrived for way in ways), max(way.height[-1] for way in ways)


@for_each("name", ALL_NAMES)
@for_each("rule", UPDATE_RULES)
def test_no_rate_nearby_is_much_better_than_the_best(name, rule):
    land = surface(name)
    best = best_rate(land, rule, 0.9, 100)
    steps, height = slowest(land, rule, best)
    for factor in (0.25, 0.5, 0.8, 1.25, 2, 4):
        other_steps, other_height = slowest(land, rule, factor * best)
        if math.isinf(steps):
            assert math.isinf(other_steps)
            assert not other_height < 0.8 * height
        else:
            assert other_steps >= 0.94 * steps - 1  # rounded to three digits, and neighbours not quite the same


def test_the_best_rate_keeps_to_the_map_where_any_does():
    land = surface("ravine")
    way = run_rule(land, "adagrad", best_rate(land, "adagrad", 0.9, 100), 0.9, 100)
    assert land.on_map(way.path).all()
    leap = run_rule(land, "adagrad", 100.0, 0.9, 100)
    assert leap.arrived is not None and leap.arrived < way.arrived  # which is why the rule is needed


def test_turning_the_ravine_changes_nothing_for_gradient_descent_and_takes_rmsprops_lead():
    steps = {
        name: {
            rule: run_rule(surface(name), rule, best_rate(surface(name), rule, 0.9, 200), 0.9, 200).arrived
            for rule in ("sgd", "rmsprop")
        }
        for name in ("ravine", "turned ravine")
    }
    assert steps["turned ravine"]["sgd"] == pytest.approx(steps["ravine"]["sgd"], abs=3)
    assert steps["ravine"]["rmsprop"] < 20
    assert steps["turned ravine"]["rmsprop"] > 4 * steps["ravine"]["rmsprop"]


def test_settling_is_staying():
    heights = np.array([[9, 1, 9, 1], [9, 1, 1, 1], [1, 1, 1, 1], [9, 9, 9, np.nan]], float)
    assert settles(heights, 1).tolist() == [3, 1, 0, math.inf]


def test_an_overflow_is_told_and_drawn_only_as_far_as_it_goes():
    land = surface("Rosenbrock")
    way = run_rule(land, "sgd", 1.0, 0.9, 100)
    first = int((~np.isfinite(way.height)).argmax())
    assert outcome(way, 100) == f"Overflows at step {first}."
    assert 1 <= way.kept <= first
    for table in (path_table(way), arrow_table(land, way), square_table(way), race_table({"sgd": way})):
        assert np.isfinite(table.drop(columns="share", errors="ignore").select_dtypes("number")).all().all()
    assert conclusion({"sgd": way}, fair=False) == "None arrives: all overflow."


def test_the_first_arrow_points_straight_downhill_and_the_largest_has_length_1():
    land = surface("turned ravine")
    way = run_rule(land, "momentum", 0.01, 0.9, 40)
    arrows = arrow_table(land, way)
    first = arrows[(arrows.kind == "downhill") & (arrows.epoch == 0)].iloc[0]
    slope = land.gradient(land.start)
    assert [first.right * 9, first.up * 9] == pytest.approx((-slope).tolist())
    assert arrows.length.max() == pytest.approx(1)
    velocity = arrows[(arrows.kind == "velocity") & (arrows.epoch == 1)].iloc[0]
    assert [velocity.right * 9, velocity.up * 9] == pytest.approx((-slope).tolist())  # the first velocity


def test_squares_are_equal_where_the_slopes_are():
    way = run_rule(surface("turned ravine"), "adam", 0.1, 0.9, 10)
    sides = square_table(way)
    last = sides[sides.epoch == 10].set_index("axis").side
    slopes = np.sqrt(way.square[10])
    assert (last["w"] / last["b"]) ** 2 == pytest.approx(slopes[0] / slopes[1])
    assert square_table(run_rule(surface("ravine"), "sgd", 0.01, 0, 10)).empty


def test_the_moral_names_the_first_and_who_is_late():
    land = surface("ravine")
    ways = {rule: run_rule(land, rule, best_rate(land, rule, 0.9, 80), 0.9, 80) for rule in ("sgd", "nesterov")}
    assert conclusion(ways, fair=True).startswith(
        f"**Nesterov momentum** is first at the bottom, after {ways['nesterov'].arrived} steps. "
        "Not there: Gradient descent. Their best rates lie a factor of"
    )
    assert "more about the rates than about the rules" in conclusion(ways, fair=False)
    assert caveat(land, ways) == ""
    assert "runs along an axis" in caveat(land, {"adam": ways["sgd"]})


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("rule", ["sgd", "adam"])
def test_charts_are_over_what_the_page_sends(theme, rule):
    land = surface("saddle")
    way = run_rule(land, rule, 0.1, 0.9, 20)
    columns = {
        "contours": {"w", "b", "w2", "b2"},
        "path": set(path_table(way)),
        "arrows": set(arrow_table(land, way)),
        "squares": set(square_table(way)),
        "places": {"w", "b"},
        "ways": set(race_table({rule: way})),
    }
    spec = charts.way(theme, 3, land.w_range, land.b_range, way.square is not None)
    check(spec, columns)
    race = charts.heights(theme, (rule,), ("Its title",), (3,), 20, height_axis({rule: way}))
    check(race, columns)
    check(charts.shares(theme, (rule,), ("Its title",), (3,), 20), columns)
    legends = [node["color"]["legend"] for node in nodes(race) if "color" in node and "legend" in node["color"]]
    assert sum(legend is not None for legend in legends) == 1


def test_the_best_rate_is_found_by_trying_as_many_rates_as_the_page_says():
    land, seen = surface("ravine"), set()

    def gradient_at(w, b):
        seen.add(np.size(w))
        return land.gradient_at(w, b)

    best_rate(replace(land, gradient_at=gradient_at), "sgd", 0.0, 20)
    assert max(seen) == TRIED == 401


def test_where_the_ground_bends_alike_adagrads_share_only_falls_and_those_that_forget_can_climb():
    land = surface("ravine")
    hessian = np.array([(land.gradient(np.array([at])) - land.gradient(np.zeros((1, 2))))[0] for at in np.eye(2)])
    place, squares, shares = np.array(land.start, float), np.zeros(2), []
    for _ in range(200):
        slope = land.gradient(place[None])[0]
        squares += slope**2
        scales = 1 / np.sqrt(np.sqrt(squares) + 1e-10)
        shares.append(np.linalg.eigvalsh(scales[:, None] * hessian * scales).max())
        place = place - 0.5 * slope / (np.sqrt(squares) + 1e-10)
    assert (np.diff(shares) <= 1e-12).all()
    ours = run_rule(land, "adagrad", 0.5, 0.0, 200).share[1:]
    np.testing.assert_allclose(ours / ours[0], np.array(shares) / shares[0], rtol=1e-6)
    for rule in ("rmsprop", "adam"):
        climbs = run_rule(land, rule, 0.02, 0.9, 400).share[1:]
        assert climbs[climbs.argmin() :].max() > 2 * climbs.min()
