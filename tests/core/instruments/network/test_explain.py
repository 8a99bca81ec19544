"""Any number explained: the parameter is the right one, and its numbers are those of the run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.experiment.experiment import Experiment
from core.instruments.network.explain import WeightIndex, index, input_names, learns_from, moment, title, update
from core.methods.network import Network
from core.training.problems import problem
from core.training.train import train
from tests.cases import for_each

WIDTHS = st.lists(st.integers(1, 9), min_size=2, max_size=6).map(tuple)
RUN = Experiment(data="circles", hidden=(3, 2), learning_rates=(0.03, 0.5), epochs=200)
RULES = {
    "plain": {},
    "momentum": {"optimizer": "momentum", "momentum": 0.9},
    "adam": {"optimizer": "adam", "momentum": 0.9},
    "batches": {"batch_size": 32},
    "warm-up": {"schedule": "warm-up"},
    "torch": {"engine": "torch"},
    "penalty": {"l1": 0.01, "l2": 0.02},
}


def places(widths):
    """Every place of a network, in plain loops."""
    for layer in range(1, len(widths)):
        for target in range(widths[layer]):
            for source in (*range(widths[layer - 1]), None):
                yield WeightIndex(layer, source, target)


@settings(max_examples=40)
@given(widths=WIDTHS)
def test_the_index_of_a_place_is_where_the_networks_layers_read_it(widths):
    network = Network(widths=widths)
    layers = network.layers(np.arange(network.size)[None])  # each parameter says where it stands
    found = []
    for place in places(widths):
        layer = layers[place.layer - 1]
        rows = layer.biases[0, 0] if place.source is None else layer.weights[0, place.source]
        assert index(widths, place) == rows[place.target]
        found.append(index(widths, place))
    assert sorted(found) == list(range(network.size))


def test_the_index_of_a_place_is_where_torch_linear_has_it():
    layers = [torch.nn.Linear(i, o) for i, o in ((2, 3), (3, 2), (2, 1))]
    packed = np.concatenate([np.append(x.weight.detach().numpy().T, x.bias.detach().numpy()) for x in layers])
    for place in places((2, 3, 2, 1)):
        linear = layers[place.layer - 1]
        expected = linear.bias[place.target] if place.source is None else linear.weight[place.target, place.source]
        assert packed[index((2, 3, 2, 1), place)] == expected.item()


@pytest.mark.parametrize(
    "place",
    [
        WeightIndex(1, 3, 0),
        WeightIndex(1, 2, 0),
        WeightIndex(1, 0, 3),
        WeightIndex(3, None, 1),
        WeightIndex(2, -1, 0),
        WeightIndex(2, 0, -1),
    ],
)
def test_a_source_or_target_outside_the_network_is_refused_with_its_place(place):
    with pytest.raises(ValueError, match=r"place must lie in layers \(2, 3, 2, 1\), got WeightIndex"):
        index((2, 3, 2, 1), place)


@pytest.mark.parametrize("layer", [0, -1, 4, 99])
def test_a_layer_outside_the_network_is_refused_as_well(layer):
    with pytest.raises(ValueError, match=r"place must lie in layers \(2, 3, 2, 1\)"):
        index((2, 3, 2, 1), WeightIndex(layer, 0, 0))


def test_update_refuses_a_place_outside_the_network():
    history = train(replace(RUN, epochs=5))
    with pytest.raises(ValueError, match="place must lie in layers"):
        update(history, 0, WeightIndex(1, 7, 0), 2)


@for_each("fields", RULES.values())
def test_old_minus_rate_times_direction_is_new_at_every_moment_of_every_rule(fields):
    history = train(replace(RUN, **fields))
    for lane in range(2):
        for place in (WeightIndex(1, 0, 2), WeightIndex(2, 1, 0), WeightIndex(3, None, 0)):
            for epoch in history.snapshot_epochs[:-1].tolist():
                told = update(history, lane, place, epoch)
                assert told.epoch == epoch
                assert told.old - told.rate * told.direction == pytest.approx(told.new, rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("fields", [RULES["plain"], RULES["momentum"], RULES["adam"], RULES["warm-up"]])
def test_where_the_next_epoch_has_a_snapshot_new_is_the_parameter_it_holds(fields):
    history = train(replace(RUN, **fields))
    epochs = history.snapshot_epochs
    paired = np.flatnonzero(np.diff(epochs) == 1)
    assert len(paired) > 20
    for k in paired:
        for place in places(RUN.widths):
            told = update(history, 1, place, int(epochs[k]))
            after = history.snapshots[1, k + 1, index(RUN.widths, place)]
            assert told.new == pytest.approx(after, rel=1e-12, abs=1e-13)


def torch_parameters(place, optimizer, scheduler_start=None):
    """What torch makes of the run at rate 0.5: (before, gradient, after) of one parameter at each of 30 steps."""
    task = problem(RUN)
    model = torch.nn.Sequential(
        *(torch.nn.Linear(2, 3), torch.nn.Tanh()), *(torch.nn.Linear(3, 2), torch.nn.Tanh()), torch.nn.Linear(2, 1)
    ).double()
    linears = [model[0], model[2], model[4]]
    with torch.no_grad():
        at = 0
        for linear in linears:
            outputs, inputs = linear.weight.shape
            linear.weight[:] = torch.tensor(task.start[at : at + inputs * outputs].reshape(inputs, outputs).T)
            linear.bias[:] = torch.tensor(task.start[at + inputs * outputs : at + (inputs + 1) * outputs])
            at += (inputs + 1) * outputs
    steps = optimizer(model.parameters())
    x, y = torch.tensor(task.inputs[:, :-1]), torch.tensor(task.targets)
    linear, seen = linears[place.layer - 1], []
    for _ in range(30):
        steps.zero_grad()
        torch.nn.functional.binary_cross_entropy_with_logits(model(x), y).backward()
        kept = linear.bias if place.source is None else linear.weight
        spot = (place.target,) if place.source is None else (place.target, place.source)
        before, gradient = kept[spot].item(), kept.grad[spot].item()
        steps.step()
        seen.append((before, gradient, kept[spot].item()))
    return seen


@for_each("place", [WeightIndex(1, 1, 2), WeightIndex(2, 2, 0), WeightIndex(2, None, 1), WeightIndex(3, 0, 0)])
@for_each("rule", ["plain", "momentum", "adam"])
def test_old_gradient_and_new_are_those_of_torch_at_the_same_weight(place, rule):
    optimizers = {
        "plain": lambda p: torch.optim.SGD(p, lr=0.5),
        "momentum": lambda p: torch.optim.SGD(p, lr=0.5, momentum=0.9),
        "adam": lambda p: torch.optim.Adam(p, lr=0.5, betas=(0.9, 0.999)),
    }
    history = train(replace(RUN, epochs=30, **RULES[rule]))
    expected = torch_parameters(place, optimizers[rule])
    for epoch in (0, 1, 2, 10, 29):
        told = update(history, 1, place, epoch)
        before, gradient, after = expected[told.epoch]
        np.testing.assert_allclose((told.old, told.gradient, told.new), (before, gradient, after), rtol=1e-8)


def test_the_direction_of_plain_descent_is_the_gradient_and_of_momentum_the_velocity():
    plain = update(train(RUN), 1, WeightIndex(1, 0, 0), 3)
    assert plain.direction == pytest.approx(plain.gradient, rel=1e-9)
    history = train(replace(RUN, epochs=12, **RULES["momentum"]))
    velocity = 0.0
    for epoch in range(12):  # so few epochs that each has a snapshot
        told = update(history, 1, WeightIndex(1, 0, 0), epoch)
        velocity = 0.9 * velocity + told.gradient
        assert told.epoch == epoch
        assert told.direction == pytest.approx(velocity, rel=1e-9)


def test_adams_first_direction_is_the_sign_of_the_gradient():
    history = train(replace(RUN, **RULES["adam"]))
    for place in places(RUN.widths):
        told = update(history, 0, place, 0)
        assert told.direction == pytest.approx(np.sign(told.gradient), rel=1e-3)  # but for its epsilon


def test_the_moment_of_an_epoch_is_the_last_snapshot_at_or_before_it_that_a_step_follows():
    history = train(replace(RUN, epochs=3000))
    epochs = history.snapshot_epochs.tolist()
    for epoch in (0, 1, 2, 50, 777, 1500, 2998, 2999, 3000, 10**6):
        before = [k for k, at in enumerate(epochs) if at <= epoch and at < 3000]
        assert moment(history, epoch) == before[-1]
    assert update(history, 0, WeightIndex(1, 0, 0), 3000).epoch == 2999  # after the last epoch no step follows


def test_before_the_first_epoch_the_moment_is_the_first():
    assert moment(train(replace(RUN, epochs=1)), 0) == 0
    assert moment(train(replace(RUN, epochs=1)), 1) == 0
    assert moment(train(RUN), -5) == 0


def test_the_rate_that_is_told_is_the_schedules_at_that_step():
    history = train(replace(RUN, epochs=1000, schedule="warm-up"))
    assert update(history, 1, WeightIndex(1, 0, 0), 0).rate == pytest.approx(0.5 / 100)
    assert update(history, 1, WeightIndex(1, 0, 0), 1).rate == pytest.approx(0.5 / 50)
    assert update(history, 1, WeightIndex(1, 0, 0), 999).rate == 0.5


@for_each(
    ("fields", "place", "words"),
    [
        ({}, WeightIndex(1, 0, 2), "the weight from x to unit 3 of hidden layer 1"),
        ({}, WeightIndex(1, None, 0), "the bias of unit 1 of hidden layer 1"),
        ({}, WeightIndex(2, 2, 1), "the weight from unit 3 of hidden layer 1 to unit 2 of hidden layer 2"),
        ({}, WeightIndex(3, 1, 0), "the weight from unit 2 of hidden layer 2 to the output"),
        ({}, WeightIndex(3, None, 0), "the bias of the output"),
        ({"features": ("y2", "sinx")}, WeightIndex(1, 1, 0), "the weight from sin 6x to unit 1 of hidden layer 1"),
        ({"hidden": ()}, WeightIndex(1, 1, 0), "the weight from y to the output"),
        ({"data": "penguins-species"}, WeightIndex(3, 0, 2), "the weight from unit 1 of hidden layer 2 to output 3"),
        (
            {"data": "penguins-species"},
            WeightIndex(1, 1, 0),
            "the weight from flipper length (mm) to unit 1 of hidden layer 1",
        ),
        ({"data": "digits"}, WeightIndex(1, 8, 1), "the weight from pixel 2, 1 to unit 2 of hidden layer 1"),
    ],
)
def test_a_parameter_is_called_by_where_it_leads(fields, place, words):
    assert title(replace(RUN, epochs=2, **fields), place) == words


def test_inputs_are_called_by_their_features_or_their_columns():
    assert input_names(RUN) == ("x", "y")
    assert input_names(replace(RUN, features=("xy", "x2"))) == ("xy", "x²")


def test_a_step_learns_from_a_batch_or_from_all_training_rows():
    assert learns_from(train(replace(RUN, epochs=1))) == 256
    assert learns_from(train(replace(RUN, epochs=1, test_share=0.25))) == 192
    assert learns_from(train(replace(RUN, epochs=1, batch_size=32))) == 32


def test_the_update_of_an_overflowed_run_is_told_as_it_was_and_no_exception():
    history = train(replace(RUN, activation="relu", loss="mse", learning_rates=(1e6,)))
    assert history.diverged_at[0] > 0
    told = update(history, 0, WeightIndex(1, 0, 0), 200)
    assert not np.isfinite(told.new)
