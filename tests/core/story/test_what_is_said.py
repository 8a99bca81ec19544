"""Sentences of the lessons that were false or said too much, held against what is worked out here."""

from __future__ import annotations

import inspect

import numpy as np
import torch

from core.diagnosis.verdicts import diagnose
from core.experiment.experiment import Experiment
from core.export.handout import questions
from core.story import backpropagation, from_scratch, what_made_it_deep
from core.story.lessons import LESSONS
from core.story.question import ChoiceQuestion
from core.training.train import train

X, Y = np.stack([np.arange(1.0, 6), np.ones(5)], axis=1), 2 * np.arange(1.0, 6)


def slope(w):
    return 2 / 5 * X.T @ (X @ w - Y)


def article_loss(rate, steps):
    w = np.zeros(2)
    for _ in range(steps):
        w = w - rate * slope(w)
    return np.mean((X @ w - Y) ** 2)


def test_just_below_the_limit_a_run_can_look_as_if_it_stood_still_and_need_not():
    limit = 0.08452405
    assert article_loss(0.9998 * limit, 100) > 0.8 * 44
    assert article_loss(0.95 * limit, 100) < 1e-3 * 44
    assert any("just below, it can look as if it stood still" in said for said, _ in what_made_it_deep.RECAP)


def test_adam_moves_every_number_by_about_the_rate_at_first_only():
    w, first, second, moves = np.zeros(2), np.zeros(2), np.zeros(2), []
    for step in range(1, 2001):
        g = slope(w)
        first, second = 0.9 * first + 0.1 * g, 0.999 * second + 0.001 * g**2
        move = 0.01 * first / (1 - 0.9**step) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
        w, moves = w - move, [*moves, np.abs(move).max()]
    assert min(moves[:20]) > 0.009 and moves[0] < 0.0101
    assert max(moves[-100:]) < 0.001
    assert "so that at first every number moves by about the rate" in backpropagation.rule_question().ask


def steps_to_leave(rate):
    """Steps until (w^2 - b^2) / 2 has fallen by a half, from a millionth beside its saddle."""
    w, b, steps = 1e-6, 1e-6, 0
    while (w * w - b * b) / 2 > -0.5:
        w, b, steps = w - rate * w, b + rate * b, steps + 1
    return steps


def test_a_gradient_near_zero_does_not_mean_that_no_rate_helps():
    assert steps_to_leave(0.9) < steps_to_leave(0.01) / 10
    said = from_scratch.tell_apart()
    assert "no rate helps" not in said
    assert "a higher rate can help" in said


def test_a_run_that_a_penalty_holds_is_not_told_of_units_and_saddles_alone():
    held = Experiment(data="circles", hidden=(8,), l2=0.03, learning_rates=(0.3,), epochs=800)
    free = Experiment(data="circles", hidden=(8,), learning_rates=(0.3,), epochs=800)
    ended, (found,) = train(held).loss[0, -1], diagnose(train(held))
    assert train(free).loss[0, -1] < 0.5 * ended  # the same width does it without the penalty
    assert found.label != "plateau" or "penalty" in found.reason + found.advice


def test_a_loss_with_a_half_is_told_with_its_half():
    assert what_made_it_deep.swaps()["loss"].loss[0] == np.mean(Y**2) / 2
    assert "whole squares" not in inspect.getsource(what_made_it_deep)


def test_no_question_is_answered_by_the_length_of_its_options():
    # Of all choices of all lessons: the right one beside the mean of the others.
    asked = [question for lesson in LESSONS for question in questions(lesson.file)]
    longer = []
    for question in asked:
        if isinstance(question, ChoiceQuestion):
            lengths = [len(option) for option in question.choices]
            right = lengths.pop(question.right)
            longer.append(right / np.mean(lengths))
    assert len(longer) > 20
    assert 0.8 < np.mean(longer) < 1.2


def test_a_line_that_has_converged_is_told_apart_from_what_could_go_lower():
    # Points (x, x^2) at x = -2..2: the best line has loss 2.8 and no more epochs change it; a parabola has loss 0.
    x = np.arange(-2.0, 3.0)
    line, parabola = (np.polyval(np.polyfit(x, x**2, degree), x) for degree in (1, 2))
    assert np.mean((line - x**2) ** 2) > 2.79 and np.mean((parabola - x**2) ** 2) < 1e-20
    question = from_scratch.flat_questions()[2]
    assert list(question.choices)[question.right] == "Take a larger model"
    assert "it is 2.8 still" in question.choices["Train ten times as long"]


def test_momentums_convention_is_stated_where_its_first_step_is_asked_for():
    # With dampening, as some books write it, the first step is a tenth of this one.
    w = torch.zeros(1, requires_grad=True)
    w.grad = torch.tensor([-30.0])
    torch.optim.SGD([w], lr=0.01, momentum=0.9).step()
    assert abs(w.item() - 0.3) < 1e-6
    assert "v = 0.9 × v + gradient" in backpropagation.rule_question().ask
