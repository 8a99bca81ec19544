"""A run that is looked at while it trains: what is seen is the shorter run, and to look changes nothing."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from core import NETWORK_PRESETS, Experiment, History, train

NETWORK = NETWORK_PRESETS["circles"].experiment
RUNS = {
    "line": Experiment(epochs=300, learning_rates=(0.01, 0.05, 0.2)),
    "float32": Experiment(epochs=60, precision="float32"),
    "torch": Experiment(epochs=40, engine="torch", learning_rates=(0.01,)),
    "mini-batches": Experiment(data="penguins", batch_size=16, epochs=30, standardize=True),
    "plateau": replace(NETWORK, epochs=120, schedule="plateau"),
    "network": replace(NETWORK, epochs=200, sharpness=6, test_share=0.3),
    "digits": replace(NETWORK_PRESETS["digits"].experiment, epochs=5),
}


def seen_while_trained(experiment: Experiment) -> tuple[History, list[History]]:
    seen: list[History] = []
    return train(experiment, show=lambda so_far: seen.append(so_far())), seen


def every_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.training.recorder.REPORT_SECONDS", 0.0)


@pytest.mark.parametrize("name", RUNS)
def test_a_run_that_is_looked_at_is_the_same_to_the_last_bit(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    every_epoch(monkeypatch)
    alone, (watched, seen) = train(RUNS[name]), seen_while_trained(RUNS[name])
    assert [each.done for each in seen] == list(range(1, RUNS[name].epochs))
    assert watched.finished and not any(each.finished for each in seen)
    for field in fields(History):
        np.testing.assert_array_equal(getattr(watched, field.name), getattr(alone, field.name), field.name)


@pytest.mark.parametrize("name", [name for name in RUNS if name != "plateau"])
def test_what_is_seen_is_the_run_of_so_many_epochs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    every_epoch(monkeypatch)
    seen = seen_while_trained(RUNS[name])[1]
    for so_far in (seen[0], seen[len(seen) // 2], seen[-1]):
        shorter = train(replace(RUNS[name], epochs=so_far.done, sharpness=0))
        for part in ("loss", "gradient_norm", "meter", "test_loss", "parameters", "diverged_at"):
            np.testing.assert_array_equal(getattr(so_far, part), getattr(shorter, part), part)
        if shorter.snapshots is not None:
            np.testing.assert_array_equal(so_far.snapshots[:, -1], shorter.snapshots[:, -1])


def test_a_sharpness_is_seen_once_it_is_measured_and_is_the_finished_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    every_epoch(monkeypatch)
    finished, seen = seen_while_trained(RUNS["network"])
    for so_far in seen:
        assert so_far.sharpness is not None and so_far.sharpness_epochs is not None
        measured = finished.sharpness_epochs <= so_far.done
        np.testing.assert_array_equal(so_far.sharpness_epochs, finished.sharpness_epochs[measured])
        np.testing.assert_array_equal(so_far.sharpness, finished.sharpness[:, measured])


def test_the_rate_of_a_schedule_is_that_of_the_whole_run(monkeypatch: pytest.MonkeyPatch) -> None:
    every_epoch(monkeypatch)
    finished, seen = seen_while_trained(replace(NETWORK, epochs=50, schedule="warm-up-cosine"))
    for so_far in seen:
        at = np.arange(so_far.done)
        np.testing.assert_array_equal(so_far.rates(at), finished.rates(at))


def test_a_very_long_run_is_seen_in_its_peaks_and_ends() -> None:
    seen = seen_while_trained(Experiment(epochs=200_000))[1]
    light = seen[-1].light()
    assert light.done == seen[-1].done
    assert light.loss.shape[1] < 20_000 < seen[-1].loss.shape[1]


def test_the_first_look_is_at_the_first_epoch_and_the_next_ones_come_further_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("core.training.recorder.REPORT_SECONDS", 1e6)
    _, seen = seen_while_trained(RUNS["line"])
    assert [each.done for each in seen] == [1, 2, 4, 8, 16, 32, 64, 128, 256]
