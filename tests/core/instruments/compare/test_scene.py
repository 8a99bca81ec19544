"""The scene: what is sent to the browser says the same as the run it was made from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core import Experiment, diagnose, train
from core.drawing import frames
from core.instruments.compare.ruler import measure
from core.instruments.compare.scene import arrow, scene

EXPERIMENT = Experiment(epochs=300)
SCENE = scene(train(EXPERIMENT), measure(EXPERIMENT))


def test_a_scene_holds_the_verdicts_of_its_run():
    assert tuple(lane.diagnosis for lane in SCENE.lanes) == diagnose(SCENE.history)
    assert SCENE.roles == ("low", "good", "high")


@pytest.mark.parametrize("lane", range(3))
def test_the_curve_that_is_sent_is_the_loss_that_was_recorded(lane):
    curve = SCENE.lanes[lane].curve.to_pandas()
    np.testing.assert_allclose(curve["loss"], SCENE.history.loss[lane, curve["epoch"]], rtol=1e-6)


def test_a_lane_that_left_the_chart_says_when_and_others_do_not():
    assert [lane.left for lane in SCENE.lanes] == [None, None, (2, False)]
    fallen = Experiment(learning_rates=(0.08,), epochs=500)
    left = scene(train(fallen), measure(fallen)).lanes[0].left
    assert left is not None
    loss, axis = train(fallen).loss[0], frames.loss_axis(train(fallen))
    assert left == (int(np.argmax(loss < axis.low)), True)


def test_the_largest_reading_of_plain_gradient_descent_is_near_rate_times_curvature():
    steepest = 6 + 136**0.5 / 2  # half of 12 + sqrt(136): mean of x^2 and of 1, by hand
    for lane, rate in zip(SCENE.lanes, EXPERIMENT.learning_rates, strict=True):
        assert lane.largest == pytest.approx(2 * steepest * rate, rel=1e-3)


def test_the_typical_reading_is_the_median_of_the_last_quarter():
    batches = Experiment(data="noisy-line", batch_size=4, learning_rates=(0.02,), epochs=200)
    history = train(batches)
    assert scene(history, measure(batches)).lanes[0].typical == np.median(history.meter[0, 150:])


def test_numbers_go_in_32_bits_only_where_they_fit():
    frame = pd.DataFrame(
        {"few": [1, 2], "many": [1, 2**40], "near": [0.5, np.nan], "far": [1e-40, 1e200], "words": ["a", "b"]}
    )
    table = arrow(frame)
    kinds = {field.name: str(field.type) for field in table.schema}
    assert kinds == {"few": "int32", "many": "int64", "near": "float", "far": "double", "words": "string"}
    assert table["many"].to_pylist() == [1, 2**40]
    assert table["near"].to_pylist() == [0.5, None]
    assert table["far"].to_pylist() == [1e-40, 1e200]


def test_a_scene_of_three_lanes_is_small_to_send():
    tables = [SCENE.ruler_tables, SCENE.data_tables, SCENE.contour_tables, SCENE.weight_tables]
    size = sum(table.nbytes for group in tables for table in group.values())
    size += sum(lane.curve.nbytes + lane.meter.nbytes for lane in SCENE.lanes)
    assert size < 60_000
