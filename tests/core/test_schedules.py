"""Schedules: the multiplier of every step is that of its closed form and of torch's own scheduler."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.experiment import Experiment
from core.schedules import SCHEDULES
from core.training import train


def multipliers(name: str, steps: int) -> list[float]:
    return [SCHEDULES[name](step, steps) for step in range(steps)]


@pytest.mark.parametrize("steps", [1, 7, 1000])
def test_a_constant_schedule_multiplies_by_one_all_along(steps):
    assert multipliers("constant", steps) == [1.0] * steps


@pytest.mark.parametrize("steps", [10, 20, 100, 1000, 12_340])
def test_a_warm_up_is_torchs_linear_climb_over_the_first_tenth_of_the_steps(steps):
    climb = steps // 10
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    # From 1 / climb at the first step to 1 at step number climb - 1; of one step there is nothing to climb.
    scheduler = torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=1 / climb, total_iters=climb - 1)
    expected = []
    for _ in range(min(steps, 2 * climb + 5)):
        expected.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    np.testing.assert_allclose(multipliers("warm-up", steps)[: len(expected)], expected, rtol=1e-9)


@pytest.mark.parametrize("steps", [30, 999, 1000, 4567])
def test_a_warm_up_rises_by_equal_parts_for_a_tenth_of_the_steps_and_is_one_from_there_on(steps):
    found = np.array(multipliers("warm-up", steps))
    climbing = found < 1
    assert (found > 0).all()
    assert abs(climbing.sum() - steps / 10) <= 1
    assert (found[int(np.ceil(steps / 10)) :] == 1).all()
    np.testing.assert_allclose(np.diff(found[climbing]), 10 / steps, rtol=1e-9)


@pytest.mark.parametrize("steps", range(1, 11))
def test_of_ten_steps_or_fewer_a_tenth_is_one_step_so_nothing_is_warmed_up(steps):
    assert multipliers("warm-up", steps) == [1.0] * steps


@pytest.mark.parametrize("engine", ["numpy", "torch"])
def test_training_a_line_warms_up_as_torchs_own_scheduler_does(engine):
    rate, epochs = 0.05, 40
    history = train(Experiment(learning_rates=(rate,), epochs=epochs, schedule="warm-up", engine=engine))
    x, y = torch.arange(1.0, 6.0, dtype=torch.float64), 2 * torch.arange(1.0, 6.0, dtype=torch.float64)
    line = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([line], lr=rate)
    scheduler = torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=1 / 4, total_iters=3)
    losses = []
    for _ in range(epochs + 1):
        loss = ((line[0] * x + line[1] - y) ** 2).mean()
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
    np.testing.assert_allclose(history.loss[0], losses, rtol=1e-9)


def test_with_mini_batches_the_climb_counts_steps_and_not_epochs():
    # 256 points in batches of 64 are 4 steps an epoch; 20 epochs are 80 steps, the first 8 of them climb.
    experiment = Experiment(
        data="circles", hidden=(4,), learning_rates=(0.4,), epochs=20, batch_size=64, schedule="warm-up"
    )
    history = train(experiment)
    assert history.rates(np.array([0, 1, 2, 19]))[0].tolist() == pytest.approx([0.05, 0.25, 0.4, 0.4])
    moves, gradients = history.snapshot_moves[0], history.snapshot_gradients[0]
    for epoch, rate in ((0, 0.05), (1, 0.25), (2, 0.4), (19, 0.4)):
        k = int(np.flatnonzero(history.snapshot_epochs == epoch)[0])
        np.testing.assert_allclose(moves[k], -rate * gradients[k], rtol=1e-9, atol=1e-15)
