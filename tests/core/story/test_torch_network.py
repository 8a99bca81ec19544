"""The network of lesson 6 in PyTorch, held against closed forms; and how far both trainers agree."""

from __future__ import annotations

import numpy as np
import pytest

from core.methods.network import Network
from core.story.exclusive_or import SEEDS
from core.story.input_hidden_output import WEIGHTS
from core.story.torch_network import agreement, path_by_torch
from tests.cases import for_each


def test_one_step_of_a_line_is_the_one_done_by_hand():
    # 2 * 1 + 3 * 2 + 1 = 9, off by 4 from 5: gradient 8 for the bias, 8 * 1 and 8 * 2 for the weights
    path = path_by_torch(
        Network(widths=(2, 1)), np.array([2.0, 3.0, 1.0]), np.array([[1.0, 2.0]]), np.array([[5.0]]), 0.125, 1
    )
    assert path.tolist() == [[2, 3, 1], [1, 1, 0]]


def test_a_hidden_layers_weights_come_back_packed_as_they_went():
    network = Network(widths=(2, 3, 1))
    start = np.arange(13) / 10
    path = path_by_torch(network, start, np.array([[1.0, 0.0]]), np.array([[1.0]]), 0.0, 2)
    assert path.tolist() == [start.tolist()] * 3


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid", "identity"])
def test_a_small_step_of_torch_is_the_slope_of_the_loss(activation):
    network, rate, h = Network(widths=(2, 3, 1), activation=activation), 1e-3, 1e-6
    x, y, start = np.array([[1.0, -0.5], [0.3, 2.0]]), np.array([[1.0], [-1.0]]), network.start(2)
    moved = path_by_torch(network, start, x, y, rate, 1)[1] - start
    nudged = np.concatenate([start + h * np.eye(13), start - h * np.eye(13)])
    up, down = np.split(((network.forward(nudged, x)[-1] - y) ** 2).mean(axis=(1, 2)), 2)
    assert -moved / rate == pytest.approx((up - down) / (2 * h), abs=1e-7)


@for_each("seed", range(SEEDS))
def test_both_trainers_agree_on_every_weight_of_every_seed(seed):
    agreed = agreement(seed, 0.1)
    assert agreed.difference < 1e-12
    assert agreed.parted is None
    assert agreed.steps == 200
    assert len(WEIGHTS) == 13


def test_an_unstable_rate_parts_them_and_its_step_is_told():
    agreed = agreement(16, 0.5)
    assert 50 < agreed.parted < 200


def test_rates_no_trainer_can_take_are_told():
    assert agreement(16, -0.1) is None
    assert agreement(16, 1e308).parted is not None
    assert agreement(16, 0).difference == 0
