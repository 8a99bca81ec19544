"""The double valley against closed forms of the cubic map, finite differences, PyTorch, and science's figures."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import torch

from core.story import maps
from tests.cases import for_each

HOSTILE = [0.0, -1.0, -3.0, 1e308, -1e308, 1e-300, 1.0, 1.7, 2.5, 1e-4]


@pytest.mark.parametrize("w", [-1.3, -1.0, 0.0, 0.5, 1.0, 2.0])
def test_the_gradient_is_that_of_finite_differences(w):
    step = 1e-6
    assert maps.gradient(w) == pytest.approx((maps.loss(w + step) - maps.loss(w - step)) / (2 * step), abs=1e-8)


def test_the_limit_is_two_over_the_curvature_at_a_minimum():
    step = 1e-5
    curvature = (maps.gradient(1 + step) - maps.gradient(1 - step)) / (2 * step)
    assert curvature * maps.LIMIT == pytest.approx(2)


def test_the_path_is_that_of_torch_sgd():
    w = torch.tensor(maps.START, dtype=torch.float64, requires_grad=True)
    sgd, way = torch.optim.SGD([w], lr=1.2), [maps.START]
    for _ in range(50):
        sgd.zero_grad()
        ((w**2 - 1) ** 2 / 4).backward()
        sgd.step()
        way.append(w.item())
    assert maps.path(1.2, 50).tolist() == pytest.approx(way, rel=1e-9)


@for_each(
    ("rate", "values"),
    [(0.9, 1), (0.99, 1), (1.01, 2), (1.2, 2), (math.sqrt(5) - 1.002, 2), (math.sqrt(5) - 0.998, 4), (1.3, 16)],
)
def test_so_many_values_are_left_at_this_rate(rate, values):
    assert maps.orbit(rate).values == values


def test_the_page_counts_one_two_four_sixteen_and_no_end():
    assert "1 at 0.99, 2 at 1.01, 2 at 1.2, 4 at 1.25, 16 at 1.3, no end at 1.45" in maps.milestones()


def test_values_are_told_apart_by_counting_them_too():
    for rate, values in ((1.2, 2), (1.25, 4), (1.3, 16)):
        late = maps.path(rate, 20_000)[-2000:]
        assert len(np.unique(late.round(5))) == values


def test_at_1_45_two_starts_a_billionth_apart_part_ways():
    here, there = maps.path(1.45, 300), maps.path(1.45, 300, start=maps.START + 1e-9)
    assert np.abs(here - there).max() > 0.1
    assert maps.orbit(1.45).values is None
    assert "chaos" in maps.orbit(1.45).words
    # The same distance dies out where w has but two values.
    assert np.abs(maps.path(1.2, 300) - maps.path(1.2, 300, start=maps.START + 1e-9)).max() < 1e-8


@pytest.mark.parametrize("rate", [1.01, 1.1, 1.2])
def test_between_the_two_places_the_mean_curvature_is_two_over_the_rate(rate):
    low, high = np.sort(maps.path(rate, 20_000)[-2:])
    assert (maps.gradient(high) - maps.gradient(low)) / (high - low) == pytest.approx(2 / rate)


def test_the_picture_holds_400_rates_and_is_small_enough_to_send():
    dots = maps.bifurcation()
    assert dots["rate"].nunique() == 400
    assert dots["rate"].min() == pytest.approx(0.9)
    assert dots.to_numpy().nbytes < 150_000
    settled = dots[dots["rate"] < 0.99].groupby("rate")["w"]
    assert (settled.nunique() == 1).all()
    assert settled.first().tolist() == pytest.approx([1.0] * settled.ngroups)
    two = dots[(dots["rate"] > 1.05) & (dots["rate"] < 1.23)].groupby("rate")["w"].nunique()
    assert (two == 2).all()


def test_one_batch_of_rates_does_what_each_does_alone():
    rates = [0.95, 1.2, 1.3]
    together = maps.settled(rates, settling=500, kept=20)
    for row, rate in zip(together, rates, strict=True):
        assert row.tolist() == pytest.approx(maps.path(rate, 520)[-20:].tolist())


@for_each(
    ("rate", "words"),
    [
        (0, "takes no step"),
        (-1, "a negative rate climbs"),
        (1e308, "explodes: it overflows at step 2"),
        (2.5, "explodes"),
        (1e-300, "still on its way"),
        (1e-4, "still on its way"),
        (1.0, "at the limit"),
        (0.5, "settles at 1"),
        (1.2, "visits 2 values in turn, for ever: 0.7313, 1.14"),
    ],
)
def test_what_w_does_is_told_in_words(rate, words):
    assert words in maps.orbit(rate).words.lower()


@for_each("rate", HOSTILE)
def test_any_rate_can_be_drawn(rate):
    orbit = maps.orbit(rate)
    assert len(orbit.steps) > 0
    assert np.isfinite(orbit.steps["y"]).all()
    low, high = maps.reach(orbit.steps)
    assert low <= orbit.steps["y"].min() <= orbit.steps["y"].max() <= high
    assert "nan" not in orbit.words


def test_a_rate_outside_the_picture_is_not_marked_in_it():
    assert maps.orbit(2.5).places.empty
    assert maps.orbits(2.5) is None
    assert sorted(maps.orbit(1.2).places["w"]) == pytest.approx([0.731, 1.14])


def test_the_valley_is_drawn_with_its_start_on_it():
    curve, start = maps.shape()
    assert isinstance(curve, pd.DataFrame)
    assert start["y"].item() == pytest.approx((maps.START**2 - 1) ** 2 / 4)


def test_the_right_answer_is_that_it_bounces():
    question = maps.question()
    assert [question.judge(choice).right for choice in range(3)] == [False, True, False]
    assert "0.7313 and 1.14" in question.judge(2).why


def exponent(rate):
    """The Lyapunov exponent of w -> w - rate (w^3 - w): how fast neighbours drift apart, a step, of the log."""
    w, total = 0.5, 0.0
    for step in range(60_000):
        w -= rate * (w**3 - w)
        if step >= 20_000:
            total += math.log(abs(1 - rate * (3 * w * w - 1)) + 1e-300)
    return total / 40_000


def test_chaos_is_claimed_only_where_neighbours_drift_apart_which_is_beyond_1_3023():
    for rate in (1.3015, 1.302, 1.3022):
        assert exponent(rate) < 0
        assert "chaos" not in maps.orbit(rate).words.replace("no chaos", "")
    for rate in (1.31, 1.35, 1.45):
        assert exponent(rate) > 0.01
        assert "chaos" in maps.orbit(rate).words


def test_a_dragged_rate_shows_the_orbit_of_each_stop():
    dragged = maps.orbits(1.2345)
    assert dragged is not None
    places, steps = dragged
    assert 1.2345 in [stop.value for stop in steps]
    for late, place in zip(steps[::6], places[::6], strict=True):
        found = maps.orbit(late.value)
        assert place.says == f"**{found.words}**"
        assert late.tables["curves"]["y"].to_numpy() == pytest.approx(found.steps["y"].to_numpy(), abs=1e-9)
        assert place.tables["chosen"]["w"].tolist() == pytest.approx(found.places["w"].tolist(), abs=1e-9)
        assert late.tables["curves"]["x"].iloc[[0, -1]].tolist() == list(maps.LATE)
        assert late.tables["curves"]["y"].between(0, 1.3).all()
