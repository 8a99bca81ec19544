"""Lesson 2's walks and scores, held against closed forms, torch.optim and a search of its own."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import pytest
import torch

from core.data.surfaces import NAMES, surface
from core.story import fog
from core.story.fog import Walk, questions
from tests.cases import for_each

best_fixed = lru_cache(fog.best_fixed)
each_landscape = for_each("name", NAMES)


def by_torch(name: str, rates: list[float]) -> list[list[float]]:
    """The same walk by torch.optim.SGD, the rate set anew before each step."""
    land = surface(name)
    at = torch.tensor(land.start, dtype=torch.float64, requires_grad=True)
    rule = torch.optim.SGD([at], lr=1.0)
    places = [at.tolist()]
    for rate in rates:
        rule.param_groups[0]["lr"] = rate
        at.grad = torch.tensor(land.gradient(at.detach().numpy()))
        rule.step()
        places.append(at.tolist())
    return places


def steps_of(name: str, *rates: float) -> list[float]:
    """Steps to the bottom to stay there at each rate, by a plain loop; infinity for never."""
    land, rate = surface(name), np.array(rates)[:, None]
    at, last_off = np.broadcast_to(np.array(land.start), (len(rates), 2)), np.zeros(len(rates))
    with np.errstate(over="ignore", invalid="ignore"):
        for k in range(1, fog.MOST_STEPS + 1):
            at = at - rate * land.gradient(at)
            last_off[~(land.loss(at) <= land.reached)] = k
    return np.where(last_off < fog.MOST_STEPS, last_off + 1, math.inf).tolist()


@each_landscape
def test_a_walk_with_changing_rates_is_that_of_torch(name):
    rates = [1e-3, 1e-3, 2e-3, -1e-4]
    walk = Walk(name=name).on(1e-3, 2).on(2e-3, 1).on(-1e-4, 1)
    assert walk.path == pytest.approx(np.array(by_torch(name, rates)), rel=1e-13)
    assert walk.rates == tuple(rates)


def test_a_step_back_takes_back_the_step_and_its_rate():
    walk = Walk(name="ravine").on(0.01, 2)
    assert walk.on(0.3, 1).back() == walk
    assert walk.back().back().steps == 0
    assert walk.back().back().path.tolist() == [[-4, 1]]
    assert walk.anew().path.tolist() == Walk(name="ravine").path.tolist()


def test_rate_1_lands_at_the_bottom_of_the_round_bowl_in_one_step():
    walk = Walk(name="round bowl").on(1, 1)
    assert walk.path[-1].tolist() == [0, 0]
    assert walk.arrived == 1
    assert best_fixed("round bowl").steps == 1
    assert best_fixed("round bowl").rate == pytest.approx(1, rel=1e-6)


@pytest.mark.parametrize("condition", [20, 50, 200])
def test_two_rates_solve_the_ravine_in_two_steps(condition):
    walk = Walk(name="ravine", condition=condition).on(1 / condition, 1).on(1, 1)
    assert walk.arrived == 2
    assert walk.height < 1e-20
    assert [found for _, found, _ in fog.challenges(walk)] == [False, True, False]


@pytest.mark.parametrize("condition", [20, 50, 200])
def test_no_single_rate_solves_the_ravine_in_two_steps(condition):
    assert best_fixed("ravine", condition).steps > 10


@each_landscape
def test_no_rate_of_a_search_of_its_own_beats_the_best_fixed_rate(name):
    best = best_fixed(name)
    assert steps_of(name, best.rate) == [best.steps]
    assert min(steps_of(name, *np.geomspace(1e-4, 5, 2001))) >= best.steps


@each_landscape
def test_the_best_path_ends_at_the_bottom_and_not_before(name):
    best = best_fixed(name)
    height = surface(name).loss(best.path)
    assert height[-1] <= 0.01
    assert height[-2] > 0.01
    assert [best.half_steps] == steps_of(name, best.rate / 2)


def test_the_ravines_best_rate_is_just_below_its_limit():
    for condition in (10, 50, 200):
        best = best_fixed("ravine", condition).rate
        assert 1.5 / condition < best < 2 / condition


def test_small_rates_end_in_the_double_wells_shallow_hollow_for_ever():
    walk = Walk(name="double well").on(0.2, 1000)
    assert walk.arrived is None
    assert walk.path[-1, 0] == pytest.approx(max(np.roots([1, 0, -1, 0.15]).real))
    best = best_fixed("double well")
    assert best.half_steps == math.inf
    assert best.half_height == pytest.approx(walk.height)
    assert "smaller is not always safer" in fog.comparison(walk, best)


def test_a_walk_that_explodes_says_when_it_left_the_map_and_when_it_overflowed():
    walk = Walk(name="ravine").on(0.05, 3000)
    # b is multiplied by 1 - 0.05 * 50 = -1.5 each step: beyond 2.5 at step 3, its square too large for a float later.
    assert walk.left_map == 3
    assert walk.overflowed
    assert walk.steps == math.ceil((math.log(1.797e308) - math.log(50)) / (2 * math.log(1.5)))
    assert "b from −2.5 to 2.5, at step 3." in fog.whereabouts(walk)
    assert f"overflowed at step {walk.steps}" in fog.whereabouts(walk)
    assert walk.ended
    assert walk.on(0.01, 5) == walk


@each_landscape
@for_each("rate", [0.0, -3.0, 1e308, -1e308, 1e-300, math.inf])
def test_any_rate_is_walked_and_told_without_a_nan(name, rate):
    walk = Walk(name=name).on(rate, 10)
    best = best_fixed(name)
    for words in (fog.status(walk, rate), fog.score(walk, best), fog.downhill(walk), fog.comparison(walk, best)):
        assert "nan" not in words
    axes = fog.axes(walk, best)
    drawn = fog.height_tables(walk, best, *axes) | fog.map_tables(walk, best) | fog.ground_table(walk)
    for table in drawn.values():
        assert np.isfinite(table.select_dtypes("number").to_numpy(float)).all()


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (0, "takes no step"),
        (-0.1, "uphill"),
        (1e-300, "too short to change a digit"),
        (1e308, "counts as reached at height 0.01"),
    ],
)
def test_a_rate_out_of_the_ordinary_is_told_in_words(rate, words):
    assert words in fog.status(Walk(name="round bowl"), rate)


def test_a_negative_rate_climbs():
    height = Walk(name="round bowl").on(-0.1, 5).heights
    assert (np.diff(height) > 0).all()


def test_a_walk_ends_after_the_most_steps():
    walk = Walk(name="Rosenbrock").on(1e-4, 10**6)
    assert walk.steps == fog.MOST_STEPS
    assert walk.ended
    assert "the last one" in fog.whereabouts(walk)


def test_downhill_is_against_the_slope_in_words_and_as_an_arrow():
    walk = Walk(name="round bowl")
    assert fog.downhill(walk).startswith("Downhill is towards larger w and smaller b.")
    arrow = fog.ground_table(walk)["arrow"].iloc[0]
    assert (arrow["w"], arrow["b"]) == pytest.approx((3 / math.sqrt(13), -2 / math.sqrt(13)))
    there = walk.on(1, 1)
    assert fog.downhill(there) == "The ground is exactly level."
    assert fog.ground_table(there)["arrow"].empty


def test_the_score_stands_beside_the_best_fixed_rate():
    best = best_fixed("ravine")
    assert fog.score(Walk(name="ravine"), best).startswith("You: not one step yet.")
    assert fog.score(Walk(name="ravine").on(0.01, 3), best).startswith("You: not at the bottom after 3 steps.")
    won = Walk(name="ravine").on(0.02, 1).on(1, 1)
    assert fog.score(won, best) == f"You: 2 steps. Best fixed rate, 0.03867: {best.steps} steps."
    assert "You beat every fixed rate" in fog.comparison(won, best)
    assert "no rate is best everywhere" in fog.comparison(won, best)


@pytest.mark.parametrize(
    ("walk", "which"),
    [
        (Walk(name="round bowl").on(1, 1), 0),
        (Walk(name="round bowl").on(0.5, 9), None),
        (Walk(name="ravine", condition=2).on(0.5, 1).on(1, 1), None),
        (Walk(name="double well").on(0.686, 8), 2),
        (Walk(name="double well").on(0.2, 500), None),
    ],
)
def test_each_challenge_is_met_by_its_walk_alone(walk, which):
    assert [found for _, found, _ in fog.challenges(walk)] == [place == which for place in range(3)]


def test_the_steep_question_compares_two_places_in_one_ravine():
    steep = questions()[0]
    assert "**50**" in steep.ask
    assert "**8**" in steep.ask
    assert "50 × 1 and 1 × 8" in steep.outcome
    assert [steep.judge(k).right for k in range(3)] == [False, False, True]


def test_the_limit_questions_numbers_are_those_of_the_closed_form():
    limit = questions()[1]

    def height(rate: float) -> float:
        return (16 * (1 - rate) ** 200 + 50 * (1 - 50 * rate) ** 200) / 2

    assert limit.judge(1).right
    assert f"{height(0.0392):.4g}" in limit.outcome
    assert f"{height(0.044):.2e}".replace("e+17", "\u00a0×\u00a010¹⁷") in limit.outcome
    assert f"{height(0.02):.4g}" in limit.judge(2).why
    overflow = next(k for k in range(100) if 2 * k * math.log10(99) + math.log10(50) > math.log10(1.797e308))
    assert f"overflows at step {overflow}" in limit.judge(0).why
    assert "99 times as far away" in limit.judge(0).why


def test_the_walk_over_the_saddle_rests_at_a_quarter_and_goes_on_to_the_bottom():
    walk, at = fog.pause()
    assert walk.heights[at] == pytest.approx(0.25, abs=1e-4)
    assert np.ptp(walk.heights[at - 15 : at + 15]) < 2e-3
    assert walk.height < 0.01
    # Beside the ridge w grows by 1.1 a step and b shrinks by 0.9: the slope is least near where they are equal.
    assert at == pytest.approx(math.log(1.5e5) / math.log(1.1 / 0.9), abs=1.5)
    level = questions()[2]
    assert level.judge(1).right
    assert f"at step **{walk.arrived}**" in level.outcome
    assert "1.1 times as far from the ridge" in level.outcome


def test_the_saddles_second_half_is_drawn_only_when_it_may_be_seen():
    (end, _), before, words = fog.over_the_saddle(False)
    (last, _), after, more = fog.over_the_saddle(True)
    # The axis ends with the curve: room to its right would say that something is to come.
    assert before["curves"]["x"].max() == fog.pause()[1] == end < last
    assert after["curves"]["x"].max() == last
    assert "then" in more
    assert "then" not in words


def test_a_curve_that_leaves_the_picture_is_marked_where_it_was_last_seen():
    walk = Walk(name="ravine").on(0.06, 40)
    axes = fog.axes(walk, None)
    drawn = fog.height_tables(walk, None, *axes)
    out = next(k for k, height in enumerate(walk.heights) if height > axes[2])
    assert drawn["marks"].iloc[0]["words"] == f"above this chart at step {out}"
    assert drawn["marks"].iloc[0]["y"] == walk.heights[out - 1]
    assert drawn["curves"]["y"].max() == walk.heights[out]


@pytest.mark.parametrize(
    ("rate", "words"), [(1, "height 0 at step 1"), (0.999, "height 6.5\u00a0×\u00a010⁻⁶ at step 1")]
)
def test_a_walk_that_lands_below_the_chart_is_drawn_down_to_its_edge(rate, words):
    walk = Walk(name="round bowl").on(rate, 3)  # from height 6.5, to (1 - rate)^2 of it
    _, low, _ = axes = fog.axes(walk, None)
    drawn = fog.height_tables(walk, None, *axes)
    yours = drawn["curves"].query("name == 'you'")
    assert yours[["x", "y"]].to_numpy().tolist() == [[0, 6.5], [1, low]]
    assert drawn["marks"].iloc[0][["x", "y", "words"]].tolist() == [1, low, words]


def test_a_path_is_cut_where_it_is_far_off_the_map_and_goes_on_where_it_returns():
    walk = Walk(name="round bowl").on(-20, 1).on(-20, 1).on(1, 1)
    drawn = fog.map_tables(walk, best_fixed("round bowl"))["paths"]
    yours = drawn[drawn["name"] == "you"]
    assert yours["step"].tolist() == [0, 3]
    assert yours["piece"].nunique() == 2


@each_landscape
def test_a_map_is_small_enough_to_send(name):
    walk = Walk(name=name).on(1e-3, 3000)
    tables = fog.map_tables(walk, best_fixed(name))
    assert sum(table.select_dtypes("number").to_numpy().nbytes for table in tables.values()) < 60_000
    assert len(tables["paths"]) < 500


@pytest.mark.parametrize(("choice", "place"), [(0, (0, 1)), (1, (-8, 0))])
def test_the_walker_that_was_predicted_is_marked_in_the_picture(choice, place):
    choices = list(fog.questions()[0].choices)
    tables, words = fog.two_walkers(True, choices[choice])
    assert [tuple(row) for row in tables["predicted"][["w", "b"]].to_numpy()] == [place]
    assert choices[choice] in words
    assert fog.two_walkers(True)[0]["predicted"].empty


def test_a_prediction_of_neither_walker_is_words_alone():
    predicted = fog.two_walkers(True, list(fog.questions()[0].choices)[2])[0]["predicted"]
    assert predicted["words"].tolist() == ["your prediction: no: the slope alone does not tell"]
    assert predicted["stands"].tolist() == [False]


def test_every_stop_of_the_dragged_rate_is_a_walk_of_its_own_and_above_the_limit_it_climbs():
    stops = fog.through_the_ravine(0.1)
    limit = surface("ravine").limit(surface("ravine").start)
    assert stops[-1].value == 0.1
    for stop in stops[::8]:
        walk = Walk(name="ravine").on(stop.value, 100)
        assert (walk.height > walk.heights[0]) == (stop.value > limit)
        drawn = stop.tables["paths"].iloc[1]
        assert (drawn["w"], drawn["b"]) == tuple(walk.path[1])


def test_a_walk_is_retraced_from_its_legs():
    walk = fog.Walk(name="ravine").on(0.01, 3).on(0.1, 10).on(0.01, 1).on(0.01, 2).back()
    assert walk.legs == [(0.01, 3), (0.1, 10), (0.01, 2)]
    assert fog.retraced(walk.name, walk.condition, walk.legs) == walk
    assert fog.retraced("ravine", 20.0, []).steps == 0
    away = fog.Walk(name="ravine").on(1e300, 5)
    assert fog.retraced(away.name, away.condition, [*away.legs, (0.1, 5)]) == away, "from an overflow nobody walks on"
