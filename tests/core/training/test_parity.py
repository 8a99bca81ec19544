"""The parity receipt says how far the two engines really differ."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.experiment.experiment import Experiment
from core.experiment.presets import PRESETS
from core.training import parity as module
from core.training.parity import parity
from core.training.train import train


@pytest.mark.parametrize("name", PRESETS)
def test_the_engines_agree_to_a_billionth_on_every_preset(name):
    receipt = parity(PRESETS[name])
    assert 0 <= receipt.difference < 1e-9
    assert receipt.epochs == min(PRESETS[name].epochs, 10)
    assert receipt.precision == "float64"


def test_in_single_precision_they_agree_to_single_precision():
    receipt = parity(Experiment(data="noisy-line", precision="float32", learning_rates=(0.01, 0.02)))
    assert 1e-12 < receipt.difference < 1e-3
    assert receipt.precision == "float32"


def with_torch_off_by(change):
    """A stand-in for train whose PyTorch curves are changed."""

    def altered(experiment):
        history = train(replace(experiment, engine="numpy"))
        return replace(history, loss=change(history.loss.copy())) if experiment.engine == "torch" else history

    return altered


def test_a_difference_of_one_in_a_thousand_anywhere_is_reported_as_that(monkeypatch):
    def change(loss):
        loss[1, 7] *= 1.001
        return loss

    monkeypatch.setattr(module, "train", with_torch_off_by(change))
    assert parity(Experiment()).difference == pytest.approx(1e-3, rel=1e-9)


def test_engines_that_are_the_same_differ_by_nothing(monkeypatch):
    monkeypatch.setattr(module, "train", with_torch_off_by(lambda loss: loss))
    assert parity(Experiment()).difference == 0.0


def test_a_loss_that_only_one_engine_loses_is_not_called_agreement(monkeypatch):
    def change(loss):
        loss[0, 5:] = np.nan
        return loss

    monkeypatch.setattr(module, "train", with_torch_off_by(change))
    assert not parity(Experiment()).difference < 1e-3
