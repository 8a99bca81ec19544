"""Lesson 4's numbers against science's figures, closed forms, and runs of PyTorch's optimizer."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.story import too_high_too_low as lesson
from core.training.train import train
from tests.cases import for_each

HESSIAN = np.array([[22.0, 6.0], [6.0, 2.0]])  # science, 1
LARGEST = 12 + np.sqrt(136)


def exact_loss(rate: float, steps: int) -> float:
    """1/2 e' H e after so many steps, by powers of I - lr H."""
    error = np.linalg.matrix_power(np.eye(2) - rate * HESSIAN, steps) @ np.array([-2.0, 0.0])
    return float(error @ HESSIAN @ error / 2)


def test_rate_one_raises_the_loss_in_each_of_112_epochs_and_overflows_at_113():
    words = lesson.article().zigzag
    assert "**112 of 112** epochs" in words
    assert "epoch **113**" in words


def test_a_millionth_needs_15_9_million_epochs_and_a_hundredth_1592():
    words = lesson.article().smaller
    assert "0.000001" in words
    assert "**15.9 million epochs**" in words
    assert "needs 1,592" in words
    assert exact_loss(1e-6, 15_946_231) <= 1e-6 < exact_loss(1e-6, 15_946_200)
    assert exact_loss(0.01, 1592) <= 1e-6 < exact_loss(0.01, 1591)


def test_each_rate_of_the_article_has_its_card():
    cards = lesson.article().cards
    assert [card.diagnosis.label for card in cards] == ["too_slow", "slow", "diverged"]
    assert [card.ended for card in cards] == [
        "went from 44 to 41.97 in 1,000 epochs",
        "went from 44 to 5.51\u00a0×\u00a010⁻⁵ in 1,000 epochs",
        "overflowed at epoch 113",
    ]
    assert len({(card.low, card.high) for card in cards}) == 1
    assert cards[2].exit["words"].tolist() == ["left at epoch 2"]


def test_the_limit_is_two_over_the_largest_curvature_and_training_finds_it():
    limit = lesson.limit()
    assert limit.predicted == pytest.approx(2 / LARGEST, rel=1e-12)
    assert limit.measured == pytest.approx(2 / LARGEST, rel=1e-5)
    assert (limit.flattest, limit.steepest) == pytest.approx(np.linalg.eigvalsh(HESSIAN))
    assert limit.apart == pytest.approx(abs(limit.measured / (2 / LARGEST) - 1), rel=1e-6)


def test_the_limits_division_is_true_on_a_calculator():
    line = lesson.limit_question().outcome.replace("\u00a0", " ")
    above, below, limit = re.search(r"(\d+) / ([\d.]+) = \*\*([\d.]+)\*\*", line).groups()
    assert f"{int(above) / float(below):.7f}" == limit == f"{2 / LARGEST:.7f}"
    assert "they differ by 1.8 in a million" in line


@pytest.mark.parametrize(
    ("guess", "right", "words"),
    [
        (0.0845, True, ""),
        (0.0833, False, "sum of both"),
        (5.9, False, "flattest"),
        (0.0423, False, "up to twice"),
        (0.1667, False, "mean curvature"),
        (1.0, False, "steepest explodes first"),
    ],
)
def test_a_guessed_limit_is_judged_and_explained(guess, right, words):
    judged = lesson.limit_question().judge(guess)
    assert judged.right == right
    assert words in judged.why


@for_each(
    ("rate", "theory", "run"),
    [
        (0.04, "no direction overshoots", "rose in 0 of 100"),
        (0.08, "each step still lands lower", "rose in 0 of 100"),
        (2 / LARGEST, "Exactly at the limit", "rose in 0 of 100"),
        (0.085, "1.011 times as far", "from 44 to 412.8 in 100 epochs; it rose in 100 of 100"),
        (1.0, "22.66 times as far", "rose in 100 of 100"),
        (0, "takes no step", "no such run"),
        (-3, "uphill", "no such run"),
        (-1e308, "uphill", "no such run"),
        (1e308, "more than the computer can hold", "the nearest rate the lab takes"),
        (1e-300, "small and steady", "run at 10⁻¹²"),
    ],
)
def test_any_rate_is_foretold_and_run(rate, theory, run):
    tried = lesson.trial(rate)
    assert theory in tried.fate
    assert run in tried.happened
    assert "nan" not in tried.fate + tried.happened


def test_below_the_limit_the_loss_falls_every_epoch_and_well_above_it_rises_every_epoch():
    for rate in np.linspace(0.001, 0.0845, 12):
        assert "rose in 0 of 100" in lesson.trial(float(rate)).happened
    for rate in np.linspace(0.085, 0.5, 12):
        assert "rose in 100 of 100" in lesson.trial(float(rate)).happened


def test_0_085_looks_finite_at_100_epochs_and_overflows_at_31450():
    found = lesson.slow_explosion()
    assert "**412.8**" in found.words
    assert "**31,450**" in found.words
    assert "0.6 % above" in found.words
    assert found.marks["y"][0] == pytest.approx(412.7616619)
    factor = (0.085 * LARGEST - 1) ** 2
    assert f"multiplies it by {factor:.3f}" in found.words
    assert np.isfinite(found.curve["y"]).all()
    assert found.curve["x"].iloc[-1] == 31_449


def test_w_flips_at_every_step_while_the_loss_rises_at_every_step():
    where = lesson.zigzags()[0]
    assert "changes sides in 20 of 20 steps" in where.words
    assert "rises in 20 of 20" in where.words
    w, b, way = 0.0, 0.0, [0.0]
    x = np.arange(1.0, 6.0)
    for _ in range(20):
        error = 2 * x - (w * x + b)
        w, b = w + 0.09 * 2 * np.mean(error * x), b + 0.09 * 2 * np.mean(error)
        way.append(w)
    assert where.table[where.table["name"] == "w"]["y"].tolist() == pytest.approx(way)


def test_momentum_rises_48_times_as_torch_does():
    where = lesson.zigzags()[2]
    assert "**48 of 100**" in where.words
    line = torch.nn.Linear(1, 1, dtype=torch.float64)
    torch.nn.init.zeros_(line.weight)
    torch.nn.init.zeros_(line.bias)
    x = torch.arange(1.0, 6.0, dtype=torch.float64)[:, None]
    sgd, losses = torch.optim.SGD(line.parameters(), lr=0.01, momentum=0.9), []
    for _ in range(101):
        sgd.zero_grad()
        loss = torch.nn.functional.mse_loss(line(x), 2 * x)
        losses.append(loss.item())
        loss.backward()
        sgd.step()
    assert where.table["y"].tolist() == pytest.approx(losses, rel=1e-9)
    assert int((np.diff(losses) > 0).sum()) == 48


def test_mini_batches_raise_the_loss_every_other_epoch_and_the_full_batch_never():
    where = lesson.zigzags()[1]
    assert "**50 of 100** epochs; with all points in each step, in 0" in where.words
    assert where.table["name"].unique().tolist() == ["4 points a step", "all points"]


def test_off_the_bowl_the_loss_goes_up_in_half_of_the_steps():
    loss = lesson.zigzags()[3].table["y"].to_numpy()
    assert "**21 rises in 40**" in lesson.zigzags()[3].words
    assert (np.sign(np.diff(loss[-20:]))[1:] == -np.sign(np.diff(loss[-20:]))[:-1]).all()


@pytest.mark.parametrize(("epochs", "rate"), [(1, 0.0423), (10, 0.0653), (100, 0.0811), (1000, 0.0831)])
def test_the_best_rate_of_a_budget_is_that_of_science_and_of_a_dense_grid(epochs, rate):
    best = lesson.best_rate(epochs)
    assert best == pytest.approx(rate, abs=6e-5)
    assert exact_loss(best, epochs) <= min(exact_loss(float(r), epochs) for r in np.linspace(0.001, 0.0845, 500))


def test_one_axis_holds_the_picture_of_every_budget_and_its_mark_is_the_least():
    axis, stops = lesson.budgets()
    assert tuple(stop.value for stop in stops) == lesson.ALL_BUDGETS
    for curve, mark in ((stop.tables["curves"]["y"], stop.tables["marks"]["y"].item()) for stop in stops):
        assert axis.low < curve.min() == mark < curve.max() <= axis.high


def test_each_column_of_the_table_has_its_least_on_the_diagonal():
    rows = [line.split("|")[2:-1] for line in lesson.budget_table().splitlines()[2:]]
    bold = [[cell.strip().startswith("**") for cell in row] for row in rows]
    assert bold == np.eye(4, dtype=bool).tolist()


def test_the_belief_in_one_best_rate_is_met_by_four():
    assert "**0.04226, 0.06535, 0.08114, 0.08311** for 1, 10, 100, 1,000 epochs" in lesson.budget_belief()


def test_the_right_answer_is_that_the_loss_rises():
    question = lesson.article_question()
    assert [question.judge(choice).right for choice in range(3)] == [False, True, False]
    assert "112 went up and 0 went down" in question.judge(0).why
    assert "from 44 to 22,572" in question.judge(2).why


def test_every_stop_of_the_dragged_rate_is_the_run_at_that_rate_on_one_axis():
    axis, stops = lesson.trials(0.01)
    assert 0.01 in [stop.value for stop in stops]
    for stop in stops[::9]:
        loss = train(replace(lesson.ARTICLE, learning_rates=(stop.value,), epochs=lesson.TRIED_EPOCHS)).loss[0]
        curve = stop.tables["curve"]
        assert curve["loss"].to_numpy()[:5] == pytest.approx(loss[curve["epoch"].to_numpy()[:5].astype(int)])
        assert lesson.trial(stop.value).card.diagnosis.reason in stop.says
        assert axis.low < loss[0] < axis.high


@pytest.mark.parametrize("rate", [0.0, -1.0, 1e300, 1e-300])
def test_a_rate_that_can_not_be_run_is_not_dragged(rate):
    assert lesson.trials(rate) is None
