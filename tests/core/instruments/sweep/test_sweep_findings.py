"""What is said of a sweep, on sweeps written by hand and on real ones."""

from __future__ import annotations

import numpy as np
import pytest

from core.experiment.experiment import Experiment
from core.instruments.sweep.findings import alike, best, findings, sensitivity, typical
from core.instruments.sweep.sweep import SweepTable, sweep
from core.training.train import train

RATES = np.geomspace(0.01, 1, 9)


def table(*losses, rates=RATES, first=1.0, early=None):
    """A sweep that ends at these losses, a row a seed, each from `first`. early: losses at epoch 10 of 100."""
    final = np.array(losses, float)
    middle = final if early is None else np.array(early, float)
    return SweepTable(
        learning_rates=np.asarray(rates, float),
        seeds=tuple(range(len(final))),
        final_loss=final,
        best_loss=final,
        diverged_at=np.where(np.isfinite(final), -1, 50),
        epochs=100,
        moments=np.array([0, 10, 100]),
        losses=np.stack([np.full_like(final, first), middle, final], axis=2),
        lowest=np.stack([np.full_like(final, first), middle, final], axis=2),
        test_losses=None,
    )


VALLEY = np.array([0.9, 0.7, 0.5, 0.3, 0.2, 0.3, 0.5, np.inf, np.inf])


def said(made):
    return {finding.check: finding for finding in findings(made)}


def test_the_best_rate_is_that_of_the_least_median_over_seeds():
    made = table([3, 1, 9], [3, 8, 2], [3, 8, 2], rates=[1, 2, 3])
    assert best(made.final_loss) == 2
    assert typical(made.final_loss).tolist() == [3, 8, 2]


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_a_rate_that_overflows_in_half_of_its_seeds_is_never_the_best(wrong):
    made = table([wrong, 2, 2.1], [wrong, 2, 2.1], [0.1, 2, 2.1], [0.1, 2, 2.1], rates=[1, 2, 3])
    assert best(made.final_loss) == 1
    assert typical(made.final_loss)[0] == np.inf


def test_where_every_rate_overflows_lower_ones_are_asked_for_and_nothing_else_is_claimed():
    (only,) = findings(table([np.inf] * 9))
    assert not only.well and "sweep lower ones" in only.words


@pytest.mark.parametrize(("losses", "side"), [(np.arange(9) + 1, "smallest"), (9 - np.arange(9), "largest")])
def test_a_best_rate_at_the_end_of_the_sweep_asks_for_a_wider_one(losses, side):
    finding = said(table(losses))["edge"]
    assert not finding.well and f"is the {side} of the sweep" in finding.words


def test_a_best_rate_inside_is_well():
    assert said(table(VALLEY))["edge"].well
    assert "0.1," in said(table(VALLEY))["edge"].words


def test_neighbours_further_than_a_factor_of_two_ask_for_a_finer_sweep():
    assert said(table(VALLEY))["points"].well  # 1.78 apart
    coarse = said(table([3, 1, 3], rates=[0.001, 0.1, 10]))["points"]
    assert not coarse.well and "a factor of 100 away" in coarse.words


def test_one_seed_can_not_tell_luck_from_merit():
    assert not said(table(VALLEY))["seeds"].well
    assert said(table(VALLEY, VALLEY * 1.01))["seeds"].well
    same = said(table(VALLEY, VALLEY))["seeds"]  # of the article's line: no noise, no batches, no weights to draw
    assert same.well and "nothing is drawn by chance" in same.words


def test_rates_that_some_seed_prefers_can_not_be_told_apart_whatever_the_floors_of_the_seeds():
    one, other = VALLEY.copy(), VALLEY + 100  # another draw of the data, with another floor
    other[5] = other[4] - 0.01
    made = table(one, other, one)
    assert alike(made) == (RATES[4], RATES[5])
    assert "From 0.1 to 0.1778" in said(made)["seeds"].words
    assert alike(table(one, one + 100, one)) == (RATES[4], RATES[4])


def test_a_stretch_of_rates_as_good_ends_where_one_is_worse():
    assert alike(table([2, 0.105, 0.1, 0.109, 2, 0.1, 2, 2, 2])) == (RATES[1], RATES[3])  # within a tenth, one seed


def test_an_overflow_or_a_tenfold_loss_just_above_the_best_rate_is_a_cliff():
    steep = VALLEY.copy()
    steep[5] = np.inf
    assert said(table(steep))["cliff"].words.startswith(
        "Just above is a cliff: at 1.8 times this rate the run explodes"
    )
    steep[5] = 3.0
    assert "the loss ends at 3." in said(table(steep))["cliff"].words
    assert not said(table(steep))["cliff"].well
    assert said(table(VALLEY))["cliff"].well  # the overflow is 5.6 times higher


def test_where_both_have_found_the_minimum_there_is_no_cliff():
    found = VALLEY.copy()
    found[4], found[5] = 1e-20, 9e-15  # of a first loss of 1
    assert said(table(found))["cliff"].well


def test_a_best_rate_that_moves_with_the_budget_is_told():
    sooner = np.roll(VALLEY, 2)
    moved = said(table(VALLEY, early=[sooner]))["budget"]
    assert not moved.well
    assert moved.words.startswith("After 10 epochs 0.3162 was best, after 100 it is 0.1")
    assert said(table(VALLEY, early=[VALLEY]))["budget"].well


def test_sensitivity_is_the_mean_of_what_is_lost_by_another_rate():
    # By hand: first loss 1, best 0.2; a rate that overflows or ends above 1 loses 0.8.
    made = table([0.2, 0.6, 5.0, np.inf, np.nan], rates=[1, 2, 3, 4, 5])
    assert sensitivity(made) == pytest.approx((0 + 0.4 + 0.8 + 0.8 + 0.8) / 5)
    both = table([0.2, 0.6, 5.0, np.inf, np.nan], [0.5, 0.5, 0.5, 0.5, 0.5], rates=[1, 2, 3, 4, 5])
    assert sensitivity(both) == pytest.approx(0.56 / 2)


def test_a_cliff_at_the_very_next_of_close_rates_is_told_by_its_rate():
    steep = table([0.2, 0.1, np.inf], rates=[0.083, 0.0831, 0.0832])
    assert said(steep)["cliff"].words.startswith("Just above is a cliff: at 0.0832 the run explodes")


def test_on_the_articles_line_the_best_rate_and_the_cliff_are_those_of_theory():
    line, rates = Experiment(epochs=100), np.geomspace(1e-4, 1, 400)
    made = sweep(line, rates)
    # science: the best rate for 100 epochs is 0.0811, the limit 0.0845.
    assert made.learning_rates[best(made.final_loss)] == pytest.approx(0.0811, rel=0.02)
    found = said(made)
    assert not found["cliff"].well
    assert found["edge"].well and found["points"].well
    # The best rate of 10 epochs is 0.0653: another by a factor of 1.24, which is not told.
    assert found["budget"].well


def test_the_losses_at_the_moments_are_those_of_the_runs():
    line = Experiment(data="noisy-line", epochs=300, batch_size=8)
    made = sweep(line, (0.001, 0.01), (0, 5))
    alone = train(Experiment(data="noisy-line", epochs=300, batch_size=8, learning_rates=(0.01,), seed=5)).loss[0]
    np.testing.assert_allclose(made.losses[1, 1], alone[made.moments], rtol=1e-9)
    assert made.moments[0] == 0 and made.moments[-1] == 300


def test_a_sweep_in_which_nothing_learned_says_so_before_all_else():
    found = findings(table(0.93 + 0.01 * np.arange(9), 0.93 + 0.01 * np.arange(9)[::-1]))
    assert found[0].check == "learned" and not found[0].well
    assert "from 1" in found[0].words
    assert "learned" not in said(table(VALLEY))


def test_where_the_sweep_ends_just_above_the_best_rate_no_cliff_is_ruled_out():
    cliff = said(table(9 - np.arange(9.0), first=99))["cliff"]
    assert not cliff.well and cliff.words.startswith("Not known: the sweep ends at 1")
