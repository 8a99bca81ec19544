"""The scene of a network: what is sent to the browser holds what the run holds, and no more than can be drawn."""

from __future__ import annotations

import pickle
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from core import NETWORK_PRESETS, Experiment, History, diagnose, train
from core.instruments.network.scene import Checkpoint, NetworkScene, network_run, network_scene
from core.training.problems import problem
from tests.cases import for_each

RATES = (0.003, 0.3, 30.0)
CIRCLES = NETWORK_PRESETS["circles"].experiment
WATCHED = Experiment(data="moons", hidden=(4,), learning_rates=RATES, epochs=60, test_share=0.25, sharpness=12)
# ReLU under the mean of squares: in lane B units die one after the other, and then its parameters overflow.
GONE = replace(WATCHED, activation="relu", loss="mse", learning_rates=(0.01, 10.0), hidden=(6, 6), epochs=200)
NUMBERS = Experiment(data="plane", hidden=(3,), learning_rates=(0.1,), epochs=5, test_share=0.25)


@cache
def scene(experiment: Experiment) -> NetworkScene:
    return network_scene(train(experiment))


def changed(experiment: Experiment = WATCHED, **arrays) -> NetworkScene:
    """The scene of a run some of whose numbers are set by hand."""
    return network_scene(replace(scene(experiment).history, **arrays))


def rows(table) -> pd.DataFrame:
    return table.to_pandas()


def all_tables(drawn: NetworkScene) -> list:
    of_lanes = [table for lane in drawn.lanes for table in (lane.curve, lane.meter, lane.exit)]
    return [*of_lanes, *drawn.views, drawn.points, *drawn.tests, *drawn.sharpness, *drawn.over.values()]


def is_sound(history: History, lane: int) -> np.ndarray:
    """Whether a lane's parameters are numbers, snapshot by snapshot."""
    return np.isfinite(history.snapshots[lane]).all(axis=1)


def test_a_scene_holds_the_verdicts_of_its_run():
    drawn = scene(CIRCLES)
    assert tuple(lane.diagnosis for lane in drawn.lanes) == diagnose(drawn.history)
    assert drawn.roles == ("low", "good", "high")


@pytest.mark.parametrize("experiment", [CIRCLES, WATCHED, GONE], ids=["circles", "watched", "gone"])
def test_the_scrubber_stops_where_the_run_has_snapshots(experiment):
    drawn = scene(experiment)
    assert drawn.moments == tuple(drawn.history.snapshot_epochs)
    assert drawn.moments[0] == 0 and drawn.moments[-1] == experiment.epochs
    for view in drawn.views:
        assert rows(view)["epoch"].tolist() == list(drawn.moments)


def test_of_one_column_the_views_are_curves_and_not_pictures():
    drawn = scene(Experiment(data="curve", hidden=(3,), learning_rates=(0.01, 0.1), epochs=5))
    assert [view.column_names for view in drawn.views] == [["epoch", "x", "y"]] * 2
    assert drawn.sharpness[0].num_rows == drawn.tests[0].num_rows == 0  # nothing measured, nothing held out


# Held-out points.


@pytest.mark.parametrize("experiment", [CIRCLES, WATCHED, GONE], ids=["circles", "watched", "gone"])
def test_the_losses_on_held_out_points_are_those_of_the_run(experiment):
    drawn = scene(experiment)
    for lane, table in enumerate(drawn.tests):
        shown, loss = rows(table), drawn.history.test_loss[lane]
        np.testing.assert_allclose(shown["loss"], loss[shown["epoch"]], rtol=1e-6)
        assert np.isfinite(shown["loss"]).all()
        assert shown["epoch"].is_monotonic_increasing and shown["epoch"].is_unique


def test_a_curve_of_held_out_points_keeps_its_ends_its_dip_and_its_peak():
    drawn = scene(CIRCLES)
    for lane, table in enumerate(drawn.tests):
        loss, shown = drawn.history.test_loss[lane], rows(table)
        assert {0, CIRCLES.epochs, int(loss.argmin()), int(loss.argmax())} <= set(shown["epoch"])
        assert len(shown) < 200  # of 1001


def test_what_leaves_the_axis_of_losses_for_good_ends_there_and_what_comes_back_does_not():
    loss = np.full((3, WATCHED.epochs + 1), 0.5)
    loss[0, 40:] = 1e9
    loss[1, 40:50] = 1e9
    loss[2, 40:] = np.nan
    first, back, gone = (rows(table)["epoch"].tolist() for table in changed(test_loss=loss).tests)
    assert first == list(range(41))  # with the first point beyond, so that the stroke leaves the picture
    assert back == list(range(61))
    assert gone == list(range(40))


# Learning rate x sharpness.


@pytest.mark.parametrize("batch_size", [None, 40], ids=["full batch", "mini-batches"])
@pytest.mark.parametrize("schedule", ["constant", "warm-up"])
def test_the_sharpness_is_multiplied_by_the_rate_of_the_step_that_follows(schedule, batch_size):
    drawn = scene(replace(WATCHED, schedule=schedule, batch_size=batch_size, epochs=50))
    history = drawn.history
    each = 4 if batch_size else 1  # steps an epoch: 150 rows in batches of 40
    assert len(problem(WATCHED).inputs) == 150
    multiplier = np.ones(len(history.sharpness_epochs))
    if schedule == "warm-up":  # a straight climb over the first tenth of all steps
        multiplier = np.minimum(1, (history.sharpness_epochs * each + 1) / (0.1 * 50 * each))
        assert multiplier[0] < 0.5 < multiplier[-1]
    for lane, rate in enumerate(RATES):
        shown, by_hand = rows(drawn.sharpness[lane]), rate * multiplier * history.sharpness[lane]
        kept = np.isfinite(by_hand)
        assert shown["epoch"].tolist() == history.sharpness_epochs[kept].tolist()
        np.testing.assert_allclose(shown["product"], by_hand[kept], rtol=1e-6)


def test_only_sharpness_that_is_a_number_is_drawn():
    drawn = scene(GONE)
    calm, gone = (rows(table) for table in drawn.sharpness)
    known = np.isfinite(drawn.history.sharpness[1])
    assert 0 < known.sum() < len(known)
    assert gone["epoch"].tolist() == drawn.history.sharpness_epochs[known].tolist()
    assert len(calm) == len(known)
    assert np.isfinite(gone["product"]).all()


@for_each(("fields", "line"), [({}, 2), ({"optimizer": "adam", "momentum": 0.9}, 38)])
@for_each("times", [-1, 0.1, 0.99, 1.3, 1.6, 2.5, 2.999, 3.5, 1e9, np.nan])
def test_the_axis_of_sharpness_reaches_above_its_line_and_up_to_what_was_measured_within_reason(times, fields, line):
    sharpness = np.full((1, 4), 0.05 * line)
    sharpness[0, 2] = times * line
    experiment = replace(WATCHED, learning_rates=(1.0,), **fields)
    top = changed(experiment, sharpness=sharpness, sharpness_epochs=np.arange(4)).sharpness_top
    assert 1.2 * line <= top <= 3.000001 * line
    if times <= 1:
        assert top <= 2 * line  # no room is left empty
    if times <= 3:
        assert top >= times * line
    if times > 3:
        assert top == pytest.approx(3 * line)


def test_the_axis_of_sharpness_is_the_same_for_all_lanes_and_stands_without_any():
    assert scene(WATCHED).sharpness_top > 2
    assert scene(CIRCLES).sharpness_top > 2


# The data.


def test_points_are_the_data_and_those_held_out_are_marked():
    shown, data = rows(scene(WATCHED).points), WATCHED.dataset()
    task = problem(WATCHED)
    assert shown["held"].sum() == 50 == len(task.test_points)
    # float32 is what is sent; every point of the data is there once, with its class.
    sent = {tuple(row) for row in shown[["x", "y", "label"]].to_numpy()}
    assert sent == {(*point, label) for point, label in zip(data.x.astype(np.float32).tolist(), data.y, strict=True)}
    np.testing.assert_allclose(shown.loc[shown["held"], ["x", "y"]], task.test_points, rtol=1e-6)


@pytest.mark.parametrize("loss", ["cross-entropy", "mse"])
def test_of_two_classes_the_value_is_0_for_the_first_and_1_for_the_second(loss):
    shown = rows(scene(replace(WATCHED, loss=loss, sharpness=0, epochs=5)).points)
    assert shown["value"].tolist() == shown["label"].tolist()


@pytest.mark.parametrize("data", ["plane", "bumps", "curve"])
def test_of_numbers_the_value_is_the_place_in_the_range_of_the_training_targets(data):
    experiment = replace(NUMBERS, data=data)
    shown, y = rows(scene(experiment).points), experiment.dataset().y
    training = shown.loc[~shown["held"], "value"]
    assert training.min() == 0 and training.max() == 1
    targets = problem(experiment).targets[:, 0]
    # Undone, all values are the targets of the data as measured, those held out among them.
    back = shown["value"] * np.ptp(targets) + targets.min()
    np.testing.assert_allclose(np.sort(back), np.sort(y), rtol=1e-5, atol=1e-6)


def test_of_one_column_the_second_coordinate_is_the_target():
    experiment = replace(NUMBERS, data="curve")
    shown, data = rows(scene(experiment).points), experiment.dataset()
    sent = shown.sort_values("x")[["x", "y"]].to_numpy()
    order = np.argsort(data.x[:, 0])
    np.testing.assert_allclose(sent, np.column_stack([data.x[order, 0], data.y[order]]), rtol=1e-6, atol=1e-7)


def test_where_nothing_is_held_out_no_point_says_so():
    shown = rows(scene(replace(NUMBERS, test_share=0.0)).points)
    assert len(shown) == len(NUMBERS.dataset().y)
    assert not shown["held"].any()


def test_of_images_no_points_are_drawn():
    images = Experiment(data="digits", hidden=(2,), learning_rates=(0.1,), epochs=1)
    assert scene(images).points.num_rows == 0


# All lanes against the epoch.


def test_the_norms_of_the_gradient_are_those_of_the_run_and_the_last_is_that_of_the_last_step():
    drawn = scene(WATCHED)
    table, norms = rows(drawn.over["gradient_norm"]), drawn.history.gradient_norm
    for lane, letter in enumerate("ABC"):
        shown = table[table["lane"] == letter]
        assert shown["epoch"].tolist() == list(drawn.moments)
        np.testing.assert_allclose(shown["value"].iloc[:-1], norms[lane, list(drawn.moments[:-1])], rtol=1e-6)
        assert shown["value"].iloc[-1] == pytest.approx(norms[lane, -1], rel=1e-6)


@pytest.mark.parametrize("share", [0.0, 0.25])
def test_accuracy_is_that_on_held_out_points_where_there_are_any(share):
    experiment = replace(WATCHED, test_share=share, sharpness=0)
    drawn, task = scene(experiment), problem(experiment)
    inputs, labels = (task.test_inputs, task.test_labels) if share else (task.inputs, task.labels)
    shown = rows(drawn.over["accuracy"])
    for lane, letter in enumerate("ABC"):
        parameters = drawn.history.snapshots[lane, -1]  # 2-4-1 with tanh, written out
        hidden = np.tanh(inputs @ parameters[:12].reshape(3, 4))
        right = np.mean((hidden @ parameters[12:16] + parameters[16] > 0) == labels)
        assert shown[shown["lane"] == letter]["value"].iloc[-1] == pytest.approx(right, abs=1e-6)


def test_of_numbers_there_is_no_accuracy():
    assert "accuracy" not in scene(NUMBERS).over


def test_dead_units_are_counted_and_those_of_an_overflowed_snapshot_are_left_out():
    drawn = scene(GONE)
    history, shown = drawn.history, rows(drawn.over["dead"])
    sound = is_sound(history, 1)
    assert 3 < sound.sum() < len(sound)
    assert shown[shown["lane"] == "A"]["epoch"].tolist() == list(drawn.moments)
    of_b = shown[shown["lane"] == "B"]
    assert of_b["epoch"].tolist() == history.snapshot_epochs[sound].tolist()
    inputs = problem(GONE).inputs
    for k in np.flatnonzero(sound)[[0, 1, -1]]:  # 2-6-6-1 with ReLU, written out: asleep on every row
        parameters = history.snapshots[1, k]
        first = np.maximum(inputs @ parameters[:18].reshape(3, 6), 0)
        with np.errstate(over="ignore"):
            second = np.maximum(first @ parameters[18:54].reshape(6, 6) + parameters[54:60], 0)
        count = (first == 0).all(axis=0).sum() + (second == 0).all(axis=0).sum()
        assert of_b["value"].iloc[k] == count


@pytest.mark.parametrize("name", ["gradient_norm", "dead", "accuracy"])
@pytest.mark.parametrize("experiment", [CIRCLES, GONE], ids=["circles", "gone"])
def test_all_rows_against_the_epoch_hold_numbers(experiment, name):
    assert np.isfinite(rows(scene(experiment).over[name])["value"]).all()


# The axis of gradient norms.


@pytest.mark.parametrize("experiment", [CIRCLES, WATCHED, GONE, NUMBERS], ids=["circles", "watched", "gone", "numbers"])
def test_the_axis_of_gradient_norms_holds_where_every_lane_begins(experiment):
    drawn = scene(experiment)
    assert drawn.gradient_norms.holds(drawn.history.gradient_norm[:, 0]).all()


@for_each("begins", [1e-12, 0.3, 1.0, 999.0, 1e15])
@for_each("ends", [0.0, 1e-9, 0.5, 1.0, 7.0, 1e6, 1e200, np.inf, np.nan])
def test_it_holds_the_start_wherever_the_norms_go_and_is_whole_decades(begins, ends):
    norms = np.full((3, WATCHED.epochs), begins)
    norms[0, 30:] *= ends
    axis = changed(gradient_norm=norms).gradient_norms
    assert axis.low <= begins <= axis.high
    decades = np.log10([axis.low, axis.high])
    np.testing.assert_allclose(decades, np.round(decades), atol=1e-9)
    assert 1 <= round(decades[1] - decades[0]) <= 8
    if 1e-3 <= ends <= 1e3:  # what does not go far is all on it
        assert axis.low <= begins * ends <= axis.high


def test_without_any_gradient_there_is_an_axis_all_the_same():
    axis = changed(gradient_norm=np.zeros((3, WATCHED.epochs))).gradient_norms
    assert 0 < axis.low < axis.high


# What is sent.


def test_a_scene_of_three_lanes_and_a_hundred_frames_is_small_to_send():
    drawn = scene(CIRCLES)
    assert len(drawn.lanes) == 3
    assert 60 < len(drawn.moments) <= 100
    assert sum(table.nbytes for table in all_tables(drawn)) < 900_000


@pytest.mark.parametrize("experiment", [CIRCLES, WATCHED, GONE], ids=["circles", "watched", "gone"])
def test_no_number_is_sent_in_more_than_32_bits_where_that_is_enough_to_draw(experiment):
    drawn = scene(experiment)
    for table in (*drawn.views, drawn.points, *drawn.tests, *drawn.over.values()):
        wide = [column for column in table.columns if str(column.type) in ("int64", "double") and table.num_rows]
        # A norm on its way to infinity needs the room.
        assert all(np.abs(column.to_numpy()).max() >= 1e30 for column in wide)


def test_a_run_goes_on_from_each_place_that_it_offered_to_keep_as_if_it_had_not_ended():
    experiment = NETWORK_PRESETS["circles"].experiment
    kept: list[Checkpoint] = []

    def keep(make):
        if len(kept) < 3:
            kept.append(pickle.loads(pickle.dumps(make())))

    whole = network_run(experiment, keep=keep).scene
    assert [each.epoch for each in kept] == sorted({each.epoch for each in kept}) and kept[0].epoch > 0
    for each in kept:
        again = network_run(experiment, each).scene
        np.testing.assert_array_equal(again.history.loss, whole.history.loss)
        assert again.moments == whole.moments
