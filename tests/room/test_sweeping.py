"""The class as a sweep: its rates fill the axis, each runs as `train` runs it, and a class finds the best one."""

from __future__ import annotations

import itertools
import math
import random
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import qmc

from core import sweep, train
from room.plan import ends, read_step, stops
from room.sweeping import BATCH, dealt_to, experiments, limit, trained
from room.tally import of_rates

LINE = read_step("sweep:lr=1e-05&lr=1.0")
RING = read_step("sweep:data=circles&hidden=8&hidden=8&lr=0.001&lr=100.0&epochs=300")


def test_the_rates_are_van_der_corputs_by_scipy():
    low, high = ends(LINE)
    shares = qmc.Halton(1, scramble=False).random(301)[1:, 0]  # in one dimension it is van der Corput's; 0 is first
    rates = [dealt_to(LINE, seat) for seat in range(300)]
    assert rates == pytest.approx((low * (high / low) ** shares).tolist(), rel=6e-3), "to the three digits shown"


@pytest.mark.parametrize("seats", [12, 30, 300])
def test_any_number_of_seats_leaves_no_gap_twice_as_wide_as_even_ones(seats):
    low, high = ends(LINE)
    rates = sorted([low, *(dealt_to(LINE, seat) for seat in range(seats)), high])
    gaps = [math.log(b / a) for a, b in itertools.pairwise(rates)]
    assert max(gaps) <= 2.1 * math.log(high / low) / seats


def test_a_seats_curve_is_what_train_gives_at_its_rate():
    runs = trained(experiments(LINE, 0))
    for seat in range(BATCH):
        rate = dealt_to(LINE, seat)
        loss = train(replace(LINE.experiment, learning_rates=(rate,))).loss[0, -1]
        assert runs.final(rate) == pytest.approx(loss if loss < 3.4e38 else math.inf, rel=1e-6)
        curve = runs.curve(rate)
        x, y = np.array(curve["points"]).T
        assert curve["rate"] == rate and (np.diff(x) > 0).all() and 0 <= y.min() <= y.max() <= 1
        assert curve["left"] == (x[-1] < 1)


def test_whoever_chooses_finds_every_rate_that_is_offered():
    runs = trained(experiments(RING, 0))
    for rate in stops(*ends(RING)):
        assert runs.curve(rate)["rate"] == rate
    later = trained(experiments(RING, 2), runs.made.losses)
    assert later.made.losses == runs.made.losses and dealt_to(RING, 2 * BATCH) in later.made.rates


@pytest.mark.parametrize("step", [LINE, RING], ids=["line", "network"])
@pytest.mark.parametrize("seats", [12, 30, 300])
def test_a_class_names_the_best_rate_within_one_and_a_half_of_our_own_sweep(step, seats):
    """A quarter drops out of the first round; in the second most look between the best one's neighbours."""
    chance = random.Random(seats)
    ours = sweep(step.experiment, np.geomspace(*ends(step), 120))
    final = ours.final_loss.ravel()
    best = ours.learning_rates[np.nanargmin(np.where(np.isfinite(final), final, np.inf))]
    batches = {k: trained(experiments(step, k)) for k in range(-(-seats // BATCH))}
    first = [
        (rate, batches[seat // BATCH].final(rate))
        for seat in range(seats)
        if chance.random() > 0.25
        for rate in [dealt_to(step, seat)]
    ]
    found = of_rates(first)["best"]
    offered = stops(*ends(step))
    tried = [0.0, *sorted(rate for rate, _ in first), math.inf]
    low, high = tried[tried.index(found) - 1], tried[tried.index(found) + 1]
    near = [rate for rate in offered if low < rate < high] or offered
    chosen = [chance.choice(near if chance.random() < 0.8 else offered) for _ in range(seats)]
    second = [(rate, batches[0].final(rate)) for rate in chosen]
    named = of_rates(first + second)["best"]
    losses = ours.final_loss.ravel()
    at = int(np.argmin(abs(np.log(ours.learning_rates / named))))
    alike = losses[at] <= 1.05 * np.nanmin(losses) or losses[at] < 1e-20  # rounding alone is left: no rate is better
    assert max(named / best, best / named) <= 1.5 or alike


def test_the_limit_is_told_where_theory_knows_one():
    assert limit(LINE) == pytest.approx(0.0845, rel=1e-3) and limit(RING) is None
