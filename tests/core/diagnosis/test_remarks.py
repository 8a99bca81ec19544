"""Odd data is told in a sentence, and trained to defined results all the same, by both trainers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from core.data.datasets import NETWORK_DATA, Dataset, dataset
from core.diagnosis.measures import measures
from core.diagnosis.remarks import remarks
from core.diagnosis.verdicts import diagnose
from core.experiment.experiment import Experiment
from core.training import problems
from core.training.train import train

BASE = Experiment(data="moons", hidden=(4,), learning_rates=(0.1,), epochs=4)


@pytest.fixture(autouse=True)
def no_odd_problem_is_kept() -> Iterator[None]:
    yield
    problems._problem.cache_clear()


def data(monkeypatch: pytest.MonkeyPatch, odd: Dataset) -> None:
    """Whoever asks for data gets this."""
    monkeypatch.setattr("core.training.problems.dataset", lambda *_: odd)
    monkeypatch.setattr(Experiment, "dataset", lambda _: odd)
    problems._problem.cache_clear()


def test_nothing_is_said_of_usual_data():
    for name in NETWORK_DATA:
        odd = remarks(replace(BASE, data=name, test_share=0.25))
        assert odd == () or name == "digits"  # some of its pixels are white in every image


def test_pixels_that_are_white_in_every_image_are_counted():
    x = dataset("digits").x
    still = int((x.max(axis=0) == x.min(axis=0)).sum())
    assert still > 1
    for standardize, words in ((False, "never change on"), (True, "never change and stay at 0 on")):
        (sentence,) = remarks(replace(BASE, data="digits", standardize=standardize))
        assert sentence.startswith(f"{still} inputs {words} the training points")


@pytest.mark.parametrize("standardize", [False, True])
@pytest.mark.parametrize("engine", ["numpy", "torch"])
def test_an_input_that_never_changes_is_told_and_trained_to_finite_numbers(monkeypatch, standardize, engine):
    x = dataset("moons").x.copy()
    x[:, 1] = 3.0
    data(monkeypatch, replace(dataset("moons"), x=x))
    asked = Experiment(
        data="moons", hidden=(4,), standardize=standardize, learning_rates=(0.1, 0.5), epochs=20, engine=engine
    )
    assert any("An input never changes" in sentence for sentence in remarks(asked))
    history = train(asked)
    assert np.isfinite(history.loss).all() and (history.loss[:, -1] < history.loss[:, 0]).all()


@pytest.mark.parametrize("loss", ["cross-entropy", "mse"])
@pytest.mark.parametrize("engine", ["numpy", "torch"])
def test_a_training_set_of_one_class_is_told_and_learned_towards_its_least_loss_0(monkeypatch, loss, engine):
    data(monkeypatch, replace(dataset("moons"), y=np.ones(200)))
    asked = Experiment(data="moons", hidden=(4,), loss=loss, learning_rates=(0.3,), epochs=400, engine=engine)
    (sentence,) = remarks(asked)
    assert sentence.startswith("All training points are of one class, orange")
    history = train(asked)
    assert history.loss[0, -1] < 0.02
    assert diagnose(history)[0].role in ("good", "open")
    assert (measures(history).accuracy[0, -1]) == 1


def test_a_class_that_training_never_sees_is_named(monkeypatch):
    species = dataset("penguins-species")
    kept = species.y != 1
    data(monkeypatch, replace(species, x=species.x[kept], y=species.y[kept]))
    asked = replace(BASE, data="penguins-species")
    assert remarks(asked) == (
        f"No training point is of class {species.classes[1]}: what is never seen can't be learned.",
    )
    assert np.isfinite(train(asked).loss).all()


@pytest.mark.parametrize("engine", ["numpy", "torch"])
def test_targets_that_are_one_number_are_told_and_fitted(monkeypatch, engine):
    data(monkeypatch, replace(dataset("plane"), y=np.full(len(dataset("plane").y), 0.7)))
    asked = Experiment(data="plane", hidden=(4,), learning_rates=(0.1,), epochs=500, engine=engine)
    assert remarks(asked) == ("All targets are one number, so a constant is the best answer.",)
    assert train(asked).loss[0, -1] < 1e-3
    assert diagnose(train(asked))[0].role == "good"
