"""What is said of the presets of a line is true of their runs."""

from __future__ import annotations

import numpy as np
import pytest

from core import LINE_PRESETS, NETWORK_PRESETS, PRESETS, Diagnosis, History, diagnose, stability_limit, train


def run(name: str) -> tuple[History, list[Diagnosis]]:
    history = train(PRESETS[name])
    return history, diagnose(history)


def test_of_the_article_a_hardly_moves_b_arrives_and_c_overflows() -> None:
    loss = run("article")[0].loss
    assert loss[0, -1] > 0.95 * loss[0, 0]
    assert loss[1, -1] < 1e-5 * loss[1, 0]
    assert not np.isfinite(loss[2, -1])


def test_look_alikes_differ_in_the_meter_and_the_advice_alone() -> None:
    history, (low, edge) = run("look-alikes")
    assert np.abs(history.loss[0] / history.loss[1] - 1).max() < 6e-4
    assert low.role == "low" and edge.label == "at_limit" and low.advice != edge.advice
    assert np.nanmax(history.meter[0]) < 0.001 and np.nanmax(history.meter[1]) == pytest.approx(2, abs=0.01)


def test_penguins_explode_at_a_rate_that_trains_them_once_standardized() -> None:
    raw, scaled = run("penguins")[0], run("penguins-standardised")[0]
    assert raw.experiment.learning_rates[2] == scaled.experiment.learning_rates[1] == 0.01
    assert not np.isfinite(raw.loss[2, -1])
    assert scaled.loss[1, -1] < 0.01 * scaled.loss[1, 0]
    assert stability_limit(scaled.experiment) == pytest.approx(1)


def test_with_momentum_b_swings_before_it_settles() -> None:
    loss = run("momentum")[0].loss[1]
    rises = int((np.diff(loss) > 0).sum())
    assert 50 < rises < 150 and loss[-1] < 1e-6 * loss[0]


def test_each_has_a_title_and_a_word_on_what_to_look_at() -> None:
    assert list(LINE_PRESETS) == list(PRESETS)
    assert all(preset.title and preset.look.endswith(".") for preset in LINE_PRESETS.values())


def test_every_preset_of_a_network_stands_in_a_group_that_has_others() -> None:
    groups = [preset.group for preset in NETWORK_PRESETS.values()]
    assert all(group and groups.count(group) > 1 for group in groups)
