"""Does a falling rate help? Held against torch.optim, closed forms and the figures of the literature."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core import Experiment
from core.methods.schedules import constant
from core.story.falling_rate import (
    BATCHES,
    SEEDS,
    best_of_each,
    clean_race,
    clean_races,
    conclusion,
    descend_by,
    falling,
    noisy_race,
    race_picture,
    race_words,
    schedule_question,
)
from core.training.problems import minibatches, problem


def test_the_rate_falls_in_a_straight_line_to_0():
    assert [falling(k, 4) for k in range(4)] == [1, 0.75, 0.5, 0.25]
    assert falling(4, 4) == 0


@pytest.mark.parametrize("batch", [3, 40])
def test_the_loop_is_torch_sgd_under_a_lambda_schedule(batch):
    draw = Experiment(data="noisy-line", standardize=True, batch_size=batch, epochs=5, seed=3)
    task = problem(draw)
    batches = list(minibatches(draw, 40))
    ours = descend_by(
        falling, 0.2, task.inputs, task.targets[None], [[rows[None] for rows in epoch] for epoch in batches]
    )
    w = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    sgd = torch.optim.SGD([w], lr=0.2)
    steps = sum(map(len, batches))
    schedule = torch.optim.lr_scheduler.LambdaLR(sgd, lambda k: 1 - k / steps)
    x, y = torch.tensor(np.array(task.inputs)), torch.tensor(np.array(task.targets))
    for rows in (rows for epoch in batches for rows in epoch):
        sgd.zero_grad()
        torch.mean((x[rows] @ w - y[rows]) ** 2).backward()
        sgd.step()
        schedule.step()
    assert ours[-1, 0] == pytest.approx(w.detach().numpy(), rel=1e-10)


def test_the_constant_rate_on_the_clean_line_is_the_articles_figure():
    assert clean_race(0.08).ends[0] == pytest.approx(2.000786697e-4, rel=1e-8)


@pytest.mark.parametrize("schedule", [constant, falling])
def test_a_clean_run_is_the_product_of_its_factors(schedule):
    task = problem(Experiment())
    every = [[np.arange(5)[None]]] * 40
    path = descend_by(schedule, 0.07, task.inputs, task.targets[None], every)[:, 0]
    values, vectors = np.linalg.eigh(2 / 5 * task.inputs.T @ task.inputs)
    best = np.array([2.0, 0.0])
    factors = np.prod([1 - 0.07 * schedule(k, 40) * values for k in range(40)], axis=0)
    assert vectors.T @ (path[-1] - best) == pytest.approx(factors * (vectors.T @ -best), abs=1e-12)


def test_below_one_over_the_curvature_and_without_noise_falling_is_always_slower():
    for product in (0.01, 0.3, 0.9, 0.999):
        still = (1 - product) ** 50
        assert np.prod([1 - product * falling(k, 50) for k in range(50)]) > still


def test_at_a_constant_rate_the_noise_settles_at_the_variance_of_the_formula():
    lr, bend, s2 = 0.3, 2.0, 0.5
    v = 7.0
    for _ in range(200):
        v = (1 - lr * bend) ** 2 * v + lr**2 * s2
    assert v == pytest.approx(lr * s2 / (bend * (2 - lr * bend)))
    for k in range(2000):
        v = (1 - lr * falling(k, 2000) * bend) ** 2 * v + (lr * falling(k, 2000)) ** 2 * s2
    assert v < 0.02 * lr * s2 / (bend * (2 - lr * bend))


@pytest.mark.parametrize("batch", ["4", "16"])
def test_decay_helps_with_noisy_steps_in_every_draw(batch):
    race = noisy_race(batch)
    assert race.helped == SEEDS
    still, fell = race.ends
    assert still > 10 * fell


def test_decay_hurts_without_noise_at_a_safe_rate():
    still, fell = clean_race(0.08).ends
    assert fell > 10 * still
    assert "times higher" in race_words(clean_race(0.08), 1e6)


def test_the_same_scattered_data_without_batches_is_fitted_worse_by_decay_in_every_draw():
    race = noisy_race("all 40")
    assert race.helped == 0
    assert f"lower in 0 of {SEEDS} draws" in conclusion()


@pytest.mark.parametrize("rate", [0.12, 0.16])
def test_above_the_limit_a_constant_rate_explodes_and_a_falling_one_comes_back(rate):
    race = clean_race(rate)
    assert race.above[0, -1, 0] > 1e10 * race.above[0, 0, 0]
    assert race.above[1, -1, 0] < 1e-3 * race.above[1, 0, 0]
    assert race.above[0, race.left(1e6) - 1, 0] <= 1e6 < race.above[0, race.left(1e6), 0]
    assert f"leaves the chart at epoch {race.left(1e6)}" in race_words(race, 1e6)


def test_the_best_falling_rate_starts_above_the_limit_and_beats_the_best_constant_one():
    (still_rate, still), (fell_rate, fell) = best_of_each()
    assert still_rate == pytest.approx(0.0811, rel=0.02)  # the best for 100 epochs
    assert fell_rate > 0.08452405
    assert fell < still


def test_both_runs_of_a_race_start_from_the_same_height():
    for race in (*map(noisy_race, BATCHES), *map(clean_race, (0.08, 0.12, 0.16))):
        assert (race.above[0, 0] == race.above[1, 0]).all()


@pytest.mark.parametrize("race", [*map(noisy_race, BATCHES), *map(clean_race, (0.08, 0.12, 0.16))])
def test_the_picture_holds_the_falling_curve_and_cuts_the_one_that_explodes(race):
    x, y, table = race_picture(race)
    assert (table["y"] >= y.low).all()
    fell = table[table["name"] == "falling to 0"]
    assert (fell["y"] <= y.high).all()
    assert len(fell) == x.high + 1
    still = table[table["name"] == "constant rate"]
    assert (still["y"][:-1] <= y.high).all()
    assert (still["y"].iloc[-1] > y.high) == (race.left(race.top) > 0)


@pytest.mark.parametrize("own", [0.08, 0.1234, 0.001, 0.2])
def test_a_dragged_rate_shows_the_race_that_runs_at_it(own):
    stops = clean_races(own)
    assert own in [stop.value for stop in stops]
    for stop in stops:
        race, table = clean_race(stop.value), stop.tables["curves"]
        assert stop.says == race_words(race, 1e6)
        for name, above in zip(("constant rate", "falling to 0"), race.above, strict=True):
            drawn = table[table["name"] == name]["y"]
            assert drawn.tolist() == above[:, 0].tolist()
            assert np.isfinite(drawn).all()


def test_the_question_is_right_about_the_runs_and_explains_each_slip():
    question = schedule_question()
    assert list(question.choices)[question.right] == "Only the noisy one"
    still, fell = clean_race(0.08).ends
    assert f"ends {fell / still:.0f} times further from it" in question.judge(0).why
    assert all(question.choices.values())
