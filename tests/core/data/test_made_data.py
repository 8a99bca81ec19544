"""The made data: without noise it has exactly the shape its name says."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import make_moons

from core.data.datasets import NOISE, dataset
from tests.cases import for_each

each_data_set = for_each("name", NOISE)


@each_data_set
def test_a_seed_gives_the_same_points_and_another_seed_others(name):
    assert np.array_equal(dataset(name, 7).x, dataset(name, 7).x)
    assert np.array_equal(dataset(name, 7).y, dataset(name, 7).y)
    assert not (np.array_equal(dataset(name, 7).x, dataset(name, 8).x) and dataset(name, 7).task == "classes")
    assert not (np.array_equal(dataset(name, 7).y, dataset(name, 8).y) and dataset(name, 7).task == "regression")


@each_data_set
def test_left_out_noise_is_its_own_and_the_most_there_can_be_stays_finite(name):
    assert np.array_equal(dataset(name, 1).x, dataset(name, 1, NOISE[name]).x)
    assert np.array_equal(dataset(name, 1).y, dataset(name, 1, NOISE[name]).y)
    assert np.isfinite(dataset(name, 1, 1.0).x).all() and np.isfinite(dataset(name, 1, 1.0).y).all()


@pytest.mark.parametrize("name", [name for name in NOISE if dataset(name).task == "classes"])
def test_both_classes_are_equally_frequent(name):
    assert np.bincount(dataset(name, 3).y.astype(int)).tolist() == [len(dataset(name).y) // 2] * 2


def test_the_disc_and_the_ring_leave_a_gap():
    data = dataset("circles", 2, 0.0)
    radius = np.hypot(*data.x.T)
    assert radius[data.y == 0].max() <= 0.45
    assert radius[data.y == 1].min() >= 0.65 and radius.max() <= 1


def test_exclusive_or_is_told_by_the_signs():
    data = dataset("xor", 2, 0.0)
    x, y = data.x.T
    assert np.array_equal(data.y, (x * y > 0).astype(float))
    assert np.abs(data.x).min() >= 0.06 and np.abs(data.x).max() <= 1
    assert np.unique(np.sign(data.x), axis=0, return_counts=True)[1].tolist() == [64] * 4


def test_clouds_without_noise_are_their_centres():
    data = dataset("gaussians", 2, 0.0)
    assert np.array_equal(np.unique(data.x, axis=0), [[-0.5, -0.5], [0.5, 0.5]])
    wide = dataset("gaussians", 2, 0.5)
    assert (wide.x[wide.y == 0] + 0.5).std() == pytest.approx(0.5, rel=0.1)


def test_one_arm_of_the_spirals_is_the_other_turned_by_half_a_circle():
    data = dataset("spirals", 2, 0.0)
    assert np.array_equal(data.x[data.y == 0], -data.x[data.y == 1])
    radius = np.hypot(*data.x[data.y == 0].T)
    np.testing.assert_allclose(np.diff(radius), radius[1] - radius[0])  # as far out at each step


def test_the_moons_are_those_of_scikit_learn():
    x, y = make_moons(200, noise=None, shuffle=False)
    data = dataset("moons", 2, 0.0)
    np.testing.assert_allclose(data.x, x, atol=1e-12)
    assert np.array_equal(data.y, y)


def test_the_surfaces_are_their_formulas():
    plane, wave = dataset("plane", 2, 0.0), dataset("curve", 2, 0.0)
    np.testing.assert_allclose(plane.y, 0.5 * plane.x[:, 0] - 0.8 * plane.x[:, 1], atol=1e-13)
    np.testing.assert_allclose(wave.y, np.sin(2 * np.pi * wave.x[:, 0]), atol=1e-13)
    bumps = dataset("bumps", 2, 0.0)
    near = {spot: bumps.y[np.hypot(*(bumps.x - spot).T).argmin()] for spot in ((-0.5, 0.5), (0.5, 0.5))}
    assert near[-0.5, 0.5] > 0.8 and near[0.5, 0.5] < -0.8
