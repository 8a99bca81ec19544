"""The wide net against the source's own recursion, autograd, and the figures of science."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.methods import wide_net
from tests.cases import for_each

SEEDS = range(5)


def test_the_gradient_is_that_of_autograd():
    begin = wide_net.start()
    parameters = torch.tensor(begin, requires_grad=True)
    u, v = parameters[: wide_net.UNITS], parameters[wide_net.UNITS :]
    ((u @ v / wide_net.UNITS**0.5) ** 2 / 2).backward()
    assert wide_net.gradient(begin).tolist() == pytest.approx(parameters.grad.tolist())


@pytest.mark.parametrize("seed", SEEDS)
def test_the_sharpness_is_the_top_eigenvalue_of_the_hessian_to_two_percent(seed):
    begin = torch.tensor(wide_net.start(seed))

    def loss(p: torch.Tensor) -> torch.Tensor:
        return (p[: wide_net.UNITS] @ p[wide_net.UNITS :]) ** 2 / wide_net.UNITS / 2

    hessian = torch.autograd.functional.hessian(loss, begin)
    assert float(wide_net.sharpness(begin.numpy())) == pytest.approx(
        torch.linalg.eigvalsh(hessian)[-1].item(), rel=0.02
    )


@pytest.mark.parametrize("rate_times_sharpness", [0.5, 1.9, 2.5, 3.5])
def test_output_and_sharpness_follow_the_recursion_of_the_source(rate_times_sharpness):
    # Lewkowycz et al. (2020), eqs. 5 and 6, with x = 1 and y = 0.
    n, begin = wide_net.UNITS, wide_net.start()
    f, kernel = float(wide_net.output(begin)), float(wide_net.sharpness(begin))
    rate, run = rate_times_sharpness / float(wide_net.sharpness(begin)), wide_net.catapult((rate_times_sharpness,))
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
    run = wide_net.catapult((rate_times_sharpness,), seed=seed, steps=400)
    peak, at = run.peak(0)
    assert at > 0
    assert peak > run.loss[0, 0]
    assert run.recovers(0)
    assert run.rate_times_sharpness[0, -1] < 2


@for_each("seed", SEEDS)
@for_each("rate_times_sharpness", [4.05, 4.5])
def test_from_4_05_it_diverges(seed, rate_times_sharpness):
    assert not np.isfinite(wide_net.catapult((rate_times_sharpness,), seed=seed, steps=400).loss[0, -1])


def test_the_peak_at_2_5_is_27_in_the_middle_of_many_starts():
    peaks = [wide_net.catapult((2.5,), seed=seed).peak(0)[0] for seed in range(15)]
    assert np.median(peaks) == pytest.approx(27, rel=0.06)


def test_below_2_the_loss_never_rises():
    for loss in wide_net.catapult((0.5, 1.0, 1.9)).loss:
        assert (np.diff(loss[loss > 1e-25]) < 0).all()  # below, it is rounding that moves


def test_the_small_rate_stays_at_its_sharpness_and_the_catapult_halves_it():
    run = wide_net.catapult((2.5, 0.5))
    kept = run.rate_times_sharpness[:, -1] / run.rate_times_sharpness[:, 0]
    assert kept[0] == pytest.approx(0.51, abs=0.005)
    assert kept[1] > 0.998
