"""What the pictures show is what the network says, pixel by pixel; the oracles are closed forms, scipy and torch."""

from __future__ import annotations

import base64
import io
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
import torch
from PIL import Image
from scipy.special import expit
from sklearn.metrics import confusion_matrix

from core.drawing.tables import arrow
from core.experiment.experiment import Experiment
from core.instruments.network import pictures as network_pictures
from core.instruments.network.pictures import CLASS_COLOURS, EDGE, GREY, MIDDLE, SIDE, fits, pictures, plane
from core.training.problems import problem
from core.training.train import train
from tests.cases import for_each

STRAIGHT = Experiment(data="circles", learning_rates=(0.1,), epochs=1)  # 2-1: its output is x w + y v + b
BLUE, ORANGE = CLASS_COLOURS[:2]


def with_rows(experiment, *rows):
    """A History of one lane whose snapshots are these parameters."""
    history = train(experiment)
    return replace(history, snapshots=np.array([rows], float), snapshot_epochs=np.arange(len(rows)))


def pixels(image):
    """(height, width, 3) of a data URL, read by Pillow."""
    kind, _, text = image.partition(",")
    assert kind == "data:image/png;base64"
    picture = Image.open(io.BytesIO(base64.b64decode(text)))
    assert picture.mode == "P"
    return np.array(picture.convert("RGB")).astype(int)


def drawn(experiment, *rows):
    """The pictures of these parameters, as pixels."""
    (table,) = pictures(with_rows(experiment, *rows))
    assert list(table.columns) == ["epoch", "image"]
    return [pixels(image) for image in table["image"]]


def places(experiment):
    """(SIDE * SIDE, 2) the point of the plane under each pixel, the top row first."""
    box = plane(problem(experiment))
    return np.array(
        [(x, y) for y in np.linspace(box.y.high, box.y.low, SIDE) for x in np.linspace(box.x.low, box.x.high, SIDE)]
    )


def pixel(experiment):
    """(width, height) of a pixel on the plane."""
    at = places(experiment)
    return at[1, 0] - at[0, 0], at[0, 1] - at[SIDE, 1]


def is_edge(picture):
    return (picture == EDGE).all(axis=-1)


def shades(colour, strength, share):
    """The colour at a share from 0 to 1 of the way from nearly white to this strength of it."""
    return np.array(MIDDLE) + strength * share[:, None] * (np.array(colour) - MIDDLE)


def test_the_second_class_is_orange_and_lies_where_the_output_is_positive():
    right, top = drawn(STRAIGHT, (50, 0, 0), (0, 50, 0))
    for orange, blue in ((right[:, -1], right[:, 0]), (top[0], top[-1])):
        assert (orange[:, 0] > orange[:, 2] + 100).all()
        assert (blue[:, 2] > blue[:, 0] + 100).all()


def test_a_pixels_shade_is_the_chance_that_scipy_gives():
    (picture,) = drawn(STRAIGHT, (2, -1, 0.5))
    score = places(STRAIGHT) @ [2, -1] + 0.5
    chance, seen = expit(score), picture.reshape(-1, 3)
    width, height = pixel(STRAIGHT)
    free = np.abs(score) > 1.01 * np.hypot(2 * width, height)  # more than a pixel from the line
    full = network_pictures._CLASS_GROUND
    side = 2 * np.abs(chance - 0.5)
    expected = np.where((chance > 0.5)[:, None], shades(ORANGE, full, side), shades(BLUE, full, side))
    half_a_shade = np.abs(np.array(ORANGE) - MIDDLE).max() * full / (network_pictures._SHADES - 1) + 1
    assert np.abs(seen - expected)[free].max() <= half_a_shade


def test_the_dark_line_runs_where_both_classes_are_equally_likely():
    for x in (-0.4, 0.0, 0.3):
        (picture,) = drawn(STRAIGHT, (1, 0, -x))
        columns = places(STRAIGHT)[:SIDE, 0]
        where = columns[is_edge(picture).any(axis=0)]
        assert where.size == 1
        assert is_edge(picture)[:, is_edge(picture).any(axis=0)].all()
        assert abs(where[0] - x) <= columns[1] - columns[0]


def test_beside_the_line_its_darkness_is_half_mixed_in():
    (picture,) = drawn(STRAIGHT, (1e-6, 0, 0))  # so even a score that every shade is the middle one
    away = np.abs(places(STRAIGHT)[:SIDE, 0]) / pixel(STRAIGHT)[0]
    beside = (away > 0.51) & (away < 0.99)
    assert beside.any()
    assert (picture[:, beside] == np.round((np.array(MIDDLE) + EDGE) / 2)).all()
    assert (picture[:, away > 1.01] == MIDDLE).all()


def test_standardized_data_is_drawn_where_it_was_measured():
    scaled = replace(STRAIGHT, data="moons", standardize=True)
    (picture,) = drawn(scaled, (1, 0, 0))
    columns = places(scaled)[:SIDE, 0]
    mean = scaled.dataset().x[:, 0].mean()  # where the standardized x is 0
    assert abs(columns[is_edge(picture).any(axis=0)][0] - mean) <= columns[1] - columns[0]


def test_a_network_of_x_squared_draws_both_sides_of_its_parabola():
    (picture,) = drawn(replace(STRAIGHT, features=("x2",)), (1, -0.25))
    columns = places(STRAIGHT)[:SIDE, 0]
    where = columns[is_edge(picture).any(axis=0)]
    np.testing.assert_allclose(np.sort(where), [-0.5, 0.5], atol=columns[1] - columns[0])


def test_squares_on_minus_and_plus_one_are_clipped_at_these():
    squares = replace(STRAIGHT, loss="mse")
    one, ten, minus_one = drawn(squares, (0, 0, 1), (0, 0, 10), (0, 0, -1))
    assert (one == ten).all()
    assert (one[0, 0] == np.round(shades(ORANGE, network_pictures._CLASS_GROUND, np.ones(1))[0])).all()
    assert (minus_one[0, 0] == np.round(shades(BLUE, network_pictures._CLASS_GROUND, np.ones(1))[0])).all()


def test_a_training_set_of_one_class_does_not_move_the_boundary(monkeypatch):
    squares = replace(STRAIGHT, loss="mse")
    task = problem(squares)
    before = drawn(squares, (0, 0, 0.4))[0]
    monkeypatch.setattr(network_pictures, "problem", lambda _: replace(task, targets=np.ones_like(task.targets)))
    assert (drawn(squares, (0, 0, 0.4))[0] == before).all()


@for_each("wrong", [np.nan, np.inf, -np.inf, 1e300])
@for_each("data", ["circles", "penguins-species", "digits", "plane"])
def test_a_network_that_is_not_finite_says_nothing_and_is_grey_all_over(data, wrong):
    experiment = Experiment(data=data, hidden=(2,), activation="identity", learning_rates=(0.1,), epochs=1)
    size = len(problem(experiment).start)
    sound, broken = drawn(experiment, np.full(size, 0.1), np.full(size, wrong))
    assert (broken == GREY).all()
    assert not (sound == GREY).all(axis=-1).any()


def test_a_pixels_class_is_the_one_that_torch_finds_most_likely():
    penguins = Experiment(data="penguins-species", standardize=True, hidden=(5,), learning_rates=(0.3,), epochs=200)
    row = train(penguins).snapshots[0, -1]
    (picture,) = drawn(penguins, row)
    x = penguins.dataset().x
    inputs = torch.tensor((places(penguins) - x.mean(axis=0)) / x.std(axis=0))
    w1, b1, w2, b2 = torch.tensor(row).split([10, 5, 15, 3])
    outputs = torch.tanh(inputs @ w1.reshape(2, 5) + b1) @ w2.reshape(5, 3) + b2
    top = torch.softmax(outputs, 1).sort(dim=1, descending=True).values
    clear = ((top[:, 0] - top[:, 1]) > 1e-3).numpy()  # the picture is computed in 32 bits
    away = picture.reshape(-1, 1, 3) - np.array(MIDDLE)
    full = np.array(CLASS_COLOURS[:3]) - MIDDLE
    part = (away * full).sum(axis=2, keepdims=True) / (full * full).sum(axis=1)[:, None]
    nearest = np.abs(away - part * full).sum(axis=2).argmin(axis=1)  # whose line from nearly white it lies on
    assert clear.mean() > 0.9
    assert len(np.unique(nearest)) == 3
    assert (nearest == outputs.argmax(1).numpy())[clear].all()


@pytest.mark.parametrize("test_share", [0.0, 0.25])
def test_the_table_of_digits_is_scikit_learns_confusion_matrix_of_what_is_held_out_if_any(test_share):
    digits = Experiment(data="digits", standardize=True, learning_rates=(0.01,), epochs=3, test_share=test_share)
    task = problem(digits)
    inputs, labels = (task.test_inputs, task.test_labels) if test_share else (task.inputs, task.labels)
    row = train(digits).snapshots[0, -1]
    (picture,) = drawn(digits, row)
    weights, biases = row[:640].reshape(64, 10), row[640:]
    said = (inputs[:, :64] @ weights + biases).argmax(axis=1)
    expected = confusion_matrix(labels, said, normalize="true")
    cell = len(picture) // 10
    share = (MIDDLE[0] - picture[cell // 2 :: cell, cell // 2 :: cell, 0]) / (MIDDLE[0] - BLUE[0])
    assert np.abs(expected - expected.T).max() > 0.1  # true and said can't be swapped unseen
    np.testing.assert_allclose(share, expected, atol=0.5 / (network_pictures._SHADES - 1) + 0.005)


def test_regression_runs_from_blue_to_orange_over_the_targets_range():
    plain = Experiment(data="plane", hidden=(1,), activation="identity", learning_rates=(0.1,), epochs=1)
    targets = problem(plain).targets
    low, high, middle = drawn(
        plain, *((0, 0, 0, 0, t) for t in (targets.min(), targets.max(), np.ptp(targets) / 2 + targets.min()))
    )
    assert (low == BLUE).all()
    assert (high == ORANGE).all()
    assert (middle == MIDDLE).all()  # and no line: regression has no boundary


def test_each_lane_has_a_picture_for_each_snapshot():
    history = train(replace(STRAIGHT, learning_rates=(0.1, 1.0, 10.0), epochs=30))
    lanes = pictures(history)
    assert [list(lane["epoch"]) for lane in lanes] == 3 * [history.snapshot_epochs.tolist()]


@pytest.mark.parametrize("data", ["spirals", "digits"])
@pytest.mark.parametrize("frames", [10, pytest.param(100, marks=pytest.mark.slow)])
def test_three_lanes_of_a_hundred_frames_fit_in_600_kilobytes(data, frames):
    history = train(Experiment(data=data, hidden=(16, 16), learning_rates=(0.1, 1.0, 5.0), epochs=200))
    count = history.snapshots.shape[1]
    chosen = np.linspace(0, count - 1, frames).astype(int)
    many = replace(history, snapshots=history.snapshots[:, chosen], snapshot_epochs=np.arange(frames))
    total = 0
    for lane in pictures(many):
        table, sink = arrow(lane), pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
        total += sink.getvalue().size
    assert total <= 6_000 * frames


LINE = Experiment(data="curve", hidden=(1,), activation="identity", learning_rates=(0.1,), epochs=1)


def test_a_curve_is_what_the_network_says_along_x():
    table = fits(with_rows(LINE, (2, 1, -3, 0.5)), 0)  # -3 (2 x + 1) + 0.5
    x = LINE.dataset().x
    assert (table["x"].min(), table["x"].max()) == (x.min(), x.max())
    np.testing.assert_allclose(table["y"], -6 * table["x"] - 2.5)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, 1e200, 1e30])
def test_a_curve_that_overflows_is_gone_and_not_the_last_one_seen(wrong):
    table = fits(with_rows(LINE, (1, 0, 1, 0), (1, 0, wrong, 0)), 0)
    assert set(table["epoch"]) == {0, 1}  # the chart shows the last epoch it has: it must have this one
    assert table[table["epoch"] == 0]["y"].notna().all()
    assert table[table["epoch"] == 1]["y"].isna().all()
    assert arrow(table)["y"].null_count == 60  # nothing that a browser could draw


def test_data_of_one_column_has_curves_and_no_pictures():
    (table,) = pictures(with_rows(LINE, (1, 0, 1, 0)))
    assert list(table.columns) == ["epoch", "image"]
    assert table.empty
