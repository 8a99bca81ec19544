"""The four cards' numbers, held against closed forms, PyTorch's autograd and the figures of the literature."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core import Experiment
from core.story.what_made_it_deep import four_parts, in_the_lab, swap_question, swapped_curves, swaps
from core.words import SKETCH


def test_the_unswapped_run_is_the_articles():
    plain = swaps()["none"]
    assert plain.limit == pytest.approx(0.08452405, rel=1e-7)
    assert plain.loss[[0, 1, 10, 1000]] == pytest.approx([44, 25.6608, 0.2435452642, 5.511055188e-5], rel=1e-8)


def test_without_b_the_limit_is_2_over_22_and_the_loss_a_pure_power():
    without = swaps()["model"]
    assert without.limit == pytest.approx(2 / 22)
    assert without.loss[:30] == pytest.approx(44 * (1 - 0.01 * 22) ** (2 * np.arange(30)))


def test_a_half_in_the_loss_is_half_the_rate_and_twice_the_limit():
    half, plain = swaps()["loss"], swaps()["none"]
    assert half.limit == pytest.approx(2 * plain.limit)
    x, y = np.stack([np.arange(1.0, 6), np.ones(5)], axis=1), 2 * np.arange(1.0, 6)
    w = np.zeros(2)
    for _ in range(1000):
        w = w - 0.01 * (1 / 5) * x.T @ (x @ w - y)
    assert half.loss[0] == pytest.approx(22)  # half of 44: the loss that is trained is the loss that is told
    assert half.loss[-1] == pytest.approx(np.mean((x @ w - y) ** 2) / 2)


def test_momentum_raises_the_limit_to_2_times_1_plus_b_and_rings():
    momentum = swaps()["optimizer"]
    assert momentum.limit == pytest.approx(2 * 1.9 / 23.66190379, rel=1e-8)
    assert (np.diff(momentum.loss[:101]) > 0).sum() == 48


def test_only_the_penguins_overflow_at_the_articles_good_rate():
    overflows = {name: swap.overflow for name, swap in swaps().items()}
    assert overflows.pop("data") > 0
    assert set(overflows.values()) == {-1}
    question = swap_question()
    assert "penguins" in list(question.choices)[question.right]
    assert all(question.choices.values())
    for place in range(3):
        assert "still above 0.01" in question.judge(place).why


def test_the_cards_say_their_numbers():
    said = {card.part: card.swapped for card in four_parts()}
    assert list(said) == ["model", "loss", "optimizer", "data"]
    assert "0.25" in said["model"]
    assert "to 2.6, not 4.2" in said["loss"]
    assert "0.08452 to **0.1606**" in said["optimizer"]
    assert "48 of the first 100" in said["optimizer"]
    assert f"epoch {swaps()['data'].overflow}" in said["data"]


def test_the_lab_opens_with_one_part_swapped_and_the_rest_as_it_was():
    lab = in_the_lab()
    assert replace(lab["data"], data="article") == Experiment()
    assert replace(lab["optimizer"], optimizer="sgd", momentum=0.0) == Experiment()
    assert Experiment.from_query("data=penguins")[0] == lab["data"]
    assert Experiment.from_query("optimizer=momentum&momentum=0.9")[0] == lab["optimizer"]


def test_the_swap_that_was_predicted_is_sketched_out_of_the_picture_and_named():
    names = ["without b", "half in front", "momentum", "penguins"]
    for name, choice in zip(names, swap_question().choices, strict=True):
        (_, loss), tables, words = swapped_curves(True, choice)
        assert tables["curves"]["y"][tables["curves"]["name"] == SKETCH].tolist() == [44, loss.high]
        assert tables["marks"]["words"].tolist() == [f"{name} overflows"]
        assert choice in words
    assert SKETCH not in set(swapped_curves(True)[1]["curves"]["name"])
