"""A second opinion: true diagnoses are confirmed, wrong ones are contradicted, and both in plain words."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from core import Experiment, diagnose, train
from core.diagnosis.rules import Diagnosis
from core.instruments.network.second_opinion import SecondOpinion, second_opinion, wider
from core.training.problems import problem

CIRCLES = Experiment(data="circles", hidden=(8, 8), learning_rates=(0.003, 0.3, 30.0), epochs=500)
XOR = Experiment(data="xor", learning_rates=(0.3,), epochs=500)
# ReLU under the mean of squares overflows at rates far too high.
GONE = Experiment(data="circles", hidden=(8,), activation="relu", loss="mse", learning_rates=(1e4,), epochs=200)


def claim(label: str) -> Diagnosis:
    return Diagnosis(label=label, reason="", clauses=(), advice="")


def asked(experiment: Experiment, label: str, lane: int = 0) -> SecondOpinion:
    return second_opinion(train(experiment), claim(label), lane)


def loss_of(opinion: SecondOpinion, name: str) -> float:
    (trial,) = (trial for trial in opinion.trials if trial.name == name)
    return trial.loss


def test_a_true_too_slow_is_confirmed_by_three_times_the_rate():
    history = train(CIRCLES)
    found = diagnose(history)[0]
    assert found.role == "low"
    opinion = second_opinion(history, found, 0)
    assert opinion.right is True
    assert loss_of(opinion, "rate × 3") < loss_of(opinion, "as it was") < loss_of(opinion, "rate / 3")
    assert "At 3 times the rate" in opinion.words


def test_a_true_too_high_is_confirmed_by_a_third_of_the_rate():
    history = train(CIRCLES)
    found = diagnose(history)[2]
    assert found.role == "high"
    opinion = second_opinion(history, found, 2)
    assert opinion.right is True
    assert loss_of(opinion, "rate / 3") < loss_of(opinion, "as it was")
    assert "At a third of the rate" in opinion.words


@pytest.mark.parametrize("rate", [0.3, 1.0])
def test_a_linear_model_on_exclusive_or_is_confirmed_to_want_a_hidden_layer(rate):
    history = train(replace(XOR, learning_rates=(rate,)))
    found = diagnose(history)[0]
    assert found.label == "plateau"
    opinion = second_opinion(history, found, 0)
    assert opinion.right is True
    assert opinion.words.startswith("A wider network ends at")
    assert loss_of(opinion, "wider") < 0.5 * math.log(2) < loss_of(opinion, "rate × 3")


def test_the_trials_end_where_plain_pytorch_loops_end():
    opinion = second_opinion(train(XOR), claim("plateau"), 0)
    task = problem(XOR)
    x, y = torch.tensor(task.inputs[:, :-1]), torch.tensor(task.targets)
    for name, rate in (("as it was", 0.3), ("rate / 3", 0.1), ("rate × 3", 0.9)):
        theta, losses = torch.tensor(task.start, requires_grad=True), []
        optimizer = torch.optim.SGD([theta], lr=rate)
        for _ in range(501):
            loss = torch.nn.functional.binary_cross_entropy_with_logits(x @ theta[:2, None] + theta[2], y)
            losses.append(loss.item())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        assert loss_of(opinion, name) == pytest.approx(np.median(losses[-50:]), rel=1e-9)


@pytest.mark.parametrize("label", ["too_slow", "good", "plateau"])
def test_a_lane_that_is_too_high_contradicts_whoever_says_otherwise(label):
    opinion = asked(CIRCLES, label, lane=2)
    assert opinion.right is False


@pytest.mark.parametrize("label", ["oscillating", "at_limit", "exploding", "diverged", "plateau"])
def test_a_lane_that_is_too_slow_contradicts_whoever_says_too_high_or_stopped(label):
    assert asked(CIRCLES, label, lane=0).right is False


def test_a_lane_that_hardly_moves_contradicts_whoever_calls_it_good():
    assert asked(replace(CIRCLES, epochs=1000), "good", lane=0).right is False


@pytest.mark.parametrize("label", ["too_slow", "oscillating", "at_limit"])
def test_a_model_that_is_not_powerful_enough_contradicts_whoever_blames_the_rate(label):
    assert asked(XOR, label).right is False


def test_too_few_epochs_claim_nothing_and_so_are_neither_right_nor_wrong():
    opinion = asked(replace(CIRCLES, epochs=2), "too_short")
    assert opinion.right is None
    assert opinion.words.startswith("Too few epochs")


@pytest.mark.parametrize("label", ["diverged", "good", "plateau", "too_slow", "too_short"])
def test_an_overflow_is_told_in_words_and_never_as_inf_or_nan(label):
    opinion = asked(GONE, label)
    assert {trial.loss for trial in opinion.trials} == {math.inf}
    assert "overflow" in opinion.words
    assert "inf" not in opinion.words and "nan" not in opinion.words


def test_a_run_that_overflows_is_no_good_rate_whatever_its_neighbours_do():
    assert asked(GONE, "good").right is False


def test_a_run_so_high_that_a_third_of_its_rate_overflows_as_well_is_not_told_it_was_not_too_high():
    history = train(GONE)
    found = diagnose(history)[0]
    assert found.label == "diverged"
    assert second_opinion(history, found, 0).right is not False


@pytest.mark.parametrize(("label", "lane"), [("too_slow", 2)])
def test_a_loss_that_rose_is_not_said_to_fall(label, lane):
    opinion = asked(CIRCLES, label, lane)
    assert loss_of(opinion, "rate × 3") > train(CIRCLES).loss[lane, 0]
    assert "falls" not in opinion.words


def test_the_good_lane_of_the_first_preset_stays_good_under_a_second_opinion():
    history = train(replace(CIRCLES, test_share=0.25, epochs=1000))
    found = diagnose(history)[1]
    assert found.label == "good"
    assert second_opinion(history, found, 1).right is True


@pytest.mark.parametrize("label", ["too_slow", "oscillating"])
def test_where_neither_three_times_the_rate_nor_a_third_ends_lower_the_advice_is_to_leave_it(label):
    # No straight line parts exclusive-or: every rate that arrives ends at the same loss, just below ln 2.
    stuck = asked(Experiment(data="xor", learning_rates=(1.0,), epochs=500), label)
    lower, here, higher = (loss_of(stuck, name) for name in ("rate / 3", "as it was", "rate × 3"))
    assert min(lower, higher) == pytest.approx(here, rel=1e-3)
    assert stuck.right is False and "leave the rate as it is" in stuck.words
    assert "leave the rate" not in asked(CIRCLES, "too_slow").words


def test_progress_is_told_from_nothing_to_nearly_all_and_can_stop_it():
    history, seen = train(replace(CIRCLES, epochs=2000)), []
    second_opinion(history, claim("good"), 1, seen.append)
    assert seen == sorted(seen) and seen[0] == 0 and 0.8 < seen[-1] <= 1

    def stop(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        second_opinion(history, claim("good"), 1, stop)


def test_it_is_seen_while_it_is_trained_and_in_the_end_holds_the_losses_of_all_its_runs():
    history, seen = train(replace(CIRCLES, epochs=2000)), []
    opinion = second_opinion(history, claim("good"), 1, show=lambda make: seen.append(make().to_pandas()))
    names = [list(dict.fromkeys(shown["trial"])) for shown in seen]
    assert names[0] == ["as it was", "rate / 3", "rate × 3"] and names[-1] == [*names[0], "wider"]
    first = seen[0].groupby("trial")["epoch"].max()
    assert first["as it was"] == 2000 and first["rate / 3"] == first["rate × 3"] < 2000
    curves = opinion.curves.to_pandas()
    ends = curves[curves["epoch"] == 2000].set_index("trial")["loss"]
    thrice = train(replace(CIRCLES, epochs=2000, learning_rates=(0.3 / 3, 0.3 * 3)))
    np.testing.assert_allclose(ends["rate × 3"], thrice.loss[1, -1], rtol=1e-6)
    np.testing.assert_allclose(ends["as it was"], history.loss[1, -1], rtol=1e-6)


def test_where_the_wider_network_may_not_run_as_long_all_are_judged_after_as_many_epochs_as_it_may():
    narrow = Experiment(data="digits", hidden=(32, 32), learning_rates=(0.1,), batch_size=16)
    wide = replace(narrow, hidden=(64, 64), epochs=1)
    most = wide.largest_epochs()
    longer = replace(narrow, epochs=most + 5)
    loss = np.linspace(3, 1, most + 6)[None]  # what was trained is not looked at, only its curve
    history = replace(train(replace(narrow, epochs=1)), experiment=longer, loss=loss)
    seen: list[int] = []

    def only_look(experiment: Experiment, progress: object, show: object) -> object:
        seen.append(experiment.epochs)
        return replace(history, loss=np.ones((len(experiment.learning_rates), experiment.epochs + 1)))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.instruments.network.second_opinion.train", only_look)
        opinion = second_opinion(history, claim("good"), 0)
    assert seen == [most, most]
    assert loss_of(opinion, "as it was") == pytest.approx(np.median(loss[0, : most + 1][-((most + 1) // 10) :]))


def test_wider_doubles_each_layer_up_to_64_and_gives_a_model_without_any_one_of_8():
    assert wider(XOR) == (8,)
    assert wider(CIRCLES) == (16, 16)
    assert wider(replace(CIRCLES, hidden=(1, 31, 32, 33, 64))) == (2, 62, 64, 64, 64)


def test_a_network_of_64_units_a_layer_is_not_widened_and_yet_gets_its_opinion():
    opinion = asked(replace(CIRCLES, hidden=(64,), epochs=30), "too_slow")
    assert [trial.name for trial in opinion.trials] == ["as it was", "rate / 3", "rate × 3"]
    plateau = asked(replace(CIRCLES, hidden=(64,), epochs=30), "plateau")
    assert plateau.right in (True, False)
    assert "inf" not in plateau.words


@pytest.mark.parametrize("rate", [1e-12, 1e6])
def test_at_the_ends_of_what_a_rate_may_be_the_opinion_is_still_given(rate):
    opinion = asked(replace(CIRCLES, learning_rates=(rate,), epochs=20), "good")
    assert len(opinion.trials) == 4
    assert not any(math.isnan(trial.loss) for trial in opinion.trials)


@pytest.mark.parametrize(
    "fields",
    [
        {"engine": "torch"},
        {"optimizer": "adam", "momentum": 0.9, "learning_rates": (0.001,)},
        {"batch_size": 32},
        {"schedule": "warm-up"},
        {"sharpness": 3},
        {"data": "penguins-species", "standardize": True},
    ],
    ids=str,
)
def test_an_opinion_is_given_under_every_way_of_training(fields):
    experiment = replace(CIRCLES, learning_rates=(0.01,), epochs=40)
    history = train(replace(experiment, **fields))
    opinion = second_opinion(history, diagnose(history)[0], 0)
    assert opinion.right in (True, False)
    assert loss_of(opinion, "as it was") == pytest.approx(np.median(history.loss[0, -4:]), rel=1e-12)
    assert "as it was, it ends at" in opinion.words
