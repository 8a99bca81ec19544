"""The scene of a run that is still trained: it is drawn of the epochs so far, and of those alone."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

from core import NETWORK_PRESETS, Experiment, diagnose, train
from core.instruments.network.scene import NetworkScene, network_scene, trained_network_scene

MOONS = Experiment(
    data="moons", hidden=(4,), learning_rates=(0.003, 0.3, 30.0), epochs=60, test_share=0.25, sharpness=12
)
CASES = {
    "moons": MOONS,
    "numbers": Experiment(data="plane", hidden=(3,), learning_rates=(0.1,), epochs=12),
    "one column": replace(NETWORK_PRESETS["narrow"].experiment, epochs=20),
    "digits": replace(NETWORK_PRESETS["digits"].experiment, epochs=4),
    "gone": replace(MOONS, activation="relu", loss="mse", learning_rates=(0.01, 10.0), hidden=(6, 6), epochs=90),
    "adam, mini-batches": replace(MOONS, optimizer="adam", momentum=0.9, batch_size=32, epochs=10, sharpness=3),
}


@pytest.fixture(autouse=True)
def every_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.training.recorder.REPORT_SECONDS", 0.0)


def seen(experiment: Experiment) -> list[NetworkScene]:
    found: list[NetworkScene] = []
    trained_network_scene(experiment, show=lambda make: found.append(make()))
    return found


@pytest.mark.parametrize("name", CASES)
def test_each_scene_is_of_the_epochs_so_far(name: str) -> None:
    experiment = CASES[name]
    scenes = seen(experiment)
    assert [scene.history.done for scene in scenes] == list(range(1, experiment.epochs))
    for scene in (scenes[0], scenes[len(scenes) // 2], scenes[-1]):
        done = scene.history.done
        shorter = network_scene(train(replace(experiment, epochs=done, sharpness=0)))
        assert scene.moments == (done,)
        for lane, of_shorter in zip(scene.lanes, shorter.lanes, strict=True):
            assert lane.curve.equals(of_shorter.curve) and lane.meter.equals(of_shorter.meter)
        np.testing.assert_array_equal(scene.measures.dead[:, -1], shorter.measures.dead[:, -1])
        for view, of_shorter_view in zip(scene.views, shorter.views, strict=True):
            last = [row for row in of_shorter_view.to_pylist() if row["epoch"] == done]
            assert view.to_pylist() == last


def test_what_is_told_over_the_epochs_is_told_at_those_that_were_seen() -> None:
    scenes = seen(MOONS)
    of_all = network_scene(train(MOONS)).over["accuracy"].to_pylist()
    told = scenes[-1].over["accuracy"].to_pylist()
    assert {row["epoch"] for row in told} == set(range(1, MOONS.epochs))
    at = {(row["lane"], row["epoch"]): row["value"] for row in of_all}
    assert all(at[row["lane"], row["epoch"]] == row["value"] for row in told if (row["lane"], row["epoch"]) in at)
    assert len(at.keys() & {(row["lane"], row["epoch"]) for row in told}) > len(at) / 2


def test_the_verdict_so_far_is_that_of_the_shorter_run() -> None:
    for scene in seen(replace(MOONS, sharpness=0)):
        shorter = train(replace(MOONS, sharpness=0, epochs=scene.history.done))
        assert [lane.diagnosis for lane in scene.lanes] == list(diagnose(shorter))


def test_what_is_sent_of_a_long_run_is_little() -> None:
    last = seen(replace(MOONS, epochs=300))[-1]
    assert len(pickle.dumps(last)) < 250_000
    told = {row["epoch"] for row in last.over["accuracy"].to_pylist()}
    assert {1, last.history.done} <= told and 60 <= len(told) <= 120
