"""Problems: the arrays that are trained on, and the order of mini-batches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler

from core.datasets import DATASETS, dataset
from core.experiment import Experiment
from core.problems import minibatches, problem, standardized


def experiment(**fields):
    return Experiment(learning_rates=(0.01,), epochs=4, **fields)


@pytest.mark.parametrize("name", DATASETS)
def test_inputs_are_the_features_then_ones_for_the_intercept(name):
    task = problem(experiment(data=name))
    assert np.array_equal(task.inputs[:, 0], dataset(name).x[:, 0])
    assert (task.inputs[:, 1] == 1).all()
    assert np.array_equal(task.targets, dataset(name).y)
    assert task.names == ("w", "b")


@pytest.mark.parametrize("name", DATASETS)
def test_standardising_is_what_scikit_learn_does_and_leaves_the_targets(name):
    task = problem(experiment(data=name, standardize=True))
    np.testing.assert_allclose(
        task.inputs[:, :1], StandardScaler().fit_transform(dataset(name).x), rtol=1e-12, atol=1e-12
    )
    assert np.array_equal(task.targets, dataset(name).y)


def test_a_constant_column_standardises_to_zero_and_not_to_nan():
    x = np.array([[1.0, 7.0], [3.0, 7.0]])
    assert standardized(x).tolist() == [[-1, 0], [1, 0]]


def test_the_start_is_zero_or_what_was_asked_for():
    assert problem(experiment()).start.tolist() == [0, 0]
    assert problem(experiment(start=(3.0, -1.5))).start.tolist() == [3, -1.5]


def test_the_seed_of_the_experiment_draws_its_data():
    one, two = (problem(experiment(data="noisy-line", seed=seed)).targets for seed in (1, 2))
    assert not np.array_equal(one, two)
    assert np.array_equal(one, dataset("noisy-line", 1).y)


@settings(deadline=None)
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
