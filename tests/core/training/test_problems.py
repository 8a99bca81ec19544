"""Problems: the arrays that are trained on, and the order of mini-batches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler

from core.data.datasets import LINES, dataset
from core.experiment.experiment import Experiment
from core.training.problems import minibatches, problem, split


def experiment(**fields):
    return Experiment(learning_rates=(0.01,), epochs=4, **fields)


@pytest.mark.parametrize("name", LINES)
def test_inputs_are_the_features_then_ones_for_the_intercept(name):
    task = problem(experiment(data=name))
    assert np.array_equal(task.inputs[:, 0], dataset(name).x[:, 0])
    assert (task.inputs[:, 1] == 1).all()
    assert np.array_equal(task.targets, dataset(name).y)
    assert task.names == ("w", "b")


@pytest.mark.parametrize("name", LINES)
def test_standardizing_is_what_scikit_learn_does_and_leaves_the_targets(name):
    task = problem(experiment(data=name, standardize=True))
    np.testing.assert_allclose(
        task.inputs[:, :1], StandardScaler().fit_transform(dataset(name).x), rtol=1e-12, atol=1e-12
    )
    assert np.array_equal(task.targets, dataset(name).y)


def test_a_constant_column_standardizes_to_zero_and_not_to_nan():
    pixels = problem(experiment(data="digits", standardize=True)).inputs[:, :-1]
    constant = dataset("digits").x.std(axis=0) == 0
    assert constant.any()  # the corners of the images are never written on
    assert (pixels[:, constant] == 0).all()
    np.testing.assert_allclose(pixels, StandardScaler().fit_transform(dataset("digits").x), rtol=1e-9, atol=1e-9)


def test_a_split_keeps_every_row_once_and_the_order():
    train, test = split(10, 0.3, seed=4)
    assert len(test) == 3
    assert sorted([*train, *test]) == list(range(10))
    assert train.tolist() == sorted(train) and test.tolist() == sorted(test)
    assert split(10, 0.3, seed=5)[1].tolist() != test.tolist()


@pytest.mark.parametrize(("points", "share", "held"), [(5, 0, 0), (5, 1e-9, 1), (2, 0.9, 1), (5, 0.9, 4), (1, 0.5, 0)])
def test_a_split_leaves_at_least_one_row_on_either_side(points, share, held):
    train, test = split(points, share, seed=0)
    assert (len(train), len(test)) == (points - held, held)


def test_held_out_rows_are_scaled_by_the_training_rows():
    task = problem(experiment(data="penguins-species", standardize=True, test_share=0.5))
    scaler = StandardScaler().fit(task.points)
    np.testing.assert_allclose(task.test_inputs[:, :-1], scaler.transform(task.test_points), rtol=1e-12)
    assert (task.inputs[:, -1] == 1).all() and (task.test_inputs[:, -1] == 1).all()


def test_features_are_what_their_names_say():
    task = problem(experiment(data="xor", features=("x", "y", "x2", "y2", "xy", "sinx", "siny")))
    x, y = task.points.T
    wanted = np.column_stack([x, y, x**2, y**2, x * y, np.sin(6 * x), np.sin(6 * y), np.ones(len(x))])
    np.testing.assert_allclose(task.inputs, wanted, rtol=1e-12)
    np.testing.assert_allclose(task.scaling.at(task.points), wanted[:, :-1], rtol=1e-12)


def test_targets_are_chances_under_cross_entropy_and_minus_one_and_one_under_mse():
    probabilities, signs = (problem(experiment(data="xor", loss=loss)) for loss in ("auto", "mse"))
    assert probabilities.targets[:, 0].tolist() == probabilities.labels.tolist() == dataset("xor").y.tolist()
    assert signs.targets.tolist() == (2 * probabilities.targets - 1).tolist()
    assert probabilities.targets.shape == (256, 1)
    three = problem(experiment(data="penguins-species"))
    assert three.targets.shape == (len(three.labels), 3)
    assert (three.targets.argmax(axis=1) == three.labels).all() and (three.targets.sum(axis=1) == 1).all()


def test_only_a_line_has_no_network():
    assert problem(experiment()).network is None
    assert problem(experiment(hidden=(3,))).network.widths == (1, 3, 1)
    assert problem(experiment(l2=0.1)).network.l2 == 0.1
    linear = problem(experiment(data="plane"))
    assert linear.network.widths == (2, 1)
    assert np.array_equal(linear.start, linear.network.start(0))


def test_the_start_is_zero_or_what_was_asked_for():
    assert problem(experiment()).start.tolist() == [0, 0]
    assert problem(experiment(start=(3.0, -1.5))).start.tolist() == [3, -1.5]


def test_a_networks_first_weights_are_the_drawn_ones_times_the_gain():
    drawn, doubled = (problem(experiment(data="circles", hidden=(3,), gain=gain)).start for gain in (1.0, 2.0))
    bound = np.sqrt(1 / np.repeat([2, 3], [3 * 3, 4]))  # torch.nn.Linear's, 1 / sqrt(inputs), layer by layer
    assert (np.abs(drawn) <= bound).all() and not (np.abs(drawn) <= bound / 2).all()
    assert doubled.tolist() == (2 * drawn).tolist()


def test_the_seed_of_the_experiment_draws_its_data():
    one, two = (problem(experiment(data="noisy-line", seed=seed)).targets for seed in (1, 2))
    assert not np.array_equal(one, two)
    assert np.array_equal(one, dataset("noisy-line", 1).y)


@given(st.integers(1, 342), st.integers(0, 2**32 - 1))
def test_every_row_comes_once_an_epoch_in_batches_of_the_size_asked_for(size, seed):
    epochs = list(minibatches(experiment(data="penguins", batch_size=size, seed=seed), 342))
    assert len(epochs) == 4
    for batches in epochs:
        assert sorted(np.concatenate(batches).tolist()) == list(range(342))
        assert {len(rows) for rows in batches[:-1]} <= {size}
        assert len(batches[-1]) == (342 % size or size)


def test_the_order_is_drawn_anew_each_epoch_and_from_the_seed_alone():
    first = experiment(data="penguins", batch_size=50, seed=7)
    orders = [np.concatenate(batches).tolist() for batches in minibatches(first, 342)]
    assert len({tuple(order) for order in orders}) == 4
    for other in (replace(first, engine="torch"), replace(first, learning_rates=(1.0, 2.0))):
        assert [np.concatenate(batches).tolist() for batches in minibatches(other, 342)] == orders
    assert [np.concatenate(b).tolist() for b in minibatches(replace(first, seed=8), 342)] != orders


def test_the_order_is_that_of_numpys_generator():
    order = np.random.default_rng(5)
    for batches in minibatches(experiment(data="article", batch_size=2, seed=5), 5):
        assert np.concatenate(batches).tolist() == order.permutation(5).tolist()
