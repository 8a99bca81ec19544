"""A trial of range tests while it goes on: of the seeds that are tried it is their trial, to the last bit."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pandas as pd

from core import Experiment
from core.instruments.range_test.rules import RangeTest
from core.instruments.range_test.scene import CurveScene, curve_scene, range_scene
from core.instruments.range_test.trial import Trial, joined_trial, range_test, trial, tried_seed

CIRCLES = Experiment(data="circles", hidden=(4,), batch_size=32, epochs=10)
RATES, SEEDS = tuple(np.geomspace(1e-3, 1, 7)), (4, 5, 6)


def assert_same(found: Trial, right: Trial) -> None:
    np.testing.assert_array_equal(found.rates, right.rates)
    np.testing.assert_array_equal(found.final_loss, right.final_loss)
    pd.testing.assert_frame_equal(found.table, right.table, check_exact=True)
    pd.testing.assert_frame_equal(found.seeds, right.seeds, check_exact=True)
    for one, other in zip(found.tests, right.tests, strict=True):
        for field in fields(RangeTest):
            np.testing.assert_array_equal(getattr(one, field.name), getattr(other, field.name))


def test_of_the_first_seeds_it_is_the_trial_of_these_seeds() -> None:
    done = [tried_seed(replace(CIRCLES, seed=seed), RATES) for seed in SEEDS]
    for tried in (1, 2, 3):
        assert_same(joined_trial(CIRCLES, RATES, done[:tried]), trial(CIRCLES, SEEDS[:tried], RATES))


def test_the_range_test_is_drawn_before_anything_is_swept_as_it_is_drawn_in_the_end() -> None:
    for experiment in (CIRCLES, Experiment(epochs=5)):
        scene = range_scene(trial(experiment, (experiment.seed,), RATES))
        before = curve_scene(experiment, range_test(experiment))
        for field in fields(CurveScene):
            found, right = getattr(before, field.name), getattr(scene, field.name)
            if field.name in ("blow_up", "limit"):
                np.testing.assert_array_equal(found, right)
            else:
                assert found == right
