"""Maximal-update scaling, by what defines it: one step changes what a network says by as much at every width."""

import numpy as np
import pytest

from core.instruments.papers.width import WIDTHS, maximal_update
from core.methods.network import Network

X = np.random.default_rng(0).normal(size=(50, 2))
Y = np.sign(X[:, :1])


def change(width: int, scaled: bool) -> float:
    """The mean change of the outputs by one small step, over the rate, in the mean of ten starts."""
    network = Network(widths=(2, width, width, 1), activation="tanh", loss="mse")
    start, rate = maximal_update(network.widths) if scaled else (np.ones(network.size), np.ones(network.size))
    at = np.stack([network.start(seed) for seed in range(10)]) * start
    after = at - 1e-6 * rate * network.gradient(at, X, Y)
    before, then = (network.forward(each, X)[-1] for each in (at, after))
    return float(np.abs(then - before).mean()) / 1e-6


def test_one_step_changes_outputs_as_much_at_every_width():
    changes = [change(width, scaled=True) for width in WIDTHS]
    assert max(changes) / min(changes) < 2


def test_without_it_a_step_changes_more_the_wider_the_network_is():
    assert change(256, scaled=False) > 4 * change(16, scaled=False)


def test_at_the_narrowest_both_are_the_same():
    start, rate = maximal_update((2, 16, 16, 1))
    assert start == pytest.approx(np.ones_like(start)) and rate == pytest.approx(np.ones_like(rate))
