"""The tables behind the charts: cut and never clipped, marks on the line that is drawn, levels that hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.data.datasets import LINES
from core.diagnosis.theory import landscape
from core.drawing import frames
from core.drawing.axes import Axis
from core.experiment.experiment import Experiment
from core.experiment.presets import PRESETS
from core.training.problems import problem
from core.training.train import train
from tests.cases import for_each

RUNS = {
    **PRESETS,
    "just above the limit": Experiment(learning_rates=(0.0845, 0.085, 0.09)),
    "faster and faster": Experiment(learning_rates=(0.12, 1.0, 1e6), epochs=50),
    "momentum to the bottom": Experiment(momentum=0.9, learning_rates=(0.01, 0.161, 0.17)),
    "mini-batches": Experiment(data="noisy-line", batch_size=4, learning_rates=(0.1, 0.12, 0.05), epochs=500),
    "single precision": Experiment(precision="float32", learning_rates=(0.05, 0.2)),
    "one epoch": Experiment(epochs=1),
    "started at the minimum": Experiment(start=(2.0, 0.0), epochs=100),
    "started far away": Experiment(start=(1e9, -1e9), learning_rates=(1e6, 0.01, 1e-12), epochs=100),
    "far away in single precision": Experiment(
        precision="float32", start=(1e9, -1e9), learning_rates=(1e6, 1e-3), epochs=100
    ),
    "far from zero": Experiment(data="far-from-zero", learning_rates=(1e-6, 8e-5, 1e-4)),
    "penguins thrown far": Experiment(data="penguins", learning_rates=(1e6, 1e-12)),
}
every_run = for_each("name", RUNS)


@pytest.fixture(scope="module")
def histories():
    return {name: train(experiment) for name, experiment in RUNS.items()}


def drawn(table, lane):
    return table[table["lane"] == lane].reset_index(drop=True)


def lanes(history):
    return list(zip("ABCDEFGH", history.loss, strict=False))


@every_run
def test_the_loss_axis_is_whole_decades_and_holds_the_first_loss(name, histories):
    axis = frames.loss_axis(histories[name])
    for end in (axis.low, axis.high):
        assert np.log10(end) == pytest.approx(round(np.log10(end)), abs=1e-9)
    assert 1 <= np.log10(axis.high / axis.low) <= 12.001
    first = histories[name].loss[0, 0]
    if np.isfinite(first) and first > 0:
        assert axis.low <= first <= axis.high


@every_run
def test_a_curve_ends_with_the_first_point_off_the_axis_and_holds_only_losses_that_were(name, histories):
    history = histories[name]
    axis = frames.loss_axis(history)
    table = pd.DataFrame(frames.curves(history, axis))
    for lane, loss in lanes(history):
        rows = drawn(table, lane)
        np.testing.assert_array_equal(rows["loss"], loss[rows["epoch"]])  # never moved to an edge
        assert (np.diff(rows["epoch"]) > 0).all()
        off = np.flatnonzero(~((loss >= axis.low) & (loss <= axis.high)))
        if not off.size:
            assert rows["epoch"].iloc[0] == 0 and rows["epoch"].iloc[-1] == history.experiment.epochs
            continue
        if off[-1] < history.experiment.epochs:  # it came back: drawn on, and cut by the chart in between
            assert rows["epoch"].iloc[-1] == history.experiment.epochs
            continue
        assert (rows["epoch"] <= off[0]).all()
        if np.isfinite(loss[off[0]]) and loss[off[0]] > 0:
            assert rows["epoch"].iloc[-1] == off[0]


@every_run
def test_curves_are_thin_enough_to_send(name, histories):
    history = histories[name]
    counts = pd.DataFrame(frames.curves(history, frames.loss_axis(history))).groupby("lane").size()
    assert (counts <= 170).all()


@every_run
def test_the_mark_of_an_exit_lies_on_the_edge_and_on_the_drawn_line(name, histories):
    history = histories[name]
    axis = frames.loss_axis(history)
    curves, exits = pd.DataFrame(frames.curves(history, axis)), pd.DataFrame(frames.exits(history, axis))
    for _, mark in exits.iterrows():
        assert mark["loss"] in (axis.low, axis.high)
        rows = drawn(curves, mark["lane"])
        beyond = rows["loss"].iloc[-1]
        if axis.low <= beyond <= axis.high:
            continue  # it jumps to inf, nan or 0 from here: no line leads there
        on_line = np.interp(np.log1p(mark["epoch"]), np.log1p(rows["epoch"]), np.log(rows["loss"]))
        assert on_line == pytest.approx(np.log(mark["loss"]), abs=1e-6)


@every_run
def test_every_lane_that_leaves_has_one_mark_that_names_the_epoch(name, histories):
    history = histories[name]
    axis = frames.loss_axis(history)
    exits = pd.DataFrame(frames.exits(history, axis)).set_index("lane")
    expected = {}
    for lane, loss in lanes(history):
        off = np.flatnonzero(~((loss >= axis.low) & (loss <= axis.high)))
        if off.size and off[0] > 0:
            expected[lane] = off[0]
    assert set(exits.index) == set(expected)
    for lane, epoch in expected.items():
        assert f"epoch {epoch:,}" in exits.loc[lane, "words"]
        assert exits.loc[lane, "left"] == epoch
        assert epoch - 1 <= exits.loc[lane, "epoch"] <= epoch


@every_run
def test_the_meter_of_a_point_is_that_of_the_step_that_led_to_it(name, histories):
    history = histories[name]
    table = pd.DataFrame(frames.curves(history, frames.loss_axis(history)))
    for lane, (letter, _) in enumerate(lanes(history)):
        rows = drawn(table, letter)
        meter = pd.Series(history.meter[lane]).ffill()
        expected = meter[np.maximum(rows["epoch"] - 1, 0)].to_numpy()
        np.testing.assert_array_equal(rows["meter"], expected)


@for_each("epochs", [1, 2, 3, 7, 50, 100, 999, 1000, 9999, 1_000_000])
def test_the_scrubber_stops_at_rising_epochs_from_0_to_the_last_in_neighbouring_pairs(epochs):
    stops = np.array(frames.moments(epochs))
    assert stops[0] == 0 and stops[-1] == epochs
    assert (np.diff(stops) > 0).all()
    assert len(stops) <= 145
    assert np.issubdtype(stops.dtype, np.integer)
    alone = [stop for stop in stops if stop - 1 not in stops and stop + 1 not in stops]
    assert alone == []


@every_run
def test_w_is_cut_at_its_first_epoch_off_the_axis_and_never_moved(name, histories):
    history = histories[name]
    axis = frames.weight_axis(history)
    table = pd.DataFrame(frames.weights(history, axis))
    for lane, (letter, _) in enumerate(lanes(history)):
        rows, w = drawn(table, letter), history.parameters[lane, :, 0]
        np.testing.assert_array_equal(rows["w"], w[rows["epoch"]])
        off = np.flatnonzero(~((w >= axis.low) & (w <= axis.high)))
        assert not off.size or (rows["epoch"] <= off[0]).all()
        if off.size and np.isfinite(w[off[0]]):
            assert rows["epoch"].iloc[-1] == off[0]


@every_run
def test_the_axis_of_w_holds_the_start_and_the_minimum(name, histories):
    axis, places = frames.weight_axis(histories[name]), pd.DataFrame(frames.start_and_minimum(landscape(RUNS[name])))
    assert places["what"].tolist() in (["start", "minimum"], ["", "start and minimum"])
    assert places["w"].between(axis.low, axis.high).all()


def test_the_axis_of_w_is_logarithmic_only_where_a_lane_flies_off(histories):
    assert frames.weight_axis(histories["article"]).scale == "symlog"
    assert frames.weight_axis(histories["look-alikes"]).scale == "linear"


def test_the_axis_of_w_for_any_rate_reaches_ten_times_as_far_outwards_to_powers_of_ten():
    def axis(start):  # the minimum is at 2
        made, constant = frames.wide_weight_axis(landscape(Experiment(start=(start, 0.0))))
        assert made.scale == "symlog"
        return *(float(f"{end:.12g}") for end in made.ends), constant

    assert axis(0.0) == (-100, 100, 2), "2 - 44 to 2 + 44"
    assert axis(-100.0) == (-10_000, 10_000, 100), "2 - 2,244 to 2 + 2,244"
    assert axis(2.0) == (1, 10, 0.002), "2 - 0.044 to 2 + 0.044: where it starts at the minimum, 0 is far away"


@every_run
def test_a_path_holds_places_that_were_and_ends_with_the_first_outside_the_box(name, histories):
    history = histories[name]
    box = frames.contour_box(landscape(history.experiment))
    table, stops = pd.DataFrame(frames.paths(history, box)), frames.moments(history.experiment.epochs)
    for lane, (letter, _) in enumerate(lanes(history)):
        rows = drawn(table, letter)
        assert set(rows["epoch"]) <= set(stops)
        np.testing.assert_array_equal(rows[["w", "b"]], history.parameters[lane, rows["epoch"]])
        inside = rows["w"].between(box.w.low, box.w.high) & rows["b"].between(box.b.low, box.b.high)
        assert inside.iloc[:-1].all()


@every_run
def test_the_box_holds_the_start_and_the_minimum_with_room(name):
    experiment = RUNS[name]
    box, task = frames.contour_box(landscape(experiment)), problem(experiment)
    best = np.linalg.lstsq(task.inputs, task.targets, rcond=None)[0]
    for w, b in (task.start, best):
        assert box.w.low < w < box.w.high and box.b.low < b < box.b.high


def test_the_box_stays_where_a_start_is_chosen_in_it_and_grows_for_one_outside():
    usual = frames.contour_box(landscape(Experiment()))
    inside = [(usual.w.low, usual.b.high), (2.0, 0.0), (usual.w.high, usual.b.low)]
    assert {frames.contour_box(landscape(Experiment(start=start))) for start in inside} == {usual}
    wide = frames.contour_box(landscape(Experiment(start=(50.0, 0.0))))
    assert wide.w.low < usual.w.low and usual.w.high < 50 < wide.w.high


@for_each("standardize", [False, True])
@for_each("name", LINES)
def test_every_contour_lies_on_the_loss_it_claims(name, standardize):
    experiment = Experiment(data=name, standardize=standardize)
    task = problem(experiment)
    table = pd.DataFrame(frames.contours(landscape(experiment), frames.contour_box(landscape(experiment))))
    places = table[["w", "b"]].to_numpy()
    loss = np.mean((task.targets - places @ task.inputs.T) ** 2, axis=1)
    np.testing.assert_allclose(loss, table["loss"], rtol=1e-6)
    assert table.groupby("level")["loss"].nunique().eq(1).all()
    levels = table.groupby("level")["loss"].first()
    assert (np.diff(levels) > 0).all() and len(levels) == 9
    for _, ring in table.groupby("level"):
        np.testing.assert_allclose(ring[["w", "b"]].iloc[0], ring[["w", "b"]].iloc[-1], rtol=1e-9, atol=1e-9)


@every_run
def test_the_ends_of_each_fitted_line_are_w_x_plus_b(name, histories):
    history = histories[name]
    table = pd.DataFrame(frames.fits(history))
    x_axis, _ = frames.data_axes(history.experiment)
    stops = frames.moments(history.experiment.epochs)
    for lane, (letter, _) in enumerate(lanes(history)):
        rows = drawn(table, letter)
        shown = rows["y"].notna()
        assert shown.all() or shown.tolist() == [True] * (len(rows) - 2) + [False] * 2  # gone from there on
        seen = rows[shown]
        w, b = history.parameters[lane, seen["epoch"]].T
        np.testing.assert_allclose(seen["y"], w * seen["x"] + b, rtol=1e-6, atol=1e-6)
        assert rows["epoch"].tolist() == np.repeat(stops, 2)[: len(rows)].tolist()
        assert set(rows["x"]) <= {x_axis.low, x_axis.high}


@pytest.mark.parametrize("name", LINES)
def test_the_data_lie_inside_their_axes(name):
    for scaled in (False, True):
        experiment = Experiment(data=name, standardize=scaled)
        table, (x_axis, y_axis) = pd.DataFrame(frames.points(experiment)), frames.data_axes(experiment)
        assert table["x"].between(x_axis.low, x_axis.high).all()
        assert table["y"].between(y_axis.low, y_axis.high, inclusive="neither").all()


@every_run
def test_no_table_holds_anything_but_finite_numbers(name, histories):
    history, experiment = histories[name], RUNS[name]
    axis, box = frames.loss_axis(history), frames.contour_box(landscape(experiment))
    curves = pd.DataFrame(frames.curves(history, axis))
    tables = [
        curves.drop(columns="meter"),  # nan where no step was readable yet
        pd.DataFrame(frames.exits(history, axis)),
        pd.DataFrame(frames.weights(history, frames.weight_axis(history))),
        pd.DataFrame(frames.paths(history, box)),
        pd.DataFrame(frames.fits(history)).dropna(),  # a line that is gone ends with one that has no numbers
        pd.DataFrame(frames.contours(landscape(experiment), box)),
        pd.DataFrame(frames.points(experiment)),
        pd.DataFrame(frames.start_and_minimum(landscape(experiment))),
    ]
    for table in tables:
        assert np.isfinite(table.select_dtypes("number")).all(axis=None)
    assert not np.isinf(curves["meter"]).any()


def test_an_axis_holds_its_ends_and_no_nan():
    values = np.array([0.9, 1.0, 2.0, 2.1, np.nan, np.inf])
    assert Axis(low=1.0, high=2.0).holds(values).tolist() == [False, True, True, False, False, False]


def test_the_other_scaling_there_and_back_is_the_same_line_from_zero():
    experiment = Experiment(start=(1.0, 2.0))
    there = frames.other_scaling(experiment)
    assert there.standardize and there.start == ()
    assert frames.other_scaling(there) == replace(experiment, start=())


def test_what_leaves_a_picture_is_told_with_its_first_epoch_beyond_it():
    epochs = np.arange(13)
    ways = {"up": 2.0**epochs, "down": 10.0**-epochs, "in": np.ones(13)}
    table = pd.concat([pd.DataFrame({"runner": name, "epoch": epochs, "loss": way}) for name, way in ways.items()])
    axis = Axis(low=1e-4, high=1000, scale="log")
    titles = {"up": "Doubled", "down": "A tenth", "in": "One"}
    said = "Left the chart: Doubled at epoch 10; A tenth, below, at epoch 5."  # 2^10 = 1024
    assert frames.departures(table, axis, titles) == said
    thinned = table[table["epoch"] % 3 == 0]
    assert "Doubled by step 12" in frames.departures(thinned, axis, titles, "step")
    assert frames.departures(table, axis, {"in": "One"}) == ""
