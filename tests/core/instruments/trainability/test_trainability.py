"""The trainability map against plain PyTorch loops over some of its cells."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.instruments.trainability.trainability import BANDS, STEPS, Window, band, joined, problem, trainability
from tests.cases import for_each

MAP = trainability(Window(), side=24)


def by_pytorch(rate_w, rate_v, steps=STEPS):
    """The losses (steps + 1,) of one cell, by autograd and torch.optim in double precision."""
    x, y, w, v = (torch.tensor(array) for array in problem())
    w.requires_grad_()
    v.requires_grad_()
    optimizer = torch.optim.SGD([{"params": [w], "lr": rate_w}, {"params": [v], "lr": rate_v}])
    losses = []
    for _ in range(steps + 1):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(torch.tanh(x @ w) @ v, y)
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
    return np.array(losses)


@pytest.mark.parametrize(("rate_w", "rate_v"), [(0.05, 0.05), (0.3, 0.02), (0.02, 0.3), (0.3, 0.3), (1.0, 0.05)])
def test_a_cell_that_trains_ends_where_a_plain_pytorch_loop_ends(rate_w, rate_v):
    window = Window(left=rate_w * 0.999, right=rate_w * 1.001, low=rate_v * 0.999, high=rate_v * 1.001)
    cell = trainability(window, side=1)  # its one cell lies at the middle, which is the rates themselves
    losses = by_pytorch(rate_w, rate_v)
    assert losses[-1] < losses[0]
    assert cell.final[0, 0] == pytest.approx(losses[-1] / losses[0], rel=2e-3)
    assert cell.measure[0, 0] == pytest.approx(np.minimum(losses[1:] / losses[0], 1).mean(), rel=2e-3)


@pytest.mark.parametrize(("rate_w", "rate_v"), [(0.1, 50.0), (100.0, 20.0), (1000.0, 100.0)])
def test_a_cell_that_blows_up_does_so_by_pytorch_too_and_as_soon(rate_w, rate_v):
    window = Window(left=rate_w * 0.999, right=rate_w * 1.001, low=rate_v * 0.999, high=rate_v * 1.001)
    cell = trainability(window, side=1)
    share = by_pytorch(rate_w, rate_v)[1:]
    share = share / by_pytorch(rate_w, rate_v, 0)[0]
    share = np.where(np.isfinite(share) & (share < 1e30), share, np.inf)
    assert not cell.final[0, 0] < 1
    assert cell.measure[0, 0] == pytest.approx(-np.minimum(1 / share, 1).mean(), abs=5e-3)


def test_rows_are_the_rates_of_layer_2_and_columns_those_of_layer_1():
    first, second = MAP.window.rates(24)
    assert (first[0], second[0]) == pytest.approx((1e-2 * 10 ** (5 / 48), 1e-2 * 10 ** (3 / 48)))
    row, column = 8, 2
    losses = by_pytorch(first[column], second[row])
    assert MAP.final[row, column] == pytest.approx(losses[-1] / losses[0], rel=2e-3)
    assert MAP.final[column, row] != pytest.approx(losses[-1] / losses[0], rel=2e-3)


def test_the_measure_is_positive_where_it_trained_and_only_there():
    assert ((MAP.measure > 0) == (MAP.final < 1)).all()
    assert (np.abs(MAP.measure) <= 1).all()
    assert 0.2 < (MAP.measure > 0).mean() < 0.6


def test_the_boundary_stays_ragged_however_far_one_zooms_in():
    # Of a smooth boundary a window a thousandth as wide would show a straight cut: at most one change a column.
    whole = trainability(Window(), side=64)
    edges = np.argwhere((whole.measure > 0)[:-1] != (whole.measure > 0)[1:])
    first, second = whole.window.rates(64)
    ragged = 0
    for row, column in edges[:: max(1, len(edges) // 12)]:
        at_w, at_v, near = first[column], second[row], 1.02
        inside = trainability(
            Window(left=at_w / near, right=at_w * near, low=at_v / near, high=at_v * near * 1.2), side=48
        )
        changes = (np.diff((inside.measure > 0).astype(int), axis=0) != 0).sum(axis=0)
        ragged += int((changes > 1).mean() > 0.1)
    assert ragged >= 3


def test_progress_rises_to_one_and_can_stop_it():
    seen: list[float] = []
    trainability(Window(), side=64, steps=2, progress=seen.append)
    assert seen == sorted(seen) and seen[-1] == 1 and len(seen) == 2

    def stop(_: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        trainability(Window(), side=64, steps=2, progress=stop)


@pytest.mark.parametrize("fields", [{"left": 0.0}, {"low": -1.0}, {"left": 5.0, "right": 1.0}, {"high": float("inf")}])
def test_a_window_that_is_none_is_refused_in_words(fields):
    with pytest.raises(ValueError, match=r"must be > 0 and below the other end"):
        Window(**fields)


@pytest.mark.parametrize("window", [Window(), Window(left=0.123456789012, right=0.2, low=1e-5, high=3.0)])
def test_a_window_is_a_word_of_a_link_and_back(window):
    assert Window.from_word(window.to_word()) == window


@for_each("word", ["", "1_2_3", "a_b_c_d", "2_1_1_2", "nan_1_1_2", "1_1_1_1", "_" * 5000, "1_inf_1_2"])
def test_a_word_that_is_no_window_is_refused(word):
    with pytest.raises(ValueError):
        Window.from_word(word)


def test_widened_twice_as_wide_has_the_same_middle_and_stays_within_reach():
    wide = Window(left=1.0, right=4.0, low=0.1, high=0.4).widened(2)
    assert (wide.left, wide.right) == pytest.approx((0.5, 8.0))
    assert (wide.low, wide.high) == pytest.approx((0.05, 0.8))
    far = Window(left=1e-6, right=1e6, low=1e-6, high=1e6)
    assert far.widened(2) == far


def test_the_bands_of_a_map_that_is_trained_bit_by_bit_are_those_of_the_whole_map():
    window = Window(left=0.5, right=400.0, low=0.05, high=5.0)
    whole, done = trainability(window), [band(window, place) for place in range(BANDS)]
    for name in ("measure", "final"):
        np.testing.assert_array_equal(getattr(joined(done), name), getattr(whole, name))
        np.testing.assert_array_equal(getattr(joined(done[:3]), name), getattr(whole, name)[:48])
