"""What is said of a log that is a range test, not a run."""

from __future__ import annotations

import numpy as np
import pytest

from core import read_log
from core.instruments.range_test.rules import RULES, recorded
from core.words import number


def test_a_recorded_range_test_gets_the_rates_of_each_rule_and_no_verdict_of_a_run():
    rates = np.geomspace(1e-7, 1, 100)
    loss = 2.3 / (1 + (rates / 1e-3) ** 0.7) + 0.3 + 30 * np.maximum(rates - 0.1, 0)
    text = "lr,loss\n" + "\n".join(f"{rate:.10e},{value:.10e}" for rate, value in zip(rates, loss, strict=True))
    (run,) = read_log(text).runs
    assert (run.diagnosis.label, run.diagnosis.role) == ("range_test", "open")
    test = recorded(run.learning_rate, run.loss, len(run.loss))
    suggested = {rule.title: rule.suggest(test) for rule in RULES.values()}
    assert sum(rate is not None for rate in suggested.values()) > 3
    for title, rate in suggested.items():
        assert (
            (f"{title} {number(rate)}" in run.diagnosis.advice)
            if rate is not None
            else title not in run.diagnosis.advice
        )


def test_a_wave_of_exactly_one_epoch_is_the_order_of_the_data_and_not_the_rate():
    step = np.arange(300)
    loss = 1.2 + 0.03 * (step % 10)
    (run,) = read_log(
        "step,epoch,loss\n" + "\n".join(f"{k},{k // 10},{y:.4f}" for k, y in zip(step, loss, strict=True))
    ).runs
    assert run.diagnosis.role == "open"
    assert "One wave repeats each epoch" in run.diagnosis.reason
    assert "order of the data" in run.diagnosis.reason
    noise = np.random.default_rng(0).normal(0, 0.1, 300)
    text = "step,epoch,loss\n" + "\n".join(f"{k},{k // 10},{1.2 + y:.4f}" for k, y in zip(step, noise, strict=True))
    assert "wave" not in read_log(text).runs[0].diagnosis.reason


def test_of_numbered_sets_the_second_is_the_validation_loss_and_that_is_said():
    lines = [
        f"[{k}]\tvalidation_0-logloss:{0.69 - 0.02 * k:.5f}\tvalidation_1-logloss:{0.7 - 0.01 * k:.5f}"
        for k in range(12)
    ]
    log = read_log("\n".join(lines))
    (run,) = log.runs
    assert run.loss[0] == 0.69
    assert run.validation[:2].tolist() == [0.7, 0.69]
    assert any("validation_1-logloss is read as the validation loss" in note for note in log.notes)


def test_a_number_beyond_all_floats_beside_a_quoted_comma_is_no_reason_to_fail():
    with pytest.raises(ValueError, match=r"\w"):
        read_log('1E310,","')


def test_of_a_run_that_diverged_the_rate_is_the_likely_cause_and_no_certain_one():
    (run,) = read_log("loss\n" + "\n".join(f"{3.0**step}" for step in range(30)) + "\nnan").runs
    assert run.diagnosis.label == "diverged"
    assert run.diagnosis.advice.startswith("Probably too high: lower the rate")
