"""Measures: accuracy is scikit-learn's of what torch predicts; a dead unit is one made dead by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score

from core.diagnosis.measures import measures
from core.experiment.experiment import Experiment
from core.training.history import History
from core.training.problems import problem
from core.training.train import train
from tests.cases import for_each

BENDS = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid, "identity": lambda z: z}
KINDS = [
    {"data": "circles", "hidden": (8, 4)},
    {"data": "circles", "hidden": (8, 4), "loss": "mse", "activation": "relu"},
    {"data": "xor", "hidden": (), "features": ("x", "xy")},
    {"data": "penguins-species", "hidden": (6,), "standardize": True, "activation": "sigmoid"},
    {"data": "penguins-species", "hidden": (6,), "standardize": True, "loss": "mse"},
    {"data": "digits", "hidden": (16,), "standardize": True},
]


def torch_forward(experiment: Experiment, parameters: np.ndarray, inputs: np.ndarray) -> torch.Tensor:
    """(n, k) outputs by torch.nn.functional.linear, a layer after the other."""
    widths, at = experiment.widths, 0
    said = torch.tensor(inputs)
    for layer, (i, o) in enumerate(pairwise(widths), start=1):
        weights = torch.tensor(parameters[at : at + i * o]).reshape(i, o).T
        biases = torch.tensor(parameters[at + i * o : at + (i + 1) * o])
        said = torch.nn.functional.linear(said, weights, biases)
        said = BENDS[experiment.activation](said) if layer < len(widths) - 1 else said
        at += (i + 1) * o
    return said


def predicted(experiment: Experiment, parameters: np.ndarray, inputs: np.ndarray) -> np.ndarray:
    """(n,) classes: the largest softmax; of one output a chance above a half, or a value nearer to +1 than to -1."""
    outputs = torch_forward(experiment, parameters, inputs)
    if outputs.shape[1] > 1:
        return torch.softmax(outputs, dim=1).argmax(dim=1).numpy()
    if experiment.resolved_loss() == "mse":
        return ((outputs - 1).abs() < (outputs + 1).abs()).int().numpy()[:, 0]
    return (torch.sigmoid(outputs) > 0.5).int().numpy()[:, 0]


@pytest.mark.parametrize("fields", KINDS, ids=str)
def test_accuracy_is_scikit_learns_of_what_torch_predicts(fields):
    experiment = Experiment(learning_rates=(0.01, 0.5), epochs=12, test_share=0.3, **fields)
    history, task = train(experiment), problem(experiment)
    data = experiment.dataset()
    found = measures(history)
    assert found.epochs.tolist() == history.snapshot_epochs.tolist()
    # Which rows are held out: those whose point is among the test points, looked up in the data as measured.
    for points, inputs, labels, accuracy in (
        (task.points, task.inputs, task.labels, found.accuracy),
        (task.test_points, task.test_inputs, task.test_labels, found.test_accuracy),
    ):
        classes = {row.tobytes(): int(y) for row, y in zip(data.x, data.y, strict=True)}
        assert [classes[row.tobytes()] for row in points] == labels.tolist()
        for lane in range(2):
            for k in (0, 3, len(found.epochs) - 1):
                guesses = predicted(experiment, history.snapshots[lane, k], inputs[:, :-1])
                assert accuracy[lane, k] == pytest.approx(accuracy_score(labels, guesses), abs=1e-12)


def test_without_rows_held_out_there_is_no_test_accuracy_and_of_numbers_no_accuracy():
    assert measures(train(Experiment(data="circles", hidden=(4,), epochs=2))).test_accuracy is None
    found = measures(train(Experiment(data="bumps", hidden=(4,), epochs=2, test_share=0.5)))
    assert found.accuracy is None and found.test_accuracy is None
    assert found.dead.shape == (3, 3, 4)


def test_a_line_has_no_measures_and_says_so():
    with pytest.raises(ValueError, match="history must be that of a network"):
        measures(train(Experiment(epochs=5)))


def with_bias(history: History, unit: int, bias: float) -> History:
    """The history of 2-4-3-1 with one hidden unit's bias replaced at all snapshots of lane 0."""
    snapshots = history.snapshots.copy()
    place = 2 * 4 + unit if unit < 4 else 3 * 4 + 4 * 3 + unit - 4
    snapshots[0, :, place] = bias
    return replace(history, snapshots=snapshots)


def small(activation: str) -> History:
    rates = (0.01, 0.02)
    return train(Experiment(data="moons", hidden=(4, 3), activation=activation, learning_rates=rates, epochs=3))


@for_each("unit", range(7))
@for_each(("activation", "bias"), [("relu", -1e3), ("tanh", 50), ("tanh", -50), ("sigmoid", -50)])
def test_a_unit_pushed_far_to_the_flat_side_is_dead_and_no_other_in_no_other_lane(activation, bias, unit):
    untouched = measures(small(activation)).dead
    dead = measures(with_bias(small(activation), unit, bias)).dead
    assert dead.shape == (2, 4, 7)
    assert dead[0, :, unit].all()
    others = np.arange(7) != unit
    # Units behind a changed one hear something else, and may fall silent with it; those beside and before do not.
    others &= np.arange(7) < (4 if unit < 4 else 7)
    np.testing.assert_array_equal(dead[0][:, others], untouched[0][:, others])
    np.testing.assert_array_equal(dead[1], untouched[1])


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_a_unit_in_its_middle_range_is_alive(activation):
    assert not measures(small(activation)).dead.any()


def test_a_relu_unit_far_on_its_steep_side_is_alive():
    assert not measures(with_bias(small("relu"), 2, 1e3)).dead[0, :, 2].any()


def test_an_identity_unit_is_never_dead():
    for bias in (-1e6, 0.0, 1e6):
        assert not measures(with_bias(small("identity"), 1, bias)).dead.any()


def test_no_gradient_reaches_the_weights_of_a_dead_unit_as_autograd_sees_it():
    history = with_bias(small("relu"), 1, -1e3)
    experiment, task = history.experiment, problem(history.experiment)
    parameters = torch.tensor(history.snapshots[0, 0], requires_grad=True)
    hidden = torch.relu(torch.tensor(task.inputs[:, :2]) @ parameters[:8].reshape(2, 4) + parameters[8:12])
    hidden = torch.relu(hidden @ parameters[12:24].reshape(4, 3) + parameters[24:27])
    outputs = hidden @ parameters[27:30].reshape(3, 1) + parameters[30]
    torch.nn.functional.binary_cross_entropy_with_logits(outputs, torch.tensor(task.targets)).backward()
    gradient = parameters.grad.numpy()
    dead = measures(history).dead[0, 0]
    assert experiment.hidden == (4, 3) and dead[1]
    first = np.vstack([gradient[:8].reshape(2, 4), gradient[8:12]])
    assert (first[:, dead[:4]] == 0).all()
    assert (first[:, ~dead[:4]] != 0).any()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e308])
def test_where_parameters_are_no_numbers_accuracy_is_nan_there_and_only_there_without_a_warning(bad):
    experiment = Experiment(data="circles", hidden=(4,), activation="relu", learning_rates=(0.1, 0.2), epochs=3)
    history = train(replace(experiment, test_share=0.2))
    snapshots = history.snapshots.copy()
    snapshots[0, 2] = bad
    found, before = measures(replace(history, snapshots=snapshots)), measures(history)
    for changed, untouched in ((found.accuracy, before.accuracy), (found.test_accuracy, before.test_accuracy)):
        assert np.isnan(changed[0, 2])
        mask = np.ones(changed.shape, bool)
        mask[0, 2] = False
        np.testing.assert_array_equal(changed[mask], untouched[mask])


def test_a_model_without_hidden_layers_has_no_units_to_be_dead():
    assert measures(train(Experiment(data="xor", epochs=4))).dead.shape == (3, 5, 0)
