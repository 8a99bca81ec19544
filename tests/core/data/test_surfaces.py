"""The six surfaces, held against PyTorch's autograd, closed forms and their published figures."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from core.data.surfaces import ALL_NAMES, contours, hollows, ravine, surface
from core.methods.descent import descend
from tests.cases import for_each

SAME_IN_TORCH = {
    "round bowl": lambda w, b: (w**2 + b**2) / 2,
    "ravine": lambda w, b: (w**2 + 50 * b**2) / 2,
    "turned ravine": lambda w, b: (((w + b) / 2**0.5) ** 2 + 50 * ((b - w) / 2**0.5) ** 2) / 2,
    "saddle": lambda w, b: (w**2 - 1) ** 2 / 4 + b**2 / 2,
    "Rosenbrock": lambda w, b: (1 - w) ** 2 + 100 * (b - w**2) ** 2,
    "Himmelblau": lambda w, b: (w**2 + b - 11) ** 2 + (w + b**2 - 7) ** 2,
    "double well": lambda w, b: (w**2 - 1) ** 2 / 4 + 0.15 * w + b**2 / 2,
}
each_landscape = for_each("name", ALL_NAMES)


def somewhere(name: str) -> np.ndarray:
    land = surface(name)
    random = np.random.default_rng(3)
    (left, right), (low, high) = land.w_range, land.b_range
    return np.array([[random.uniform(left, right), random.uniform(low, high)] for _ in range(7)])


@each_landscape
def test_gradient_and_hessian_are_those_of_autograd(name):
    land = surface(name)
    for point in somewhere(name):
        at = torch.tensor(point, requires_grad=True)
        slope = torch.autograd.functional.jacobian(lambda p: SAME_IN_TORCH[name](p[0], p[1]), at)
        bend = torch.autograd.functional.hessian(lambda p: SAME_IN_TORCH[name](p[0], p[1]), at)
        assert land.gradient(point) == pytest.approx(slope.numpy(), rel=1e-12, abs=1e-12)
        assert land.hessian(point) == pytest.approx(bend.numpy(), rel=1e-12, abs=1e-12)


@each_landscape
def test_the_loss_is_the_written_one_but_for_a_constant(name):
    land, points = surface(name), somewhere(name)
    written = SAME_IN_TORCH[name](points[:, 0], points[:, 1])
    assert np.ptp(land.loss(points) - written) == pytest.approx(0, abs=1e-10)


@each_landscape
def test_a_batch_gives_what_each_point_gives(name):
    land, points = surface(name), somewhere(name)
    for of in (land.loss, land.gradient, land.hessian):
        assert of(points[:6].reshape(2, 3, 2)).reshape(6, -1).tolist() == [of(p).ravel().tolist() for p in points[:6]]


@each_landscape
def test_every_minimum_is_level_at_height_0_and_bends_upwards(name):
    land = surface(name)
    for point in land.minima:
        assert land.loss(point) == pytest.approx(0, abs=1e-12)
        assert land.gradient(point) == pytest.approx([0, 0], abs=1e-12)
        assert (np.linalg.eigvalsh(land.hessian(point)) > 0).all()


@each_landscape
def test_nothing_on_the_map_lies_lower_than_the_minima(name):
    land = surface(name)
    w, b = np.meshgrid(np.linspace(*land.w_range, 301), np.linspace(*land.b_range, 301))
    assert (land.loss(np.stack([w, b], -1)) >= -1e-12).all()


@each_landscape
def test_start_and_minima_are_on_the_map_and_the_start_is_above_the_bottom(name):
    land = surface(name)
    assert land.on_map(land.minima).all()
    assert land.on_map(land.start)
    assert land.loss(land.start) > 100 * land.reached
    assert not land.on_map((math.nan, 0))
    assert not land.on_map((land.w_range[1] + 1, 0))


def test_himmelblaus_minima_are_the_published_ones():
    published = [(-3.779310, -3.283186), (-2.805118, 3.131312), (3.0, 2.0), (3.584428, -1.848126)]
    assert np.array(sorted(surface("Himmelblau").minima)) == pytest.approx(np.array(published), abs=1e-6)


def test_rosenbrocks_start_is_24_2_high_and_its_valley_has_condition_number_2508():
    land = surface("Rosenbrock")
    assert land.loss((-1.2, 1)) == pytest.approx(24.2)
    low, high = np.linalg.eigvalsh(land.hessian((1, 1)))
    assert high / low == pytest.approx(2508, rel=1e-3)


def test_the_double_wells_hollows_are_the_roots_of_its_cubic():
    assert hollows() == pytest.approx(sorted(np.roots([1, 0, -1, 0.15]).real))
    deep, ridge, shallow = hollows()
    land = surface("double well")
    assert land.loss((deep, 0)) < land.loss((shallow, 0)) < land.loss((ridge, 0))


def test_the_saddles_pass_is_level_a_quarter_high_and_bends_both_ways():
    land = surface("saddle")
    assert land.loss((0, 0)) == 0.25
    assert land.gradient((0, 0)).tolist() == [0, 0]
    assert np.linalg.eigvalsh(land.hessian((0, 0))).tolist() == [-1, 1]


@pytest.mark.parametrize("condition", [1, 7, 200])
def test_the_ravines_condition_number_is_the_one_asked_for(condition):
    low, high = np.linalg.eigvalsh(ravine(condition).hessian((0.3, 0.1)))
    assert high / low == condition


@pytest.mark.parametrize("name", ["round bowl", "ravine"])
def test_below_the_limit_gradient_descent_settles_and_above_it_leaves(name):
    land = surface(name)
    limit = land.limit(land.start)
    path = descend(land.gradient, land.start, [0.99 * limit, 1.01 * limit], 2000)
    assert land.loss(path[0, -1]) < land.reached
    assert land.loss(path[1, -1]) > land.loss(land.start)


def test_where_nothing_bends_upwards_there_is_no_limit():
    assert surface("Himmelblau").limit((0, 0)) == math.inf


@each_landscape
def test_the_ends_of_every_contour_stroke_are_equally_high(name):
    land = surface(name)
    strokes = contours(land).to_numpy(float)
    one, two = land.loss(strokes[:, :2]), land.loss(strokes[:, 2:])
    # A stroke's ends lie on the edges of one cell, where straight lines stand in for the surface.
    assert np.median(np.abs(one - two) / (one + two)) < 0.02
    reach = np.hypot(*(strokes[:, :2] - strokes[:, 2:]).T)
    assert reach.max() <= np.hypot(np.ptp(land.w_range) / 60, np.ptp(land.b_range) / 48) * 1.001
    assert land.on_map(strokes[:, :2] * (1 - 1e-6)).all()


def test_a_bowls_contours_are_circles():
    strokes = contours(surface("round bowl")).to_numpy(float)
    inner = strokes[np.hypot(strokes[:, 0], strokes[:, 1]) < 2.5]
    radius = np.hypot(inner[:, 0], inner[:, 1])
    rings = np.unique(np.round(radius, 1))
    assert len(rings) <= 6
    assert np.hypot(inner[:, 2], inner[:, 3]) == pytest.approx(radius, rel=0.01)


@each_landscape
def test_a_maps_contours_stay_small_enough_to_send(name):
    assert contours(surface(name)).to_numpy().nbytes < 45_000


def test_an_unknown_surface_is_refused_by_name():
    with pytest.raises(ValueError, match=r"name must be one of ravine, .*got 'hill'"):
        surface("hill")
