"""The drawing of a network: the bytes that are sent, read back, are the weights, biases and dead units of the run."""

from __future__ import annotations

import base64
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
import torch

from core import Experiment, History, train
from core.diagnosis.measures import measures
from core.instruments.network.diagram import Diagram, diagram
from core.methods.network import Network
from core.training.problems import problem
from tests.cases import for_each

SMALL = Experiment(data="circles", hidden=(4, 3), learning_rates=(0.1, 3.0), epochs=100)
WIDE = Experiment(data="moons", hidden=(32, 20), learning_rates=(0.1,), epochs=30)  # 640 weights between the two
IMAGES = Experiment(data="digits", standardize=True, hidden=(32,), learning_rates=(0.1,), epochs=5, batch_size=64)
EACH = [(SMALL, 0), (SMALL, 1), (WIDE, 0), (IMAGES, 0)]
every_network = pytest.mark.parametrize(("experiment", "lane"), EACH, ids=["small-A", "small-B", "wide", "images"])


@cache
def trained(experiment: Experiment) -> History:
    return train(experiment)


def drawn(history: History, lane: int = 0) -> Diagram:
    return diagram(history, measures(history), lane)


def with_snapshots(experiment: Experiment, rows) -> History:
    """A History of one lane whose snapshots (K, P) are these, at every third epoch."""
    rows = np.asarray(rows, float)
    history = trained(replace(experiment, learning_rates=(0.1,), epochs=1))
    return replace(history, snapshots=rows[None], snapshot_epochs=3 * np.arange(len(rows)))


def values(found: Diagram) -> np.ndarray:
    """(K, places) what the bytes stand for."""
    whole = np.frombuffer(base64.b64decode(found.values), np.int8).reshape(len(found.epochs), len(found.places))
    return whole / 127 * found.largest


def dead(found: Diagram) -> np.ndarray:
    """(K, hidden units) 0 or 1."""
    flags = np.frombuffer(base64.b64decode(found.dead), np.uint8)
    return flags.reshape(len(found.epochs), sum(found.widths[1:-1]))


def weights_of(widths) -> int:
    return sum(inputs * outputs for inputs, outputs in pairwise(widths))


def by_place(experiment: Experiment, rows: np.ndarray) -> dict[tuple[int, int, int], np.ndarray]:
    """The parameters (K, P) by the place they have in Network.layers: what lies where, without network/explain.py."""
    found = {}
    network = Network(widths=experiment.widths)
    for layer, (weights, biases) in enumerate(network.layers(rows), start=1):
        for target in range(weights.shape[2]):
            found[layer, -1, target] = biases[:, 0, target]
            for source in range(weights.shape[1]):
                found[layer, source, target] = weights[:, source, target]
    return found


@every_network
def test_the_values_that_are_sent_are_the_parameters_of_the_run(experiment, lane):
    history = trained(experiment)
    found, truth = drawn(history, lane), by_place(experiment, history.snapshots[lane])
    seen = values(found)
    sent = np.isin(history.snapshot_epochs, found.epochs)
    clipped = 0
    for column, place in enumerate(found.places):
        expected = truth[place][sent]
        inside = np.abs(expected) <= found.largest
        np.testing.assert_allclose(seen[inside, column], expected[inside], rtol=0, atol=0.5001 / 127 * found.largest)
        np.testing.assert_array_equal(seen[~inside, column], np.sign(expected[~inside]) * found.largest)
        clipped += (~inside).sum()
    assert clipped <= 0.006 * seen.size  # few are so large that they are cut


@every_network
def test_a_lane_is_drawn_with_all_its_biases_and_each_place_once(experiment, lane):
    found = drawn(trained(experiment), lane)
    assert found.widths == experiment.widths
    assert len(set(found.places)) == len(found.places)
    biases = [place for place in found.places if place[1] == -1]
    assert biases == [(layer, -1, t) for layer in range(1, len(found.widths)) for t in range(found.widths[layer])]
    assert found.places[-len(biases) :] == tuple(biases)  # last, where the page looks for them


def test_put_together_by_torch_from_its_places_the_drawing_is_the_network():
    draw = np.random.default_rng(0)
    size = Network(widths=SMALL.widths).size
    row = draw.permutation(np.append(draw.integers(-126, 127, size - 2), [127, -127]))  # whole, so nothing is rounded
    found = drawn(with_snapshots(SMALL, [row, row]))
    assert found.largest == 127
    layers = [torch.nn.Linear(i, o, dtype=torch.float64) for i, o in pairwise(found.widths)]
    with torch.no_grad():
        for (layer, source, target), value in zip(found.places, values(found)[-1], strict=True):
            linear = layers[layer - 1]
            (linear.bias[target] if source < 0 else linear.weight[target, source]).fill_(float(np.round(value)))
        said = x = torch.tensor(problem(SMALL).inputs[:, :-1])
        for linear in layers[:-1]:
            said = torch.tanh(linear(said))
        said = layers[-1](said).numpy()
    # The row laid out by hand: 2-4-3-1, weights (inputs, outputs) and then biases.
    hidden = np.tanh(x.numpy() @ row[:8].reshape(2, 4) + row[8:12])
    hidden = np.tanh(hidden @ row[12:24].reshape(4, 3) + row[24:27])
    np.testing.assert_allclose(said, hidden @ row[27:30].reshape(3, 1) + row[30], rtol=1e-9, atol=1e-9)


def test_one_giant_weight_does_not_make_hairlines_of_all_others():
    size = Network(widths=WIDE.widths).size
    rows = np.random.default_rng(0).uniform(1, 2, size=(20, size))
    rows[:, 7] = 1e6
    found = drawn(with_snapshots(WIDE, rows))
    assert found.largest < 4
    giant = found.places.index((1, 0, 7))
    assert (values(found)[:, giant] == found.largest).all()
    assert values(found).min() > 0.9


# Which units are dead.

SLOPES = {
    "relu": lambda z: np.where(z > 0, 1.0, 0.0),
    "tanh": lambda z: 1 / np.cosh(np.clip(z, -300, 300)) ** 2,
    "sigmoid": lambda z: 1 / (2 * np.cosh(np.clip(z / 2, -300, 300))) ** 2,
}
BENDS = {"relu": lambda z: np.maximum(z, 0), "tanh": np.tanh, "sigmoid": lambda z: 1 / (1 + np.exp(-z))}


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
def test_a_unit_is_flagged_where_its_slope_is_next_to_0_on_every_row(activation):
    history = trained(replace(SMALL, activation=activation, epochs=20))
    snapshots = history.snapshots.copy()
    snapshots[1, 5:, 9] = -40.0  # from then on the second unit of the first layer sleeps
    snapshots[1, 10:, 26] = -90.0  # and then the third of the second
    found = drawn(replace(history, snapshots=snapshots), 1)
    inputs, expected = problem(SMALL).inputs[:, :-1], []
    for row in snapshots[1]:
        first = inputs @ row[:8].reshape(2, 4) + row[8:12]
        second = BENDS[activation](first) @ row[12:24].reshape(4, 3) + row[24:27]
        slopes = np.hstack([SLOPES[activation](first), SLOPES[activation](second)])
        expected.append((slopes < 1e-4).all(axis=0))
    np.testing.assert_array_equal(dead(found), expected)
    assert not dead(found)[0].all() and dead(found)[10:, [1, 6]].all()


def test_without_hidden_layers_no_unit_is_flagged():
    found = drawn(trained(replace(SMALL, data="xor", hidden=())))
    assert found.dead == ""
    assert found.places == ((1, 0, 0), (1, 1, 0), (1, -1, 0))


# Which moments are sent.


@for_each("snapshots", [1, 2, 3, 60, 100, 101, 140, 141, 500])
def test_the_first_and_the_last_moment_are_always_sent_and_never_more_bytes_than_a_page_should_carry(snapshots):
    size = Network(widths=WIDE.widths).size
    found = drawn(with_snapshots(WIDE, np.random.default_rng(0).normal(size=(snapshots, size))))
    assert found.epochs[0] == 0 and found.epochs[-1] == 3 * (snapshots - 1)
    assert len(base64.b64decode(found.values)) == len(found.epochs) * len(found.places) <= 90_000
    fit = 90_000 // (64 + 320 + 20 + 32 + 20 + 1)  # all weights but those left out, and all biases
    assert len(found.epochs) == min(snapshots, fit)
    steps = np.diff(found.epochs)
    assert (steps > 0).all() and (np.ptp(steps) <= 3 if steps.size else True)  # spread evenly


@every_network
def test_every_moment_of_a_true_run_is_drawn(experiment, lane):
    history = trained(experiment)
    assert drawn(history, lane).epochs == tuple(history.snapshot_epochs)


# Which weights are drawn.


@every_network
def test_what_is_left_out_is_counted(experiment, lane):
    found = drawn(trained(experiment), lane)
    weights = [place for place in found.places if place[1] >= 0]
    assert found.left_out == weights_of(found.widths) - len(weights)
    for layer, (inputs, outputs) in enumerate(pairwise(found.widths), start=1):
        assert sum(place[0] == layer for place in weights) == min(320, inputs * outputs)


@every_network
def test_of_a_layer_with_many_weights_the_strongest_are_drawn(experiment, lane):
    history = trained(experiment)
    found = drawn(history, lane)
    truth = by_place(experiment, history.snapshots[lane])
    strongest = {place: np.abs(row).max() for place, row in truth.items() if place[1] >= 0}
    for layer in range(1, len(found.widths)):
        kept = [size for place, size in strongest.items() if place[0] == layer and place in found.places]
        left = [size for place, size in strongest.items() if place[0] == layer and place not in found.places]
        assert len(kept) + len(left) == found.widths[layer - 1] * found.widths[layer]
        assert min(kept) >= max(left, default=0.0)


def test_a_weight_that_was_strong_only_for_a_moment_is_drawn():
    size = Network(widths=WIDE.widths).size
    rows = np.full((3, size), 0.5)
    chosen = np.random.default_rng(0).permutation(640)[:320]
    rows[1, 96 + chosen] = -np.linspace(2, 3, 320)  # 96 parameters of the first layer stand before
    found = drawn(with_snapshots(WIDE, rows))
    places = {(2, int(k) // 20, int(k) % 20) for k in chosen}
    assert {place for place in found.places if place[0] == 2 and place[1] >= 0} == places
    assert found.left_out == 320


# Runs that overflow. Warnings are errors, so none may come of it.


GONE = Experiment(
    data="moons", hidden=(6, 6), activation="relu", loss="mse", learning_rates=(0.01, 10.0, 1e4), epochs=200
)


@pytest.mark.parametrize("lane", [1, 2])
def test_an_overflowed_run_is_drawn_in_finite_numbers(lane):
    history = trained(GONE)
    sound = np.isfinite(history.snapshots[lane]).all(axis=1)
    assert sound[0] and not sound[-1]
    found = drawn(history, lane)
    assert np.isfinite(found.largest) and found.largest > 0
    assert np.isfinite(values(found)).all()
    assert values(found).shape == (len(history.snapshot_epochs), weights_of(GONE.widths) + 13)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_drawn_as_0_and_leaves_the_others_as_they_are(bad):
    size = Network(widths=SMALL.widths).size
    rows = np.random.default_rng(0).normal(size=(4, size))
    before = drawn(with_snapshots(SMALL, rows))
    rows[2, 5] = bad
    after = drawn(with_snapshots(SMALL, rows))
    column = after.places.index((1, 1, 1))  # 5 = 1 * 4 + 1
    assert values(after)[2, column] == 0
    others = np.ones(values(after).shape, bool)
    others[2, column] = False
    step = before.largest / 127
    np.testing.assert_allclose(values(after)[others], values(before)[others], atol=2 * step)


def test_a_network_of_nothing_but_0_and_one_at_the_end_of_what_numbers_hold_are_drawn():
    size = Network(widths=SMALL.widths).size
    for number in (0.0, 1e308, 1e-308):
        found = drawn(with_snapshots(SMALL, np.full((2, size), number)))
        assert found.largest > 0
        np.testing.assert_allclose(values(found), number, rtol=1e-6)


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_snapshot_that_overflowed_marks_no_unit_as_dead(activation, bad):
    # Of such a snapshot nothing can be said: measures.py says so in `sound`, and the chart of dead units leaves it out.
    experiment = replace(SMALL, activation=activation)
    rows = np.tile(problem(experiment).start, (2, 1))
    awake = dead(drawn(with_snapshots(experiment, rows)))
    rows[1] = bad
    found = dead(drawn(with_snapshots(experiment, rows)))
    np.testing.assert_array_equal(found[0], awake[0])
    assert not found[1].any()
