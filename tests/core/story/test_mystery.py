"""The quiz's curves are what they are said to be, by the curvature of their data, worked out here anew."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from core import Experiment, dataset, train
from core.story.mystery import COUNT, KINDS, Mystery, kinds, mystery, picture, seen, twins
from core.story.mystery_words import TITLES, reading, told_apart
from core.words import number
from tests.cases import for_each

SEEDS = range(5)


@cache
def found(seed: int, kind: str) -> Mystery:
    return mystery(seed, kinds(seed).index(kind))


def design(experiment: Experiment) -> np.ndarray:
    """(n, 2) x and a column of ones, standardized where asked for: the test's own."""
    x = dataset(experiment.data, experiment.seed).x[:, 0]
    if experiment.standardize:
        x = (x - np.mean(x)) / np.std(x)
    return np.stack([x, np.ones_like(x)], axis=1)


def bends(experiment: Experiment) -> np.ndarray:
    """The curvatures of the mean of squares, smallest first."""
    x = design(experiment)
    return np.linalg.svd(x, compute_uv=False)[::-1] ** 2 * 2 / len(x)


def floor(experiment: Experiment) -> float:
    """The loss of the least-squares line."""
    x, y = design(experiment), dataset(experiment.data, experiment.seed).y
    return float(np.mean((x @ np.linalg.lstsq(x, y, rcond=None)[0] - y) ** 2))


def rate_times_curvature(run: Mystery) -> float:
    """Learning rate x largest curvature: 2 is the limit."""
    return float(run.experiment.learning_rates[0] * bends(run.experiment)[-1])


each_seed = for_each("seed", SEEDS, slow=range(30))


@each_seed
def test_the_two_flat_ones_lie_at_opposite_ends_of_the_stable_rates(seed):
    low, high = found(seed, "crawl"), found(seed, "at_limit")
    assert 0 < rate_times_curvature(low) < 0.002
    assert 1.998 < rate_times_curvature(high) < 2
    # The same factor a step in the steepest direction, in size: that is why they look alike.
    assert abs(1 - rate_times_curvature(low)) == pytest.approx(abs(1 - rate_times_curvature(high)), rel=1e-9)


@each_seed
def test_the_two_flat_ones_look_alike_and_only_the_meter_tells(seed):
    low, high = found(seed, "crawl"), found(seed, "at_limit")
    assert low.loss == pytest.approx(high.loss, rel=0.01)
    for run in (low, high):
        assert (np.diff(run.loss) < 0).all()
        assert run.loss[-1] > 0.6 * run.loss[0]
    assert max(low.readings) < 0.01
    assert min(high.readings) > 1.99


@each_seed
def test_a_reading_in_words_lies_on_the_same_side_of_the_boundary_as_the_reading(seed):
    run = found(seed, "at_limit")
    for meter in run.readings:
        assert 1.9 < float(reading(meter)) < 2
        assert float(reading(meter)) == pytest.approx(meter, abs=1e-3)
    assert f"the meter reads {reading(run.readings[0])}" in list(run.question.choices.values())[run.question.right]


@pytest.mark.parametrize(
    ("meter", "words"),
    [(1.9998, "1.9998"), (1.99996, "1.99996"), (2.0003, "2.0003"), (1.00004, "1.00004"), (1.9991, "1.999"), (2, "2")],
)
def test_a_meter_is_said_with_the_digits_that_tell_it_from_1_and_2(meter, words):
    assert reading(meter) == words


def test_a_rate_just_below_its_limit_is_told_apart_from_it():
    assert told_apart(2.4688e-5, 2.4691e-5) == "2.4688\u00a0×\u00a010⁻⁵"
    assert told_apart(0.0845, 0.1) == "0.0845"


@each_seed
def test_small_steps_and_overshooting_ones_both_fall_every_epoch(seed):
    small, across = found(seed, "good"), found(seed, "overshoot")
    assert 0 < rate_times_curvature(small) < 1 < rate_times_curvature(across) < 2
    for run in (small, across):
        assert (np.diff(run.loss) < 0).all()
        assert run.loss[-1] < 1e-5 * run.loss[0]


@pytest.mark.parametrize("seed", range(6))
def test_overshooting_w_changes_sides_every_step_in_the_steepest_direction(seed):
    run = found(seed, "overshoot").experiment
    x, y = design(run), dataset(run.data, run.seed).y
    steepest = np.linalg.eigh(x.T @ x)[1][:, -1]
    history = train(run)
    assert history.parameters is not None
    away = (history.parameters[0] - np.linalg.lstsq(x, y, rcond=None)[0]) @ steepest
    sides = np.sign(away[:8])  # later ones may be rounding
    assert (sides[1:] == -sides[:-1]).all()


@each_seed
def test_above_the_limit_the_loss_rises_every_epoch_and_has_not_overflowed(seed):
    run = found(seed, "above")
    assert 2.019 < rate_times_curvature(run) < 2.61
    assert np.isfinite(run.loss).all()
    assert (np.diff(run.loss) > 0).all()
    growth = run.loss[-1] / run.loss[-2]
    assert growth == pytest.approx((1 - rate_times_curvature(run)) ** 2, rel=0.01)


@each_seed
def test_far_above_the_limit_it_rises_until_it_overflows(seed):
    run = found(seed, "far")
    assert rate_times_curvature(run) > 5.9
    assert 0 < run.overflow <= run.experiment.epochs
    assert (np.diff(run.loss[: run.overflow]) > 0).all()


@each_seed
def test_momentum_swings_by_theory_and_in_the_loss(seed):
    run, b = found(seed, "ringing"), found(seed, "ringing").experiment.momentum
    assert (1 + b - rate_times_curvature(run)) ** 2 < 4 * b  # complex roots of r^2 - (1 + b - turn) r + b
    assert (np.diff(run.loss) > 0).sum() >= 5
    assert run.loss[-1] < 0.2 * run.loss[0]


@each_seed
def test_mini_batches_jitter_above_the_best_line(seed):
    run = found(seed, "noise")
    assert run.experiment.batch_size < len(dataset(run.experiment.data).y)
    late = run.loss[len(run.loss) // 2 :]
    assert late.mean() > 1.01 * floor(run.experiment)
    assert 0.25 < np.mean(np.diff(late) > 0) < 0.75


@each_seed
def test_what_is_done_ends_at_the_least_squares_line_on_a_round_bowl(seed):
    run = found(seed, "plateau")
    low, high = bends(run.experiment)
    assert high == pytest.approx(low)
    assert floor(run.experiment) > 0.01 * run.loss[0] / 4
    assert run.loss[-1] == pytest.approx(floor(run.experiment), rel=1e-3)
    assert run.loss[len(run.loss) // 2] < 1.01 * run.loss[-1]  # flat for half of the picture


@each_seed
def test_what_is_stuck_has_crossed_a_narrow_valley_and_not_walked_along_it(seed):
    run = found(seed, "valley")
    low, high = bends(run.experiment)
    assert high > 1e4 * low
    assert run.experiment.learning_rates[0] * low * run.experiment.epochs < 0.05
    assert run.loss[-1] < 0.1 * run.loss[0]
    assert run.loss[-1] > 1.5 * floor(run.experiment)
    assert run.loss[len(run.loss) // 2] < 1.05 * run.loss[-1]
    assert run.readings[0] > 0.1 > 0.01 > run.readings[2]


@each_seed
def test_a_quiz_holds_each_kind_once(seed):
    assert sorted(kinds(seed)) == sorted(KINDS)
    assert len(KINDS) == COUNT == 10


def test_no_two_quizzes_are_the_same():
    runs = [found(seed, kind).experiment for seed in SEEDS for kind in KINDS]
    assert len(set(runs)) == len(runs)
    assert len({kinds(seed) for seed in SEEDS}) == len(SEEDS)


@pytest.mark.parametrize("seed", [0, 17, 999_999])
def test_the_same_seed_is_the_same_quiz(seed):
    for place in range(COUNT):
        one, again = mystery(seed, place), mystery(seed, place)
        assert one.question == again.question
        assert np.array_equal(one.loss, again.loss, equal_nan=True)


@each_seed
@for_each("kind", KINDS)
def test_each_question_has_four_options_explained_and_the_truth_among_them(seed, kind):
    question = found(seed, kind).question
    texts = list(question.choices)
    assert len(set(texts)) == len(texts) == 4
    assert texts[question.right] == TITLES[kind]
    assert TITLES[kind] in question.outcome
    for words in (question.outcome, *question.choices.values()):
        assert words
        assert "nan" not in words.split()
        assert "not a number" not in words
        assert "infinity" not in words
    for place, why in enumerate(question.choices.values()):
        if place != question.right:
            assert any(sign.isdigit() for sign in why), why


def test_the_truth_is_not_given_away_by_its_place():
    places = {found(seed, kind).question.right for seed in SEEDS for kind in KINDS}
    assert places == {0, 1, 2, 3}


def test_the_numbers_of_a_truth_are_those_of_its_run():
    run = found(17, "far")
    assert f"overflow at epoch {run.overflow}" in run.question.outcome
    low = found(17, "crawl")
    share = rate_times_curvature(low) / 2
    assert f"{share:.2e}".replace("e-04", "\u00a0×\u00a010⁻⁴") in low.question.outcome


@each_seed
@for_each("kind", KINDS)
def test_the_picture_holds_the_whole_curve_and_names_no_rate(seed, kind):
    run = found(seed, kind)
    x, y, tables = picture(run)
    curve, marks = tables["curves"], tables["marks"]
    assert np.isfinite(curve["y"]).all()
    assert y.low <= curve["y"].min() <= curve["y"].max() <= y.high < np.inf
    assert x.high == run.experiment.epochs
    end = run.overflow if run.overflow >= 0 else len(run.loss)
    assert curve["x"].iloc[-1] == end - 1
    assert list(marks["words"]) == ([f"overflows at epoch {run.overflow}"] if run.overflow >= 0 else [])
    told = " ".join([x.title, y.title, seen(run), *curve["name"].unique()])
    assert "rate" not in told
    assert "limit" not in told


@pytest.mark.parametrize("kind", KINDS)
def test_the_pictures_description_gives_the_numbers_of_its_run(kind):
    run = found(17, kind)
    before = run.loss[np.isfinite(run.loss)].tolist()
    rises = sum(later > earlier for earlier, later in pairwise(before))
    assert f"starts at {number(before[0])}, lowest {number(min(before))}, rises in {rises} of" in seen(run)
    overflows = len(before) < len(run.loss)
    assert seen(run).endswith(f"overflows at epoch {len(before)}." if overflows else f"ends at {number(before[-1])}.")


@pytest.mark.parametrize("seed", range(5))
def test_the_look_alikes_are_told_with_their_places(seed):
    words = twins(seed)
    for kind in ("crawl", "at_limit"):
        assert f" {kinds(seed).index(kind) + 1} " in f"{words} "
