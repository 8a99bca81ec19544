"""Schedules: the multiplier of every step is that of its closed form and of torch's own scheduler."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.experiment.experiment import Experiment
from core.methods.schedules import SCHEDULES, TITLES, StatefulSchedule
from core.training.numpy_trainer import NumpyTrainer
from core.training.problems import problem
from core.training.torch_trainer import TorchTrainer
from core.training.train import train
from tests.cases import for_each


def multipliers(name: str, steps: int) -> list[float]:
    return [SCHEDULES[name](step, steps) for step in range(steps)]


def by_torch(make, steps: int) -> list[float]:
    """What a scheduler of torch makes of a rate of 1 at steps 0 to steps - 1."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler, rates = make(optimizer, steps), []
    for step in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if step < steps - 1:
            scheduler.step()
    return rates


def warmed(make):
    """Torch's linear climb over a tenth of the steps, then another schedule of its own over the rest."""

    def both(optimizer, steps):
        climb = -(-steps // 10)
        first = LR.LinearLR(optimizer, start_factor=1 / climb, total_iters=climb - 1)
        return LR.SequentialLR(optimizer, [first, make(optimizer, steps - climb)], milestones=[climb])

    return both


def stable(optimizer, steps, climb=0):
    """Torch's own: a climb where there is one, then a constant rate, and over the last fifth a straight line to 0."""
    fall = -(-(steps - climb) // 5)
    parts = [LR.ConstantLR(optimizer, factor=1.0), LR.LinearLR(optimizer, 1.0, 0.0, total_iters=fall)]
    if not climb:
        return LR.SequentialLR(optimizer, parts, milestones=[steps - fall])
    first = LR.LinearLR(optimizer, start_factor=1 / climb, total_iters=climb - 1)
    return LR.SequentialLR(optimizer, [first, *parts], milestones=[climb, steps - fall])


LR = torch.optim.lr_scheduler
THEIRS = {
    "constant": lambda optimizer, steps: LR.ConstantLR(optimizer, factor=1.0),
    "step": lambda optimizer, steps: LR.StepLR(optimizer, step_size=max(1, round(0.3 * steps)), gamma=0.1),
    "exponential": lambda optimizer, steps: LR.ExponentialLR(optimizer, gamma=0.01 ** (1 / steps)),
    "cosine": lambda optimizer, steps: LR.CosineAnnealingLR(optimizer, T_max=steps),
    "linear": lambda optimizer, steps: LR.LinearLR(optimizer, start_factor=1.0, end_factor=0.0, total_iters=steps),
    "stable-decay": stable,
    "one-cycle": lambda optimizer, steps: LR.OneCycleLR(optimizer, max_lr=1.0, total_steps=steps, cycle_momentum=False),
    "cyclical": lambda optimizer, steps: LR.CyclicLR(
        optimizer, base_lr=0.1, max_lr=1.0, step_size_up=max(1, round(steps / 20)), cycle_momentum=False
    ),
    "restarts": lambda optimizer, steps: LR.CosineAnnealingWarmRestarts(optimizer, T_0=-(-steps // 15), T_mult=2),
}
THEIRS |= {f"warm-up-{name}": warmed(THEIRS[name]) for name in ("cosine", "linear", "step", "exponential")}
THEIRS["warm-up-stable-decay"] = lambda optimizer, steps: stable(optimizer, steps, climb=-(-steps // 10))


@for_each("steps", [20, 100, 150, 1000])
@for_each("name", THEIRS)
def test_every_schedule_gives_the_rate_of_torchs_own_scheduler_at_every_step(name, steps):
    np.testing.assert_allclose(multipliers(name, steps), by_torch(THEIRS[name], steps), rtol=1e-12, atol=1e-15)


@for_each("name", [name for name in THEIRS if not name.startswith("warm")])
@for_each("steps", [2, 3, 7, 15, 37, 333])
def test_so_it_does_where_the_run_does_not_divide_evenly(name, steps):
    np.testing.assert_allclose(multipliers(name, steps), by_torch(THEIRS[name], steps), rtol=1e-12, atol=1e-15)


def test_every_schedule_is_held_against_torch_and_has_a_title():
    assert {*THEIRS, "warm-up"} == set(SCHEDULES)
    assert set(TITLES) == {*SCHEDULES, "plateau"}


@for_each("name", SCHEDULES)
@for_each("steps", [1, 2, 5, 100, 4567])
def test_every_multiplier_is_above_0_and_at_most_1(name, steps):
    # The rate asked for is the highest; one of 0 would be a step that is none.
    found = np.array(multipliers(name, steps))
    assert (found > 0).all() and (found <= 1 + 1e-15).all()


def test_one_cycle_has_the_figures_of_torch():
    rates = multipliers("one-cycle", 100)
    assert rates[0] == pytest.approx(0.04, rel=1e-12)
    assert int(np.argmax(rates)) == 29 and rates[29] == 1.0
    assert rates[50] == pytest.approx(0.793893, abs=5e-7)
    assert rates[99] == pytest.approx(4e-6, rel=1e-6)


def test_the_other_schedules_have_the_figures_of_their_closed_forms():
    assert multipliers("step", 100)[29:31] == [1.0, 0.1]
    assert multipliers("exponential", 100)[50] == pytest.approx(0.1)
    assert multipliers("cosine", 100)[50] == pytest.approx(0.5)
    assert multipliers("linear", 100)[75] == pytest.approx(0.25)
    assert [SCHEDULES["restarts"](step, 15) for step in (0, 1, 3, 7)] == [1, 1, 1, 1]  # lengths 1, 2, 4, 8
    assert np.flatnonzero(np.isclose(multipliers("cyclical", 100), 1.0)).tolist() == list(range(5, 100, 10))


def test_after_a_warm_up_a_schedule_runs_over_the_rest_as_if_it_began_there():
    rates = multipliers("warm-up-linear", 100)
    assert rates[:10] == pytest.approx(np.arange(1, 11) / 10)
    assert rates[10:] == pytest.approx(1 - np.arange(90) / 90)


def test_on_a_plateau_each_rate_falls_when_torchs_would():
    # Losses that fall, stop, jump about, and are no number; each lane has a scheduler of its own.
    draw = np.random.default_rng(8)
    wandering = 1 + 0.1 * draw.normal(size=200)
    falling = 0.99 ** np.arange(200)
    losses = np.array([falling, np.maximum(falling, 0.4), wandering, np.full(200, np.nan), np.ones(200)])
    schedule, schedulers = StatefulSchedule("plateau", 200, len(losses)), []
    for _ in losses:
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
        schedulers.append(LR.ReduceLROnPlateau(optimizer, min_lr=1e-4, eps=0))
    for step, column in enumerate(losses.T):
        for scheduler, loss in zip(schedulers, column, strict=True):
            scheduler.step(loss)
        schedule.observe(column)
        expected = [scheduler.optimizer.param_groups[0]["lr"] for scheduler in schedulers]
        np.testing.assert_allclose(schedule.multiplier(step), expected, rtol=1e-12)
    assert schedule.multiplier(199)[0] == 1.0  # it went on falling
    assert (schedule.multiplier(199)[1:] < 1).all()


@for_each(
    "engine, batch, precision",
    [("numpy", None, "float64"), ("torch", 64, "float64"), ("numpy", 64, "float32"), ("torch", None, "float32")],
)
def test_training_on_a_plateau_records_the_multipliers_of_its_losses(engine, batch, precision):
    experiment = Experiment(
        **{"data": "xor", "learning_rates": (0.01, 3.0), "epochs": 300, "schedule": "plateau"},
        **{"engine": engine, "batch_size": batch, "precision": precision},
    )
    history = train(experiment)
    for lane, losses in enumerate(history.loss):
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
        scheduler, expected = LR.ReduceLROnPlateau(optimizer, min_lr=1e-4, eps=0), []
        for loss in losses[:-1]:
            scheduler.step(loss)
            expected.append(optimizer.param_groups[0]["lr"])
        np.testing.assert_allclose(history.multipliers[lane], expected, rtol=1e-12)
    assert history.multipliers[0, -1] != history.multipliers[1, -1]
    # The moves are those of the rates that are told, also after the fall.
    at = history.snapshot_epochs[:-1]
    expected = -history.rates(at)[:, :, None] * history.snapshot_gradients[:, :-1]
    close = {"rtol": 1e-7, "atol": 1e-13} if precision == "float64" else {"rtol": 1e-2, "atol": 3e-7}
    np.testing.assert_allclose(history.snapshot_moves[:, :-1], expected, **close)
    last = history.rates(np.array([299, 300]))
    assert (last[:, 0] == last[:, 1]).all()


@pytest.mark.parametrize("engine", [NumpyTrainer, TorchTrainer])
@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_a_multiplier_for_each_rate_is_each_rate_trained_alone(engine, optimizer):
    def ends(rates, multiplier):
        experiment = Experiment(data="moons", hidden=(3,), learning_rates=rates, optimizer=optimizer)
        machine = engine(experiment, problem(experiment))
        for _ in range(5):
            machine.backward()
            machine.step(multiplier)
        return machine.parameters.copy()

    together = ends((0.1, 0.4), np.array([0.5, 0.1]))
    alone = np.concatenate([ends((0.1,), 0.5), ends((0.4,), 0.1)])
    np.testing.assert_allclose(together, alone, rtol=1e-12, atol=1e-13)


@for_each("engine", ["numpy", "torch"])
@for_each("name", SCHEDULES)
def test_the_rates_of_a_history_are_those_its_steps_were_made_at(name, engine):
    experiment = Experiment(
        **{"data": "circles", "hidden": (4,), "learning_rates": (0.02, 0.4), "epochs": 30, "batch_size": 100},
        **{"schedule": name, "engine": engine},
    )
    history = train(experiment)
    at = history.snapshot_epochs[:-1]
    expected = -history.rates(at)[:, :, None] * history.snapshot_gradients[:, :-1]
    # A move is a difference of two parameters of about 1, so that is what its rounding goes by.
    np.testing.assert_allclose(history.snapshot_moves[:, :-1], expected, rtol=1e-9, atol=1e-14)


@for_each("name", SCHEDULES)
def test_after_the_last_epoch_the_rate_is_that_of_the_last_step(name):
    history = train(Experiment(epochs=40, batch_size=2, learning_rates=(0.01,), schedule=name))
    assert history.rates(np.array([40]))[0, 0] == pytest.approx(0.01 * multipliers(name, 120)[-1], rel=1e-12)


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


@for_each("steps", range(1, 11))
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
        np.testing.assert_allclose(moves[k], -rate * gradients[k], rtol=1e-9, atol=1e-13)


def test_a_schedule_of_no_known_name_is_refused_and_not_held_constant():
    with pytest.raises(ValueError, match=r"^schedule must be one of constant, step, .*, plateau, got 'cosin'$"):
        StatefulSchedule("cosin", 100, 1)
