"""Lesson 1's numbers, held against arithmetic done by hand and against PyTorch's autograd."""

from __future__ import annotations

import math

import pytest
import torch

from core.story.one_step import OneStep, challenges, fate, questions, script, tables, window
from tests.cases import for_each


def test_the_articles_step_is_the_one_done_by_hand():
    step = OneStep()
    assert step.prediction(1.0) == 2
    assert step.loss(1.0) == 64
    assert step.gradient(1.0) == -32
    assert step.path(1).tolist() == pytest.approx([1, 4.2])
    assert step.prediction(4.2) == pytest.approx(8.4)


@for_each("half", [False, True])
@for_each("w", [-3.0, 1.0, 5.0, 7.25])
def test_gradient_and_curvature_are_those_of_autograd(half, w):
    step, at = OneStep(half=half), torch.tensor(w, dtype=torch.float64, requires_grad=True)
    loss = (step.y - at * step.x) ** 2 * (0.5 if half else 1)
    (slope,) = torch.autograd.grad(loss, at, create_graph=True)
    (bend,) = torch.autograd.grad(slope, at)
    assert step.gradient(w) == pytest.approx(slope.item())
    assert step.curvature == pytest.approx(bend.item())


def test_the_rates_science_names_do_what_it_says():
    assert OneStep().one_jump == 0.125
    assert OneStep().limit == 0.25
    assert OneStep(learning_rate=0.125).path(1)[1] == 5
    assert OneStep(learning_rate=0.25).path(4).tolist() == [1, 9, 1, 9, 1]
    away = abs(OneStep(learning_rate=0.26).path(30) - 5)
    assert (away[1:] > away[:-1]).all()
    assert OneStep(half=True).path(1)[1] == pytest.approx(2.6)
    assert OneStep(half=True).limit == 0.5


@for_each(
    ("rate", "words"),
    [
        (0.1, "leaves 0.2 of the distance"),
        (0.125, "in one step"),
        (0.2, "lands 0.6 times as far away, on the other side"),
        (0.25, "bounces between two places for ever"),
        (0.26, "lands 1.08 times as far"),
        (0, "takes no step"),
        (-0.1, "uphill"),
        (1e308, "overflows"),
    ],
)
def test_the_fate_of_a_rate_is_told_in_words(rate, words):
    assert words in fate(OneStep(learning_rate=rate))


def test_with_x_zero_no_rate_moves_w():
    step = OneStep(x=0.0)
    assert set(step.path(5)) == {1.0}
    assert "no rate moves w" in fate(step)


@pytest.mark.parametrize(("rate", "which"), [(0.125, 0), (0.25, 1), (0.2501, 2), (0.26, 2), (0.1, None), (0.3, None)])
def test_each_challenge_is_met_by_its_rate_alone(rate, which):
    met = [is_it for _, is_it, _ in challenges(OneStep(learning_rate=rate))]
    assert met == [place == which for place in range(3)]


@pytest.mark.parametrize("x", [3.0, 0.1, -7.0])
def test_the_challenges_are_met_at_one_and_two_over_the_curvature_of_any_point(x):
    for times, which in ((1, 0), (2, 1)):
        assert challenges(OneStep(x=x, learning_rate=times / (2 * x * x)))[which][1]


def test_the_right_answers_are_judged_right_and_slips_explained():
    first, bounce, half = questions()
    assert first.judge(4.2).right
    assert half.judge(2.6).right
    assert bounce.judge(1).right
    assert first.judge(-2.2).why
    assert not first.judge(-2.2).right
    assert "halves" in half.judge(4.2).why


@pytest.mark.parametrize("steps", [0, 1, 7])
def test_the_picture_holds_the_best_w_and_every_step(steps):
    step = OneStep(learning_rate=0.24)
    path = step.path(steps)
    axes = window(step, path)
    assert axes is not None
    w, loss = axes
    assert w.low < min(*path, 5) <= max(*path, 5) < w.high
    assert (step.loss(path) <= loss.high).all()
    drawn = tables(step, path, w)
    assert drawn["steps"]["w"].tolist() == path.tolist()
    slope = drawn["tangent"].diff().iloc[-1]
    assert slope["loss"] / slope["w"] == pytest.approx(float(step.gradient(path[-1])))


def test_a_step_that_overflows_leaves_the_steps_before_it_in_the_picture():
    step = OneStep(learning_rate=1e308)
    axes = window(step, step.path(3))
    assert axes is not None
    assert len(tables(step, step.path(3), axes[0])["steps"]) == 1
    assert all(map(math.isfinite, (axes[0].low, axes[0].high, axes[1].high)))


def test_numbers_that_cannot_be_drawn_are_no_picture():
    assert window(OneStep(y=1e308), OneStep(y=1e308).path(1)) is None


@pytest.mark.parametrize("half", [False, True])
def test_the_script_that_is_shown_walks_the_same_steps(half, capsys):
    step = OneStep(x=3.0, y=-2.0, w=0.5, learning_rate=0.07, half=half)
    exec(script(step, 4), {})
    printed = [[float(number) for number in line.split()] for line in capsys.readouterr().out.splitlines()]
    path = step.path(4)
    assert [w for _, _, w in printed] == pytest.approx(path[1:].tolist(), rel=1e-15)
    assert [loss for _, loss, _ in printed] == pytest.approx(step.loss(path[:-1]).tolist(), rel=1e-15)


def test_numbers_of_steps_that_would_lie_on_each_other_are_left_out():
    step = OneStep(learning_rate=0.1)
    path = step.path(9)
    drawn = tables(step, path, window(step, path)[0])["steps"]
    named = drawn.loc[drawn["named"], "step"].tolist()
    assert named == [0, 9], "step 1 is 0.8 from the last, and its words would lie on those"
