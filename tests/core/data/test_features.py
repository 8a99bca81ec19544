"""Features: each is the function of x and y its name says."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from core.data.features import FEATURES
from core.experiment.experiment import Experiment
from core.training.problems import problem
from core.training.train import train
from tests.cases import for_each

POINTS = np.random.default_rng(3).uniform(-1, 1, (50, 2))
BY_HAND = {
    "x": lambda x, y: x,
    "y": lambda x, y: y,
    "x2": lambda x, y: x * x,
    "y2": lambda x, y: y * y,
    "xy": lambda x, y: x * y,
    "sinx": lambda x, y: math.sin(6 * x),
    "siny": lambda x, y: math.sin(6 * y),
}


def test_the_features_are_the_seven_of_tensorflow_playground():
    assert list(FEATURES) == ["x", "y", "x2", "y2", "xy", "sinx", "siny"]
    assert len({feature.title for feature in FEATURES.values()}) == 7


@for_each("name", FEATURES)
def test_a_feature_of_each_point_is_what_its_name_says(name):
    expected = [BY_HAND[name](x, y) for x, y in POINTS]
    np.testing.assert_allclose(FEATURES[name].of(POINTS), expected, rtol=1e-14)


def test_x_y_and_their_products_are_those_of_scikit_learn():
    ours = np.column_stack([FEATURES[name].of(POINTS) for name in ("x", "y", "x2", "xy", "y2")])
    np.testing.assert_allclose(ours, PolynomialFeatures(2, include_bias=False).fit_transform(POINTS), rtol=1e-14)


def test_a_network_is_shown_the_chosen_features_in_the_order_they_were_chosen():
    experiment = Experiment(data="spirals", features=("siny", "x", "xy"))
    points = experiment.dataset().x
    expected = [[BY_HAND[name](x, y) for name in ("siny", "x", "xy")] for x, y in points]
    np.testing.assert_allclose(problem(experiment).inputs[:, :-1], expected, rtol=1e-14)
    assert experiment.widths == (3, 1)


def test_features_are_standardized_after_they_are_computed():
    experiment = Experiment(data="circles", features=("x2", "y2"), standardize=True)
    expected = StandardScaler().fit_transform(experiment.dataset().x ** 2)
    np.testing.assert_allclose(problem(experiment).inputs[:, :-1], expected, rtol=1e-12, atol=1e-12)


@for_each("name", FEATURES)
def test_both_engines_are_shown_the_same_feature(name):
    experiment = Experiment(data="moons", features=(name,), learning_rates=(0.1,), epochs=5)
    torch_run, numpy_run = (train(replace(experiment, engine=engine)) for engine in ("torch", "numpy"))
    np.testing.assert_allclose(torch_run.loss, numpy_run.loss, rtol=1e-12)
    # By hand: a linear model's first gradient under cross-entropy.
    points, labels = experiment.dataset().x, experiment.dataset().y
    model = torch.tensor(problem(experiment).start, requires_grad=True)
    shown = torch.tensor([BY_HAND[name](x, y) for x, y in points], dtype=torch.float64)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(model[0] * shown + model[1], torch.tensor(labels))
    loss.backward()
    np.testing.assert_allclose(numpy_run.snapshot_gradients[0, 0], model.grad.numpy(), rtol=1e-10)


@pytest.mark.parametrize("data", ["circles", "xor"])
def test_the_right_features_let_a_model_without_hidden_layers_tell_what_a_straight_line_cannot(data):
    # x^2 + y^2 = r^2 parts the circles, xy = 0 the four squares.
    features = {"circles": ("x2", "y2"), "xor": ("xy",)}[data]
    plain = Experiment(data=data, noise=0.0, learning_rates=(3.0,), epochs=2000)
    straight, bent = (train(experiment).loss[0, -1] for experiment in (plain, replace(plain, features=features)))
    assert straight > 0.95 * math.log(2)
    assert bent < 0.3 * math.log(2)
