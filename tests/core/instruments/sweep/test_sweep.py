"""Sweeps against single runs, and the measured limit against the exact one."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import numpy as np
import pytest
from distributed import Client, LocalCluster

from core.data.datasets import LINES
from core.experiment.cost import CACHED_SECONDS
from core.experiment.experiment import Experiment
from core.instruments.sweep.sweep import affordable, joined, measured_limit, pieces, sweep, train_piece
from core.training.problems import problem
from core.training.train import train
from tests.cases import for_each


def exact_limit(experiment):
    x = problem(experiment).inputs
    steepest = np.linalg.svd(x, compute_uv=False)[0] ** 2 * 2 / len(x)
    return 2 * (1 + experiment.momentum) / steepest


@pytest.mark.parametrize("fields", [{}, {"batch_size": 8}, {"momentum": 0.5}], ids=str)
def test_a_sweep_is_the_single_runs_side_by_side(fields):
    experiment = Experiment(data="noisy-line", epochs=120, **fields)
    rates, seeds = (1e-4, 0.01, 0.05, 5.0), (0, 3)
    table = sweep(experiment, rates, seeds)
    assert table.final_loss.shape == table.best_loss.shape == table.diverged_at.shape == (2, 4)
    assert (table.epochs, table.seeds, table.learning_rates.tolist()) == (120, seeds, list(rates))
    for s, seed in enumerate(seeds):
        for r, rate in enumerate(rates):
            loss = train(replace(experiment, learning_rates=(rate,), seed=seed)).loss[0]
            np.testing.assert_allclose(table.final_loss[s, r], loss[-1], rtol=1e-9)
            assert table.best_loss[s, r] == pytest.approx(loss[np.isfinite(loss)].min(), rel=1e-9)
            bad = np.flatnonzero(~np.isfinite(loss))
            assert table.diverged_at[s, r] == (bad[0] if bad.size else -1)


def test_the_table_of_a_sweep_is_tidy():
    table = sweep(Experiment(data="noisy-line", epochs=5), (0.01, 0.02, 0.03), (4, 5)).frame()
    assert list(table.columns) == ["seed", "learning_rate", "final_loss", "best_loss", "diverged_at"]
    assert table["seed"].tolist() == [4, 4, 4, 5, 5, 5]
    assert table["learning_rate"].tolist() == [0.01, 0.02, 0.03] * 2
    alone = train(Experiment(data="noisy-line", epochs=5, learning_rates=(0.03,), seed=5)).loss[0, -1]
    assert table["final_loss"].iloc[-1] == pytest.approx(alone, rel=1e-12)


def test_a_sweep_that_costs_too_much_is_refused_in_words():
    with pytest.raises(ValueError, match=r"epochs must be <= .* take fewer epochs"):
        sweep(Experiment(epochs=100_000), np.geomspace(1e-6, 1, 500))


MANY = np.geomspace(1e-4, 2, 300)  # of each seed two pieces


def same(one, other):
    for name in ("learning_rates", "final_loss", "best_loss", "diverged_at", "moments", "losses", "test_losses"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    assert (one.seeds, one.epochs) == (other.seeds, other.epochs)


@pytest.fixture(scope="module")
def alone():
    return [sweep(experiment, MANY, range(3)) for experiment in SWEPT]


SWEPT = [
    Experiment(data="noisy-line", epochs=60, batch_size=10, test_share=0.3),
    Experiment(data="moons", hidden=(5, 3), epochs=15, optimizer="adam", momentum=0.9),
]


def test_a_pool_of_processes_gives_the_same_to_the_last_digit(alone):
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        for experiment, expected in zip(SWEPT, alone, strict=True):
            same(sweep(experiment, MANY, range(3), executor=pool), expected)


@pytest.mark.slow
def test_a_cluster_of_two_dask_workers_gives_the_same_to_the_last_digit(alone):
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        for experiment, expected in zip(SWEPT, alone, strict=True):
            same(sweep(experiment, MANY, range(3), executor=client.get_executor()), expected)


def test_progress_rises_to_one_and_what_it_raises_stops_the_sweep():
    seen: list[float] = []
    sweep(SWEPT[0], MANY, (0, 1), progress=seen.append)
    assert seen == sorted(seen) and seen[-1] == 1 and len(seen) >= 4

    def stop(done: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        sweep(SWEPT[0], MANY, (0, 1), progress=stop)


def test_pieces_joined_later_are_the_sweep_and_none_is_larger_than_one_batch_pays(alone):
    asked = pieces(SWEPT[0], MANY, range(3))
    assert [piece.seed for piece in asked] == [0, 0, 1, 1, 2, 2]
    assert np.concatenate([piece.learning_rates for piece in asked[:2]]).tolist() == MANY.tolist()
    same(joined(SWEPT[0], MANY, range(3), [train_piece(piece) for piece in asked]), alone[0])


def test_held_out_losses_are_kept_at_the_moments():
    table = sweep(SWEPT[0], (0.01, 0.02), (4,))
    history = train(replace(SWEPT[0], learning_rates=(0.01, 0.02), seed=4))
    np.testing.assert_array_equal(table.test_losses[0], history.test_loss[:, table.moments])
    assert sweep(Experiment(epochs=5), (0.01,)).test_losses is None


@for_each("momentum", [0.0, 0.5, 0.9])
@for_each("standardize", [False, True])
@for_each("name", LINES)
def test_the_measured_limit_is_the_exact_one_to_four_digits(name, standardize, momentum):
    experiment = Experiment(data=name, standardize=standardize, momentum=momentum)
    limit = exact_limit(experiment)
    measured = measured_limit(experiment, limit / 1000, limit * 10)
    assert measured == pytest.approx(limit, rel=1e-4)


@pytest.mark.parametrize("momentum", [0.97, 0.99, 0.999])
def test_strong_momentum_gives_the_limit_or_none_but_never_a_wrong_one(momentum):
    experiment = Experiment(momentum=momentum)
    limit = exact_limit(experiment)
    for low in (1e-3, 0.1, 0.5):
        measured = measured_limit(experiment, low * limit, 10 * limit)
        assert measured is None or measured == pytest.approx(limit, rel=1e-3)


@pytest.mark.parametrize(
    "fields", [{"precision": "float32"}, {"engine": "torch"}, {"epochs": 1}, {"start": (50.0, -80.0)}], ids=str
)
def test_the_measured_limit_needs_no_double_precision_and_no_long_run(fields):
    experiment = Experiment(**fields)
    assert measured_limit(experiment, 1e-4, 1.0) == pytest.approx(exact_limit(experiment), rel=1e-4)


def test_the_limit_is_found_in_the_widest_range_there_is():
    assert measured_limit(Experiment(), 1e-12, 1e6) == pytest.approx(exact_limit(Experiment()), rel=1e-4)


def test_there_is_no_measured_limit_where_all_rates_grow_or_none_does():
    assert measured_limit(Experiment(), 1e-6, 0.08) is None
    assert measured_limit(Experiment(), 0.09, 10.0) is None
    assert measured_limit(Experiment(start=(2.0, 0.0)), 1e-3, 10.0) is None  # started at the minimum


def test_the_limit_of_mini_batches_is_measured_and_lies_near_that_of_the_full_batch():
    experiment = Experiment(data="noisy-line", batch_size=4)
    measured = measured_limit(experiment, 1e-3, 10.0)
    assert 0.2 * exact_limit(experiment) < measured < 2 * exact_limit(experiment)


@pytest.mark.parametrize("fields", [{}, {"engine": "torch"}, {"data": "penguins", "batch_size": 1}], ids=str)
def test_what_is_affordable_costs_no_more_than_asked_and_no_longer_than_the_experiment(fields):
    experiment = Experiment(epochs=800, **fields)
    cut = affordable(experiment, 200)
    assert 1 <= cut.epochs <= 800 and cut.engine == "numpy"
    assert replace(cut, learning_rates=(0.01,) * 200).seconds() <= CACHED_SECONDS / 2 or cut.epochs == 1
