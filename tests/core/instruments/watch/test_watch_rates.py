"""Rates in force, of schedules and groups of parameters, against a plain loop; and what is said of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.optim import SGD, lr_scheduler

from core.instruments.watch.watch import watch
from tests.cases import for_each

EPOCHS, ROWS, SIZE = 6, 20, 5


def model_and_data():
    drawn = np.random.default_rng(5)
    data = tuple(torch.tensor(drawn.normal(size=(ROWS, k)), dtype=torch.float32) for k in (3, 1))
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1)), data


def plain_loop(make, schedule, each_batch=False, by_loss=False):
    """(losses, the rate of each epoch's first step) of the loop in PyTorch's own pages."""
    model, (x, y) = model_and_data()
    made = make(list(model.parameters()), 0.1)
    steps, order, losses, rates = schedule(made), np.random.default_rng(0), [], []
    for epoch in range(EPOCHS + 1):
        losses.append(nn.functional.mse_loss(model(x), y).item())
        if epoch and not each_batch:
            steps.step(losses[-1]) if by_loss else steps.step()
        rates.append(made.param_groups[0]["lr"])
        drawn = order.permutation(ROWS)
        for first in range(0, ROWS if epoch < EPOCHS else 0, SIZE):
            made.zero_grad()
            nn.functional.mse_loss(model(x[drawn[first : first + SIZE]]), y[drawn[first : first + SIZE]]).backward()
            made.step()
            if each_batch:
                steps.step()
    return losses, rates[:EPOCHS]


STEPS = EPOCHS * ROWS // SIZE
SCHEDULES = {
    "steps": (lambda optimizer: lr_scheduler.StepLR(optimizer, 2), False, False),
    "warm-up": (lambda optimizer: lr_scheduler.LinearLR(optimizer, 0.1, total_iters=4), False, False),
    "cosine": (lambda optimizer: lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS), False, False),
    "one cycle": (lambda optimizer: lr_scheduler.OneCycleLR(optimizer, 0.3, total_steps=STEPS), True, False),
    "cycles": (lambda optimizer: lr_scheduler.CyclicLR(optimizer, 0.01, 0.2, 3), True, False),
    "plateau": (lambda optimizer: lr_scheduler.ReduceLROnPlateau(optimizer, patience=0, threshold=0.5), False, True),
}


@for_each("name", SCHEDULES)
def test_a_schedule_is_stepped_as_in_the_plain_loop_to_the_last_bit_and_its_rate_recorded(name):
    schedule, each_batch, by_loss = SCHEDULES[name]
    model, data = model_and_data()

    def make(parameters, rate):
        return SGD(parameters, lr=rate, momentum=0.5)

    watched = watch(
        model,
        nn.MSELoss(),
        data,
        (0.1,),
        epochs=EPOCHS,
        batch_size=SIZE,
        optimizer=make,
        scheduler=schedule,
        sharpness=3,
    )
    losses, rates = plain_loop(make, schedule, each_batch, by_loss)
    assert watched.loss[0].tolist() == losses
    np.testing.assert_array_equal(watched.rates(np.arange(EPOCHS))[0], rates)
    assert len(set(rates)) > 1
    np.testing.assert_array_equal(watched.frame(points=None)["rate_in_force"], [*rates, rates[-1]])
    in_force = np.array([*rates, rates[-1]])[watched.sharpness_epochs]
    np.testing.assert_allclose(watched.rate_times_sharpness()[0], in_force * watched.sharpness[0])
    assert watched.edge is None
    assert "the rate in force was from" in watched.diagnose()[0].evidence


def run(optimizer, **more):
    model, data = model_and_data()
    return watch(model, nn.MSELoss(), data, (0.1,), epochs=12, optimizer=optimizer, **more)


def unstepped(parameters, rate):
    made = SGD(parameters, lr=rate)
    lr_scheduler.LambdaLR(made, lambda epoch: min(1.0, epoch / 5))
    return made


def unstepped_from_a_third(parameters, rate):
    made = SGD(parameters, lr=rate)
    lr_scheduler.LinearLR(made)
    return made


def frozen_by_hand(parameters, rate):
    parameters[0].requires_grad_(False)
    return SGD(parameters, lr=rate)


def groups(*rates):
    return lambda p, lr: SGD([{"params": p[:2], "lr": rates[0]}, {"params": p[2:], "lr": rates[1]}], lr=lr)


SAID = {
    "a warm-up that stands still": (unstepped, "was never stepped", "nothing was trained", "Hand the schedule over"),
    "a ramp that stands still": (
        unstepped_from_a_third,
        "in force was 0.03333, the lane's is 0.1",
        "",
        "First hand the",
    ),
    "a rate of zero": (
        lambda p, lr: SGD(p, lr=0.0),
        "in force was 0, the lane's is 0.1",
        "nothing was trained",
        "a rate",
    ),
    "a group of rate zero": (groups(0.0, 0.1), "1 of 2 groups of parameters had the rate 0 throughout", "", ""),
    "groups of their own": (groups(0.01, 0.2), "in force was from 0.01 to 0.2, the lane's is 0.1", "", ""),
    "a hundredth": (lambda p, lr: SGD(p, lr=0.01 * lr), "in force was 0.001, the lane's is 0.1", "", ""),
    "parameters left out": (lambda p, lr: SGD(p[2:], lr=lr), "no rate reached 16 of 21 parameters", "", ""),
    "parameters frozen": (frozen_by_hand, "no rate reached 12 of 21 parameters", "", ""),
}


@for_each("what", SAID)
def test_a_rate_that_is_not_the_lanes_or_reaches_nothing_is_said_and_has_no_stability_line(what):
    optimizer, evidence, reason, advice = SAID[what]
    watched = run(optimizer, sharpness=2)
    (found,) = watched.diagnose()
    assert evidence in found.evidence
    assert reason in found.reason
    assert advice in found.advice
    if "no rate reached" not in evidence:
        assert watched.edge is None
    if "groups" in what:
        assert np.isnan(watched.rate_times_sharpness()).all()
    if reason:
        assert len(set(watched.loss[0])) == 1  # indeed nothing was


def test_lanes_may_have_other_numbers_of_groups():
    def make(parameters, rate):
        slow = [{"params": parameters[:1]}, {"params": parameters[1:], "lr": 2 * rate}]
        return SGD(slow if rate < 0.05 else parameters, lr=rate)

    model, data = model_and_data()
    watched = watch(model, nn.MSELoss(), data, (0.01, 0.1), epochs=3, optimizer=make)
    assert watched.group_rates[:, 0].tolist() == [[0.01, 0.02], [0.1, 0.1]]
    np.testing.assert_array_equal(watched.rates(np.arange(2)), [[np.nan] * 2, [0.1] * 2])


def test_of_a_rate_that_is_the_lanes_nothing_is_said():
    watched = run(SGD)
    assert watched.edge == 2.0 and watched.group_rates is None
    assert "in force" not in watched.diagnose()[0].evidence
    np.testing.assert_array_equal(watched.rates(np.array([0, 3, 12])), [[0.1] * 3])


@for_each(
    ("scheduler", "says"),
    [
        (
            lambda optimizer: None,
            "scheduler must make a schedule of torch.optim.lr_scheduler .* got NoneType",
        ),
        (
            lambda optimizer: lr_scheduler.StepLR(SGD([torch.zeros(1)], lr=1), 3),
            "scheduler must use the optimizer it is",
        ),
    ],
)
def test_what_is_no_schedule_of_its_optimizer_is_refused(scheduler, says):
    with pytest.raises(ValueError, match=says):
        run(SGD, scheduler=scheduler)
