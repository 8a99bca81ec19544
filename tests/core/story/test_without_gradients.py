"""Lesson 7's numbers: what the race, the game by hand and the words about scale say is what ran."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core import Experiment
from core.diagnosis.alternatives import STEP_COST
from core.diagnosis.theory import epochs_to
from core.story import without_gradients as story
from core.story import without_gradients_chart
from core.story.without_gradients import EVOLUTION, GENETIC, GRADIENT, RANDOM, Timing
from core.words import SKETCH
from tests.cases import for_each


def timings(*steps: float) -> tuple[Timing, ...]:
    """Timings of the lesson's networks with these seconds a step, and a third of them an evaluation."""
    return tuple(
        Timing(hidden=h, parameters=story.parameters_of(h), step=step, evaluation=step / 3, threads=1)
        for h, step in zip(story.HIDDEN, steps, strict=True)
    )


ORDINARY = timings(2e-4, 2e-4, 2e-4, 2e-4, 5e-4, 4e-3, 6e-2)


def test_with_two_numbers_evolution_is_there_first_and_breeding_in_time():
    arrived = story.race(2).arrived
    assert arrived[EVOLUTION] < arrived[GRADIENT] < arrived[GENETIC] <= story.EVALUATIONS
    assert math.isinf(arrived[RANDOM])


def test_even_at_its_fastest_rate_gradient_descent_is_later_than_evolution_on_the_line():
    fastest = min(epochs_to(Experiment(), rate, 1e-6) for rate in np.linspace(0.08, 0.084, 401))
    assert fastest == 192  # science.md
    assert story.race(2).arrived[EVOLUTION] < STEP_COST * fastest


@pytest.mark.parametrize("dimensions", [10, 30, 100, 1000])
def test_with_many_numbers_only_gradient_descent_arrives_in_time(dimensions):
    ran = story.race(dimensions)
    assert ran.arrived[GRADIENT] < 924
    assert all(math.isinf(ran.arrived[name]) for name in (EVOLUTION, GENETIC, RANDOM))
    assert ran.final[story.CLOSED] < 1e-25


@for_each("dimensions", story.DIMENSIONS)
def test_a_picture_of_the_race_has_only_finite_positive_numbers_and_bands_around_their_medians(dimensions):
    curves = story.race(dimensions).curves
    drawn = curves[["y", "low", "high"]].to_numpy()
    assert np.isfinite(drawn).all()
    assert (drawn > 0).all()
    assert (curves["low"] <= curves["y"]).all()
    assert (curves["y"] <= curves["high"]).all()
    assert set(curves["name"]) == {name for name, _ in story.RACERS}


def test_the_table_of_the_race_tells_the_medians():
    ran = story.race(2)
    table = story.results(ran)
    assert f"| {EVOLUTION} | {ran.arrived[EVOLUTION]:,.0f} |" in table
    assert "| random search | over 2,000 |" in table
    assert "| gradient descent | 924 |" in table


def test_a_hundred_numbers_cost_evolution_some_thirty_times_gradient_descents_evaluations():
    two, many = story.arrival(2), story.arrival(100)
    assert two.times < 1
    # science.md: 88 evaluations a gradient step, which counts as three.
    assert many.times == pytest.approx(88 / 3, rel=0.15)
    assert (two.gradient, two.steps) == (924, 308)
    question = story.many_numbers(two, many)
    assert list(question.choices)[question.right] == "About 30 times as many"
    assert f"{many.gradient:,}" in question.outcome


def test_the_first_question_is_answered_by_the_race():
    question = story.two_numbers(story.race(2))
    assert question.judge(2).right
    assert "1.8\u00a0×\u00a010⁸ draws" in question.judge(3).why  # science.md
    for wrong in (0, 1, 3):
        assert not question.judge(wrong).right
        assert any(digit.isdigit() for digit in question.judge(wrong).why)


def test_who_is_slower_from_when_on_is_read_off_the_runs():
    ran = [story.arrival(d) for d in (2, 5, 10)]
    assert "From 10 numbers on it is the slower one" in story.growth_words(ran)
    table = story.arrivals_table(ran)
    assert table[table["name"] == GRADIENT]["y"].tolist() == [each.gradient for each in ran]


@for_each("which", range(20))
def test_a_secret_line_can_be_hit_by_sliders_of_one_decimal(which):
    w, b = story.secret(which).best
    game = story.game(which, [(round(w, 1), round(b, 1))])
    assert "you found the line" in game.words
    assert "loss **0**" in game.words
    assert 1 <= abs(w) <= 5
    assert 1 <= abs(b) <= 5


def test_a_secret_line_is_another_each_time():
    assert len({tuple(story.secret(which).best) for which in range(30)}) > 25


def test_a_try_by_hand_is_told_with_its_loss_and_the_rivals():
    x = np.arange(1, 6)
    w, b = story.secret(0).best
    loss = np.mean((1.5 * x - 2 - (w * x + b)) ** 2)
    game = story.game(0, [(0.0, 0.0), (1.5, -2.0)])
    assert f"Try 2: loss **{loss:.4g}**" in game.words
    assert "After 2 evaluations" in game.words
    assert "0 steps on its way" in game.words
    yours = game.curves[game.curves["name"] == story.YOU]
    assert yours["x"].tolist() == [0, 1, 2]
    assert yours["y"].tolist()[-1] == pytest.approx(loss)


def test_a_worse_try_leaves_the_best_so_far():
    game = story.game(0, [(4.0, -3.0), (-10.0, 10.0)])
    yours = game.curves[game.curves["name"] == story.YOU]["y"].tolist()
    assert yours[1] == yours[2] < yours[0]


def test_the_found_line_is_not_drawn_on_a_log_scale_but_told():
    w, b = (round(value, 1) for value in story.secret(0).best)
    game = story.game(0, [(0.0, 0.0), (w, b)])
    assert (game.curves["y"] > 0).all()
    assert game.curves[game.curves["name"] == story.YOU]["x"].max() == 1


def test_the_game_goes_on_beyond_its_first_axis():
    assert story.game(0, [(0.0, 0.1 * k) for k in range(50)]).shown == 50


def test_the_networks_have_about_ten_to_ten_million_parameters():
    counts = [story.parameters_of(hidden) for hidden in story.HIDDEN]
    assert counts == [13, 97, 1021, 9997, 99853, 999997, 9998241]
    assert counts == pytest.approx([10**k for k in range(1, 8)], rel=0.31)


def test_guessing_to_a_tenth_takes_ten_to_the_number_of_parameters_draws():
    assert story.draws(3) == "10^{3}"
    assert story.draws(9998241) == "10^{9{,}998{,}241}"
    rng = np.random.default_rng(0)
    hit = (rng.uniform(size=(200_000, 3)) < 0.1).all(axis=1).mean()
    assert hit == pytest.approx(1e-3, rel=0.2)


def test_mirror_images_are_the_orders_of_the_units_times_their_signs():
    assert 10 ** story.mirrors(2) == pytest.approx((2 * 4) ** 2)
    assert 10 ** story.mirrors(3) == pytest.approx((6 * 8) ** 2)


@pytest.mark.parametrize(("times", "right"), [(1.2, 0), (20, 1), (180, 1), (900, 2), (5000, 3)])
def test_whatever_is_measured_one_answer_is_right_and_the_others_are_told_the_number(times, right):
    measured = timings(1e-4, 1e-4, 1e-4, 1e-4, 1e-4, times * 1e-4, 1)
    question = story.longer(measured)
    assert question.right == right
    for at in range(4):
        judged = question.judge(at)
        assert judged.right == (at == right)
        assert judged.right or "Measured:" in judged.why
    assert "10^{998{,}976}" in question.outcome


def test_what_is_said_about_scale_is_worked_out_from_the_timings():
    words = story.scale_words(ORDINARY)
    assert "10,000 steps of the largest network take 10 minutes" in words  # 10,000 x 0.06 s
    assert "takes 3 times as long as computing the loss" in words
    assert "800 terabytes" in words  # 8 bytes x (1e7)^2
    assert "1 thread." in words
    # 13.8e9 years are 4.35e17 s: 10^22 draws of 6.7e-5 s take longer, 10^21 do not.
    assert "about 22 parameters" in words


def test_random_search_is_told_as_a_time_only_where_the_universe_is_old_enough():
    table = story.timings_table(ORDINARY)
    assert "| 13 | 0.2 ms | $10^{13}$ draws, 21 years |" in table  # 1e13 x 6.7e-5 s
    assert "| 97 | 0.2 ms | $10^{97}$ draws |" in table


def test_the_picture_of_scale_is_finite_and_marks_the_age_of_the_universe():
    tables = story.scale_tables(ORDINARY)
    assert np.isfinite(tables["curves"][["x", "y"]].to_numpy()).all()
    search = tables["curves"][tables["curves"]["name"] == RANDOM]
    assert np.diff(np.log10(search["y"])) == pytest.approx(np.diff(search["x"]))  # ten times for each parameter
    assert tables["marks"]["y"].tolist() == [story.UNIVERSE, ORDINARY[-1].step]
    assert "passes the age of the universe at 22" in story.scale_alt(ORDINARY)


def test_a_picture_has_one_legend():
    for spec in (
        without_gradients_chart.race("light", story.RACERS, 2000, 1e-10, 100),
        without_gradients_chart.scale("dark", story.SCALED),
        without_gradients_chart.arrivals("light", story.PLAYERS[1:], "1e-6"),
    ):
        legends = [layer["mark"]["type"] for layer in spec["layer"] if layer["encoding"].get("color", {}).get("legend")]
        assert legends == ["line"]


def test_the_fold_holds_the_figures_of_science():
    words = story.mathematics()
    for figure in ("0.9718", "70.0", "1,801", "1.8\u00a0×\u00a010⁸"):
        assert figure in words


def test_the_first_prediction_is_drawn_and_arrives_where_it_was_said_to():
    ran = story.race(2)
    descent = ran.arrived[story.GRADIENT]
    arrived = []
    for choice in story.two_numbers(ran).choices:
        tables, words = story.opening(ran, True, choice)
        sketch = tables["curves"][tables["curves"]["name"] == SKETCH]
        at_target = sketch[sketch["y"] <= story.TARGET]["x"]
        arrived.append(float(at_target.min()) if len(at_target) else np.inf)
        assert choice in words
    assert arrived[0] == np.inf
    assert arrived[2] < descent < arrived[1] < arrived[3] == story.EVALUATIONS


def test_the_first_picture_hides_every_method_that_is_asked_about():
    tables, _ = story.opening(story.race(2), False)
    assert set(tables["curves"]["name"]) == {story.GRADIENT}
    assert tables["marks"]["words"].tolist() == ["the others: and then?"]


def test_a_dragged_number_of_numbers_shows_the_race_that_ran_in_it():
    stops = story.races()
    assert tuple(stop.value for stop in stops) == story.DIMENSIONS
    two, last = story.race(2), story.race(story.DIMENSIONS[-1])
    assert stops[0].tables["curves"].equals(two.curves)
    assert f"{EVOLUTION} after {two.arrived[EVOLUTION]:,.0f}" in stops[0].says
    assert f"more than 2,000: {RANDOM}." in stops[0].says
    assert all(f"{name} after" not in stops[-1].says for name, at in last.arrived.items() if math.isinf(at))
