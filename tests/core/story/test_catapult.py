"""The catapult against the source's own recursion, autograd, and the figures of science."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.story import catapult
from tests.cases import for_each

SEEDS = range(5)


def test_the_gradient_is_that_of_autograd():
    begin = catapult.start()
    parameters = torch.tensor(begin, requires_grad=True)
    u, v = parameters[: catapult.UNITS], parameters[catapult.UNITS :]
    ((u @ v / catapult.UNITS**0.5) ** 2 / 2).backward()
    assert catapult.gradient(begin).tolist() == pytest.approx(parameters.grad.tolist())


@pytest.mark.parametrize("seed", SEEDS)
def test_the_sharpness_is_the_top_eigenvalue_of_the_hessian_to_two_percent(seed):
    begin = torch.tensor(catapult.start(seed))

    def loss(p: torch.Tensor) -> torch.Tensor:
        return (p[: catapult.UNITS] @ p[catapult.UNITS :]) ** 2 / catapult.UNITS / 2

    hessian = torch.autograd.functional.hessian(loss, begin)
    assert float(catapult.sharpness(begin.numpy())) == pytest.approx(
        torch.linalg.eigvalsh(hessian)[-1].item(), rel=0.02
    )


@pytest.mark.parametrize("rate_times_sharpness", [0.5, 1.9, 2.5, 3.5])
def test_output_and_sharpness_follow_the_recursion_of_the_source(rate_times_sharpness):
    # Lewkowycz et al. (2020), eqs. 5 and 6, with x = 1 and y = 0.
    n, begin = catapult.UNITS, catapult.start()
    f, kernel = float(catapult.output(begin)), float(catapult.sharpness(begin))
    rate, run = rate_times_sharpness / float(catapult.sharpness(begin)), catapult.catapult((rate_times_sharpness,))
    for k in range(20):
        assert run.loss[0, k] == pytest.approx(f * f / 2, rel=1e-6)
        assert run.rate_times_sharpness[0, k] == pytest.approx(rate * kernel, rel=1e-6)
        f, kernel = (
            f * (1 - rate * kernel + rate**2 * f**2 / n),
            kernel + rate * f**2 / n * (rate * kernel - 4),
        )


@for_each("seed", SEEDS)
@for_each("rate_times_sharpness", [2.1, 2.5, 3.0, 3.5, 3.95])
def test_from_2_to_3_95_the_loss_rises_and_then_trains(seed, rate_times_sharpness):
    run = catapult.catapult((rate_times_sharpness,), seed=seed, steps=400)
    peak, at = run.peak(0)
    assert at > 0
    assert peak > run.loss[0, 0]
    assert run.recovers(0)
    assert run.rate_times_sharpness[0, -1] < 2


@for_each("seed", SEEDS)
@for_each("rate_times_sharpness", [4.05, 4.5])
def test_from_4_05_it_diverges(seed, rate_times_sharpness):
    assert not np.isfinite(catapult.catapult((rate_times_sharpness,), seed=seed, steps=400).loss[0, -1])


def test_the_peak_at_2_5_is_27_in_the_middle_of_many_starts():
    peaks = [catapult.catapult((2.5,), seed=seed).peak(0)[0] for seed in range(15)]
    assert np.median(peaks) == pytest.approx(27, rel=0.06)


def test_below_2_the_loss_never_rises():
    for loss in catapult.catapult((0.5, 1.0, 1.9)).loss:
        assert (np.diff(loss[loss > 1e-25]) < 0).all()  # below, it is rounding that moves


def test_the_small_rate_stays_at_its_sharpness_and_the_catapult_halves_it():
    run = catapult.catapult((2.5, 0.5))
    kept = run.rate_times_sharpness[:, -1] / run.rate_times_sharpness[:, 0]
    assert kept[0] == pytest.approx(0.51, abs=0.005)
    assert kept[1] > 0.998


@for_each("own", [0.5, 2.5, 3.21, 5.0])
def test_every_place_of_the_slider_can_be_drawn_and_told(own):
    losses, products = catapult.flights(own)
    assert [stop.value for stop in losses] == [stop.value for stop in products]
    assert own in [stop.value for stop in losses]
    assert len(losses) >= 46
    for loss, product in zip(losses, products, strict=True):
        for table in (loss.tables["curves"], product.tables["curves"]):
            assert np.isfinite(table["y"]).all()
            assert (table["y"] > 0).all()
        assert ("diverges" in loss.says) == (loss.value > 4)
        assert ("rises from" in loss.says) == (2 < loss.value <= 4)
        alone = catapult.catapult((loss.value,))
        drawn = loss.tables["curves"].query("name == 'this run'")["y"].to_numpy()
        # Beyond 4 it is chaos: two sums in another order part soon.
        same = len(drawn) if loss.value < 3.9 else 10
        assert drawn[:same] == pytest.approx(alone.loss[0, : len(drawn)][:same], rel=1e-6)


def test_the_right_answer_is_that_it_rises_and_falls():
    question = catapult.question()
    assert [question.judge(choice).right for choice in range(3)] == [False, True, False]
    assert "1.274" in question.judge(0).why
    assert "1.274" in question.judge(2).why
    assert "50-fold" in catapult.belief()
