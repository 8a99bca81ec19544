"""Exclusive-or: what the network learns and the line can't, held against least squares and single runs."""

from __future__ import annotations

import numpy as np
import pytest

from core.story import exclusive_or
from core.story.exclusive_or import XOR_X, XOR_Y
from core.story.input_hidden_output import Example
from tests.cases import for_each


def test_a_line_on_exclusive_or_stops_at_the_variance_of_the_targets():
    inputs = np.column_stack([XOR_X, np.ones(4)])
    best, *_ = np.linalg.lstsq(inputs, XOR_Y, rcond=None)
    floor = float(np.mean((inputs @ best - XOR_Y) ** 2))
    assert floor == pytest.approx(0.25)
    assert floor == pytest.approx(XOR_Y.var())
    trained = exclusive_or.train_on_xor(Example().seed, 0.1)
    assert trained.line_loss[-1] == pytest.approx(floor, rel=1e-9)
    assert trained.line_outputs == pytest.approx([0.5] * 4, abs=1e-6)
    assert (trained.line_loss >= floor - 1e-15).all()
    assert np.diff(trained.line_loss).max() < 1e-13  # it falls steadily, as the last option is told
    question = exclusive_or.line_question(Example().seed, Example().learning_rate)
    assert question.judge(1).right
    assert list(question.choices)[1] == "At 0.25"


def test_with_a_hidden_layer_every_seed_learns_exclusive_or():
    assert exclusive_or.seeds_that_learn(0.1) == exclusive_or.SEEDS
    for seed in range(exclusive_or.SEEDS):
        trained = exclusive_or.train_on_xor(seed, 0.1)
        assert np.abs(trained.network_outputs - XOR_Y[:, 0]).max() < 0.07
        assert trained.network_loss[-1] < exclusive_or.LEARNED


def test_seeds_as_one_batch_learn_as_each_does_alone():
    learned = [
        exclusive_or.train_on_xor(seed, 0.5).network_loss[-1] < exclusive_or.LEARNED
        for seed in range(exclusive_or.SEEDS)
    ]
    assert exclusive_or.seeds_that_learn(0.5) == sum(learned)
    assert 0 < sum(learned) < exclusive_or.SEEDS


def test_the_network_rests_near_the_lines_loss_before_it_falls():
    loss = exclusive_or.train_on_xor(Example().seed, 0.1).network_loss
    step = int(np.argmax(loss < 0.2))
    assert step > 100
    assert abs(loss[step // 2] - 0.25) < 0.03
    words = exclusive_or.training_words(exclusive_or.train_on_xor(Example().seed, 0.1), 0.1)
    assert f"until step {step}" in words
    assert "A plateau is not always the end" in words


def test_at_a_half_the_training_has_almost_learned_it_and_then_explodes():
    trained = exclusive_or.train_on_xor(Example().seed, 0.5)
    lowest = int(np.nanargmin(trained.network_loss))
    assert trained.network_loss[lowest] < 0.02
    words = exclusive_or.training_words(trained, 0.5)
    assert f"at step {lowest}" in words
    assert "overflows at step" in words
    assert "The rate is too high" in words


@pytest.mark.parametrize(
    ("rate", "words"),
    [(0, "takes no step"), (-0.1, "walks uphill"), (1e308, "overflows at step"), (1e-300, "ends at")],
)
def test_any_rate_of_the_training_is_told_in_words(rate, words):
    assert words in exclusive_or.training_words(exclusive_or.train_on_xor(16, rate), rate)


@for_each("rate", [0.1, 0.3, 0.5, 0, -0.1, 1e308, 1e-300])
@for_each("seed", [0, 6, 16])
def test_curves_start_in_the_picture_and_are_marked_where_they_leave_it(seed, rate):
    trained = exclusive_or.train_on_xor(seed, rate)
    drawn = exclusive_or.curves(trained)
    assert np.isfinite(drawn["curves"][["x", "y"]].to_numpy()).all()
    for name, loss in zip(exclusive_or.NAMES, (trained.network_loss, trained.line_loss), strict=True):
        mine = drawn["curves"].query("name == @name")
        assert loss[0] <= trained.top
        assert (loss[mine["x"]] == mine["y"]).all()
        assert (np.diff(mine["x"]) > 0).all()
        leaves = bool((~(loss <= trained.top)).any())
        assert (name in drawn["marks"]["name"].tolist()) == leaves


def test_a_curve_is_drawn_until_it_leaves_for_good():
    trained = exclusive_or.train_on_xor(16, 0.5)
    loss = trained.network_loss
    assert loss[1] > trained.top  # out and back at once, and out for good much later
    drawn = exclusive_or.curves(trained)
    gone = int(np.flatnonzero(loss <= trained.top)[-1]) + 1
    assert gone > 100
    mine = drawn["curves"].query("name == @exclusive_or.NETWORK_NAME")
    assert mine["x"].max() == gone
    assert {0, 1, 2} <= set(mine["x"])
    assert drawn["marks"]["words"].tolist() == [f"left at step {gone}"]


def test_a_curve_that_comes_back_is_marked_with_both_steps():
    falls = np.array([0.9, 0.8, 2.0, 0.5, 3.0, 4.0, 0.1])
    quiet = np.full(7, 0.25)
    trained = exclusive_or.Trained(
        network_loss=falls, line_loss=quiet, network_outputs=np.zeros(4), line_outputs=np.zeros(4)
    )
    marks = exclusive_or.curves(trained)["marks"]
    assert marks["words"].tolist() == ["left at step 2, back for good at 6"]
    assert marks["x"].tolist() == [2]


def test_the_agreement_is_said_as_it_is():
    agree = exclusive_or.Agreement(difference=4e-16, steps=200, parted=None)
    assert "agree to **4\u00a0×\u00a010⁻¹⁶** on every weight after 200 steps" in exclusive_or.agreement_words(agree)
    exact = exclusive_or.Agreement(difference=0.0, steps=200, parted=None)
    assert "**exactly**" in exclusive_or.agreement_words(exact)
    parted = exclusive_or.Agreement(difference=1.0, steps=200, parted=118)
    assert "until step 117. Then they part" in exclusive_or.agreement_words(parted)
    assert "PyTorch takes no negative one" in exclusive_or.agreement_words(None)
