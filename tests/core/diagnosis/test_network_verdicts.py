"""Verdicts on networks: curves set by hand turn each verdict, curves beside them don't, and presets keep their word."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.metrics import log_loss, mean_squared_error

from core import NETWORK_PRESETS, Diagnosis, Experiment, History, diagnose, train
from core.diagnosis.theory import baseline
from core.training.problems import problem

EPOCHS = 240
FULL = Experiment(data="circles", hidden=(3,), learning_rates=(0.1,), epochs=EPOCHS)
BATCHES = replace(FULL, batch_size=32)
LINEAR = replace(FULL, data="xor", hidden=())
GUESS = math.log(2)  # the loss of the best constant prediction: both classes are as frequent
TIME = np.arange(EPOCHS + 1) / EPOCHS
WANDERS = 1 + 0.1 * np.random.default_rng(0).normal(size=EPOCHS + 1)


@cache
def trained(experiment: Experiment) -> History:
    """What is not set by hand: a true run, of one lane."""
    return train(experiment)


def made(loss, experiment: Experiment = FULL, *, meter=0.5, gradient=1.0, **arrays) -> History:
    """A History of one lane with this loss; meter and gradient norm are one number each, or a row of them."""
    loss = np.asarray(loss, float)
    row = np.ones((1, len(loss) - 1))
    history = trained(replace(experiment, epochs=len(loss) - 1))
    return replace(history, loss=loss[None], meter=row * meter, gradient_norm=row * gradient, **arrays)


def verdict(*arguments, **fields) -> Diagnosis:
    (found,) = diagnose(made(*arguments, **fields))
    return found


def falls(first, last):
    """A loss that halves again and again, from first to last."""
    return first * (last / first) ** TIME


def settles(first, last):
    """A loss that comes to rest after a twentieth of the run."""
    return last + (first - last) * np.exp(-60 * TIME)


def begins(first, rest):
    """The same curve with another first value."""
    return np.append(first, rest[1:])


# What a full batch, or a start, tells of a curve.


def test_on_the_full_batch_a_loss_that_wanders_is_oscillating():
    found = verdict(begins(0.7, 0.3 * WANDERS))
    assert (found.label, found.role) == ("oscillating", "high")
    assert "without any noise in the data" in found.reason
    assert "lower the rate" in found.advice


def test_in_mini_batches_the_same_curve_is_noise_and_nothing_is_said_of_full_batches():
    found = verdict(begins(0.7, 0.3 * WANDERS), BATCHES)
    assert (found.label, found.role) == ("noisy", "good")
    assert "lower it" not in found.advice and "all data" not in found.advice


@pytest.mark.parametrize("experiment", [FULL, BATCHES], ids=["full batch", "mini-batches"])
@pytest.mark.parametrize(
    "shape", [settles(0.7, 2.1), begins(0.7, falls(7.0, 1.4)), begins(0.7, 2.1 * WANDERS)], ids=["flat", "back", "wild"]
)
def test_a_loss_whose_second_half_lies_above_its_start_is_too_high(shape, experiment):
    assert verdict(shape, experiment).role == "high"


@pytest.mark.parametrize(
    "shape",
    [settles(0.7, 0.5), begins(0.7, falls(21.0, 0.07)), falls(0.7, 0.07), np.append(falls(0.7, 0.07)[:-1], 0.8)],
    ids=["flat", "back", "calm", "last"],
)
def test_a_loss_whose_second_half_lies_below_its_start_is_not(shape):
    assert verdict(shape).role != "high"


@pytest.mark.parametrize("loss", [[0.7, 0.8], [0.7, 0.8, 0.9], [0.7, 0.6, 0.5]], ids=str)
def test_fewer_than_four_losses_claim_nothing_of_the_rate_whichever_way_they_go(loss):
    assert verdict(loss).label == "too_short"


def test_an_overflowed_lane_is_diverged_and_no_other_rule_touches_it():
    found = verdict(np.where(TIME > 0.5, np.inf, settles(0.7, 2.1)))
    assert (found.label, found.role) == ("diverged", "high")
    assert "overflowed at epoch 121" in found.evidence


# The edge of stability.


@pytest.mark.parametrize(("share", "label"), [(0.3, "edge"), (0.8, "at_limit")])
def test_a_lane_whose_steps_all_overshoot_is_at_the_edge_only_if_it_has_learned(share, label):
    assert verdict(falls(GUESS, share * GUESS), meter=1.97).label == label


def test_a_lane_whose_steps_overshoot_and_which_ends_higher_than_it_has_been_is_not_at_the_edge():
    loss = falls(0.3 * GUESS, 0.2 * GUESS)
    assert verdict(loss, meter=1.97).label == "edge"
    found = verdict(np.append(loss[:-1], 0.25 * GUESS), meter=1.97)
    assert (found.label, found.role) == ("at_limit", "high")


RULES = [("sgd", 0.0, 2.0), ("momentum", 0.5, 3.0), ("momentum", 0.9, 3.8), ("adam", 0.9, 38.0), ("adam", 0.0, 2.0)]


def watched(times, optimizer="sgd", momentum=0.0, line=2.0, late=6) -> Diagnosis:
    """The verdict on a good curve with learning rate x sharpness at so many times its line, measured now and then."""
    experiment = replace(FULL, optimizer=optimizer, momentum=momentum)
    epochs = np.append(np.arange(0, 150, 30), np.linspace(160, EPOCHS, late).astype(int))
    sharpness = np.full((1, len(epochs)), times * line / 0.1)
    sharpness[0, :2] /= 4  # it climbs there
    return verdict(falls(GUESS, 0.05), experiment, sharpness=sharpness, sharpness_epochs=epochs)


@pytest.mark.parametrize(("optimizer", "momentum", "line"), RULES)
def test_sharpness_that_hovers_at_the_line_of_its_update_rule_is_the_edge(optimizer, momentum, line):
    for times in (0.97, 1.0, 1.08):
        found = watched(times, optimizer, momentum, line)
        assert (found.label, found.role) == ("edge", "good")
        assert f"stays at its line, {line:g}" in found.reason
    for times in (0.8, 1.3):
        assert watched(times, optimizer, momentum, line).label == "good"


def test_fewer_than_five_late_measurements_do_not_show_that_it_hovers():
    assert watched(1.0, late=5).label == "edge"
    assert watched(1.0, late=4).label == "good"


def test_sharpness_that_is_no_number_does_not_hover():
    assert watched(np.nan).label == "good"


def test_under_a_warm_up_the_rate_of_the_schedule_decides_and_not_the_one_asked_for():
    # Of 240 epochs the first 24 climb: what is measured before has less than half the rate, and no say afterwards.
    epochs = np.array([0, 11, 170, 190, 210, 230, 240])
    history = made(
        falls(GUESS, 0.05),
        replace(FULL, schedule="warm-up"),
        sharpness=np.full((1, 7), 20.0),
        sharpness_epochs=epochs,
    )
    (found,) = diagnose(history)
    assert found.label == "edge"
    assert "rate × sharpness went from 0.08333 to 2, the line is 2" in found.evidence  # 2 / 24 at the first step


@pytest.mark.parametrize("shape", [settles(0.7, 2.1), settles(0.7, 0.5), begins(0.7, 0.3 * WANDERS)])
def test_a_lane_that_does_not_learn_is_never_called_the_edge_for_its_sharpness(shape):
    epochs = np.linspace(0, EPOCHS, 30).astype(int)
    assert verdict(shape, sharpness=np.full((1, 30), 20.0), sharpness_epochs=epochs).label != "edge"


# Hardly begun, or stopped.

BARELY = [settles(GUESS, 0.95 * GUESS), 0.95 * GUESS + 0.05 * GUESS * (1 - TIME) ** 3]  # flat; bent
TINY = {"meter": 0.01, "gradient": np.geomspace(1, 0.3, EPOCHS)}  # small steps, and a gradient left to follow


@pytest.mark.parametrize("experiment", [FULL, LINEAR], ids=["network", "linear"])
@pytest.mark.parametrize("loss", BARELY, ids=["flat", "bent"])
def test_tiny_steps_that_explained_little_though_a_gradient_is_left_are_too_slow(loss, experiment):
    found = verdict(loss, experiment, **TINY)
    assert (found.label, found.role) == ("too_slow", "low")
    assert found.advice.startswith("Too slow: raise the rate")


@pytest.mark.parametrize(
    "fields",
    [
        {**TINY, "gradient": np.geomspace(1, 0.001, EPOCHS)},  # a true plateau: nothing to follow
        {**TINY, "meter": 0.3},  # its steps are no tiny ones
        {**TINY, "meter": -0.3},  # nor are these: the ground bends down beneath them
        {**TINY, "meter": np.nan},  # of which nothing is known
    ],
    ids=["gradient gone", "steps not tiny", "on a ridge", "meter unknown"],
)
def test_a_plateau_stays_one_where_the_gradient_is_gone_or_the_steps_are_not_tiny(fields):
    found = verdict(BARELY[0], **fields)
    assert (found.label, found.role) == ("plateau", "open")


def test_the_steps_at_the_end_decide_and_not_those_at_the_start():
    meter = np.where(TIME[1:] > 0.7, 0.01, 0.3)
    assert verdict(BARELY[0], **{**TINY, "meter": meter}).label == "too_slow"
    assert verdict(BARELY[0], **{**TINY, "meter": meter[::-1]}).label == "plateau"


def test_a_plateau_that_has_explained_much_stays_one():
    assert verdict(settles(GUESS, 0.5 * GUESS), **TINY).label == "plateau"


@pytest.mark.parametrize(("left", "of_network", "of_line"), [(0.03, "too_slow", "plateau"), (0.01, *["plateau"] * 2)])
def test_a_model_without_hidden_layers_has_no_saddle_and_may_keep_more_of_its_gradient(left, of_network, of_line):
    fields = {**TINY, "gradient": np.geomspace(1, left, EPOCHS)}
    assert verdict(BARELY[0], FULL, **fields).label == of_network
    assert verdict(BARELY[0], LINEAR, **fields).label == of_line


def test_a_plateau_of_a_linear_model_wants_a_hidden_layer_and_that_of_a_network_a_wider_one():
    linear, network = (verdict(settles(0.9, GUESS), experiment) for experiment in (LINEAR, FULL))
    assert linear.label == network.label == "plateau"
    assert "straight boundaries" in linear.reason and "add a hidden layer" in linear.advice
    assert "wider network" in network.advice and "hidden layer" not in network.advice


# A catapult.


def thrown(peak, last=0.05, epoch=7):
    """A loss that climbs in a straight line from 1 to its peak, and then falls."""
    return np.append(np.linspace(1, peak, epoch + 1), np.geomspace(peak, last, EPOCHS - epoch))


def test_a_catapult_is_named_with_its_peak_and_its_epoch():
    found = verdict(thrown(5.25))
    assert (found.label, found.role) == ("good", "good")
    assert found.reason.startswith("A catapult: the loss shot up to 5.25 at epoch 7, ")
    assert found.reason.endswith("fell to 0.05.")


def test_a_catapult_that_landed_and_came_to_rest_is_named_as_well():
    landed = np.append(thrown(5.25)[:60], np.full(EPOCHS - 59, 0.004))
    found = verdict(landed)
    assert found.label == "converged"
    assert found.reason.startswith("A catapult: the loss shot up to 5.25 at epoch 7")


@pytest.mark.parametrize(
    "loss",
    [thrown(1.3), falls(1, 0.05), thrown(5.25, last=1.2), np.append(thrown(5.25)[:-1], 1.2)],
    ids=["low", "none", "not back", "thrown again"],
)
def test_a_small_rise_or_one_that_does_not_fall_below_its_start_is_no_catapult(loss):
    assert "catapult" not in verdict(loss).reason


# Dead units.


def with_dead(loss, *counts, hidden=(4, 10), at=-1, **fields) -> Diagnosis:
    """The verdict where so many units of each hidden layer are dead at a snapshot: ReLU far below 0 on every row."""
    experiment = replace(FULL, hidden=hidden, activation="relu")
    history, widths = made(loss, experiment, **fields), experiment.widths
    snapshots = np.abs(history.snapshots)  # positive, so that without further ado no unit sleeps on every row
    end = 0
    for layer, count in enumerate(counts, start=1):
        end += (widths[layer - 1] + 1) * widths[layer]
        snapshots[0, at, end - widths[layer] : end - widths[layer] + count] = -1e3  # its first biases
    (found,) = diagnose(replace(history, snapshots=snapshots))
    return found


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((4, 0), "4 of 4 units of hidden layer 1 are dead"),
        ((0, 10), "10 of 10 units of hidden layer 2 are dead"),
        ((0, 9), "9 of 10 units of hidden layer 2 are dead"),
    ],
    ids=str,
)
@pytest.mark.parametrize("loss", [settles(0.9, GUESS), falls(0.7, 0.5)], ids=["flat", "falling"])
def test_a_dead_layer_is_named_with_its_counts_and_is_no_matter_of_the_rate(loss, counts, words):
    found = with_dead(loss, *counts)
    assert (found.label, found.role) == ("plateau", "open")
    assert found.reason.startswith(words)
    assert found.advice.startswith("No rate wakes them")


def test_units_that_die_late_do_not_undo_what_a_network_has_learned():
    found = with_dead(settles(0.7, 0.0005), 4)
    assert found.label == "converged"
    assert found.reason.startswith("4 of 4 units of hidden layer 1 are dead")


def test_a_few_dead_units_and_those_that_came_back_to_life_are_not_named():
    assert "dead" not in with_dead(settles(0.9, GUESS), 3, 8).reason
    assert "dead" not in with_dead(settles(0.9, GUESS), 4, 10, at=3).reason


@pytest.mark.parametrize("loss", [settles(0.7, 2.1), np.where(TIME > 0.5, np.inf, 0.7)], ids=["high", "overflow"])
def test_a_rate_that_is_too_high_is_told_even_where_it_killed_all_units(loss):
    found = with_dead(loss, 4, 10)
    assert found.role == "high"
    assert "dead" not in found.reason


def test_a_dead_layer_is_that_of_its_own_lane():
    history = train(replace(FULL, activation="relu", learning_rates=(0.1, 0.2)))
    snapshots = np.abs(history.snapshots)
    snapshots[1, -1, 6:9] = -1e3  # 2-3-1: the first biases follow 6 weights
    flat = np.tile(settles(0.9, GUESS), (2, 1))
    awake, asleep = diagnose(replace(history, loss=flat, snapshots=snapshots))
    assert "dead" not in awake.reason
    assert asleep.reason.startswith("3 of 3 units of hidden layer 1 are dead")


# The evidence.


def says_the_second_class(history: History) -> History:
    """The same run, at whose end the output is +1 on every row: only the last bias is left."""
    snapshots = history.snapshots.copy()
    snapshots[0, -1] = 0
    snapshots[0, -1, -1] = 1
    return replace(history, snapshots=snapshots)


@pytest.mark.parametrize("experiment", [FULL, BATCHES, LINEAR], ids=["full batch", "mini-batches", "linear"])
def test_the_evidence_tells_the_accuracy_at_the_end(experiment):
    labels = problem(experiment).labels
    (found,) = diagnose(says_the_second_class(made(falls(0.7, 0.3), experiment)))
    assert found.evidence.endswith(f"; accuracy {100 * np.mean(labels == 1):.4g}%.")


def test_the_evidence_tells_the_accuracy_on_points_held_out_beside_it():
    experiment = replace(FULL, test_share=0.1, seed=3)
    task = problem(experiment)
    train_share, test_share = np.mean(task.labels == 1), np.mean(task.test_labels == 1)
    assert f"{train_share:.0%}" != f"{test_share:.0%}"  # so that the two can't be taken for each other
    (found,) = diagnose(says_the_second_class(made(falls(0.7, 0.3), experiment)))
    assert found.evidence.endswith(f"; accuracy {100 * train_share:.4g}%, on held-out points {100 * test_share:.4g}%.")


def test_of_numbers_no_accuracy_is_told():
    experiment = Experiment(data="bumps", hidden=(3,), learning_rates=(0.1,))
    assert "accuracy" not in verdict(falls(0.7, 0.3), experiment).evidence


def test_the_evidence_tells_where_rate_times_sharpness_began_and_ended_and_the_line():
    rate, sharpness = 0.1, np.array([[np.nan, 5.0, 99.0, 15.0, np.nan]])  # nan: Adam's start, or an overflow
    fields = {"sharpness": sharpness, "sharpness_epochs": np.array([0, 1, 50, 200, 240])}
    for experiment, line in ((FULL, "2"), (replace(FULL, optimizer="adam", momentum=0.9), "38")):
        found = verdict(falls(0.7, 0.3), experiment, **fields)
        words = f"rate × sharpness went from {rate * 5:g} to {rate * 15:g}, the line is {line}."
        assert found.evidence.endswith(words)


def test_sharpness_that_never_was_a_number_is_not_told():
    fields = {"sharpness": np.full((1, 2), np.nan), "sharpness_epochs": np.array([0, 240])}
    assert "sharpness" not in verdict(falls(0.7, 0.3), **fields).evidence


def test_each_lane_is_judged_by_its_own_numbers():
    history = train(replace(FULL, learning_rates=(0.01, 0.1, 0.2)))
    curves = np.array([BARELY[0], falls(0.7, 0.05), settles(0.7, 2.1)])
    norms, meter = np.ones((3, EPOCHS)), np.full((3, EPOCHS), [[0.01], [0.5], [0.5]])
    found = diagnose(replace(history, loss=curves, gradient_norm=norms, meter=meter))
    assert [lane.role for lane in found] == ["low", "good", "high"]


# The baseline, which tells learning from guessing.


@pytest.mark.parametrize(
    "fields",
    [
        {"data": "circles", "hidden": (3,)},
        {"data": "penguins-species", "hidden": (3,)},
        {"data": "digits", "hidden": (3,), "test_share": 0.5},
    ],
    ids=str,
)
def test_the_baseline_is_the_loss_of_scikit_learns_constant_guess(fields):
    experiment = Experiment(learning_rates=(0.1,), epochs=1, **fields)
    task = problem(experiment)
    guess = DummyClassifier(strategy="prior").fit(task.points, task.labels)
    assert baseline(experiment) == pytest.approx(log_loss(task.labels, guess.predict_proba(task.points)), rel=1e-12)
    squares = replace(experiment, loss="mse")
    targets = problem(squares).targets
    mean = DummyRegressor().fit(task.points, targets).predict(task.points)
    assert baseline(squares) == pytest.approx(mean_squared_error(targets, mean.reshape(targets.shape)), rel=1e-12)


@pytest.mark.parametrize(("end", "at_guess"), [(1.001, True), (0.999, True), (0.9, False)])
def test_a_loss_that_stops_at_the_baseline_has_learned_nothing_and_one_below_it_something(end, at_guess):
    found = verdict(settles(0.9, end * GUESS))
    assert found.label == "plateau"
    assert ("what the best constant prediction gives" in found.reason) == at_guess


# What the presets promise in their `look`. Runs at the edge are chaotic, so of them only medians and large gaps are
# claimed, as in test_papers.py.


@pytest.fixture(scope="module")
def runs() -> dict[str, History]:
    return {name: train(preset.experiment) for name, preset in NETWORK_PRESETS.items()}


@pytest.fixture(scope="module")
def verdicts(runs) -> dict[str, tuple[Diagnosis, ...]]:
    return {name: diagnose(history) for name, history in runs.items()}


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("edge", ("slow", "edge", "edge")),  # A is too low a rate to get there
        ("catapult", ("good", "good", "diverged")),
        ("linear", ("too_slow", "plateau", "plateau")),
        ("narrow", ("too_slow", "plateau", "plateau")),
    ],
)
def test_a_preset_gets_the_verdicts_it_was_made_for(verdicts, name, labels):
    assert tuple(found.label for found in verdicts[name]) == labels


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("circles", ("low", "good", "high")),
        ("warm-up", ("good", "good", "good")),
        ("adam", ("good", "good", "good")),
        ("digits", ("low", "good", "good")),
    ],
)
def test_a_presets_rates_are_told_as_low_good_or_high(verdicts, name, roles):
    assert tuple(found.role for found in verdicts[name]) == roles


def test_no_preset_is_left_out_here(runs):
    assert set(runs) == {"circles", "edge", "catapult", "warm-up", "adam", "linear", "narrow", "spirals", "digits"}


def test_the_ring_is_closed_by_b_alone(runs):
    loss = runs["circles"].loss[:, -1] / GUESS
    assert loss[1] < 0.05 < 0.9 < loss[0]
    assert loss[2] > 1


def test_the_catapult_is_named_in_lane_b_and_only_there(runs, verdicts):
    calm, thrown_up, gone = verdicts["catapult"]
    loss = runs["catapult"].loss[1]
    assert thrown_up.reason.startswith("A catapult")
    assert f"at epoch {loss.argmax()}, " in thrown_up.reason
    assert "catapult" not in calm.reason + gone.reason
    begins_at = runs["catapult"].sharpness[:, 0] * NETWORK_PRESETS["catapult"].experiment.learning_rates
    assert begins_at[0] < 2 < begins_at[1] < 4 < begins_at[2]


def test_the_edge_is_met_from_below_by_the_two_higher_rates(verdicts):
    found = verdicts["edge"]
    assert ["stays at its line, 2" in lane.reason for lane in found] == [False, True, True]


def test_with_a_warm_up_all_rates_train_and_without_one_only_the_smallest_does(runs):
    assert (runs["warm-up"].diverged_at == -1).all()
    # They overflow within 20 epochs; without any sharpness, as that takes longest.
    constant = train(replace(NETWORK_PRESETS["warm-up"].experiment, schedule="constant", epochs=100, sharpness=0))
    labels = [found.label for found in diagnose(constant)]
    assert labels[0] != "diverged" and labels[1:] == ["diverged", "diverged"]


def test_adam_climbs_to_its_line_at_38_and_the_smallest_rate_stays_far_below(runs, verdicts):
    highest = np.nanmax(runs["adam"].rate_times_sharpness(), axis=1)
    assert highest[0] < 38 / 2
    assert (highest[1:] > 0.9 * 38).all() and (highest[1:] < 1.3 * 38).all()
    assert all("the line is 38" in found.evidence for found in verdicts["adam"])


def test_no_straight_line_parts_the_four_squares_and_a_hidden_layer_is_advised(runs, verdicts):
    _, *stopped = verdicts["linear"]
    assert all("add a hidden layer" in found.advice for found in stopped)
    assert (runs["linear"].loss[1:, -1] > 0.99 * GUESS).all() and (runs["linear"].loss[1:, -1] < GUESS).all()


def test_two_units_learn_what_they_can_and_a_wider_network_is_advised(runs, verdicts):
    _, *stopped = verdicts["narrow"]
    assert all("wider network" in found.advice for found in stopped)
    assert (runs["narrow"].loss[1:, -1] < 0.6 * GUESS).all()


def test_of_the_spirals_the_smallest_rate_is_too_low_and_the_highest_ends_far_below_the_middle_one(runs, verdicts):
    low, _, courage = verdicts["spirals"]
    assert low.role == "low" and courage.role == "good"
    assert runs["spirals"].loss[2, -1] < 0.1 * runs["spirals"].loss[1, -1]


def test_of_the_digits_the_highest_rate_learns_by_heart_and_is_worse_on_images_held_out(runs, verdicts):
    history = runs["digits"]
    experiment, task, found = history.experiment, problem(history.experiment), verdicts["digits"]
    inputs, units, shares = task.test_inputs[:, :-1], experiment.hidden[0], []
    for lane, parameters in enumerate(history.snapshots[:, -1]):  # 64-32-10 with tanh, written out
        first, last = parameters[: 65 * units].reshape(65, units), parameters[65 * units :].reshape(units + 1, 10)
        outputs = np.tanh(inputs @ first[:-1] + first[-1]) @ last[:-1] + last[-1]
        shares.append(np.mean(outputs.argmax(axis=1) == task.test_labels))
        assert f"on held-out points {100 * shares[-1]:.4g}%" in found[lane].evidence
    assert history.loss[2, -1] < history.loss[1, -1]
    assert shares[2] < shares[1]
