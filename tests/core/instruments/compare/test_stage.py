"""What the stage draws beside a deck: strict JSON, small, and true of the data and of runs trained one by one."""

from __future__ import annotations

import gzip
import json
import math
import struct
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.data.datasets import LINES, dataset
from core.drawing.deck import Deck, deck, family
from core.drawing.deck import seconds as seconds_of_deck
from core.experiment.experiment import Experiment
from core.instruments.compare.stage import packed, seconds, verdicts
from core.training.train import train
from tests.cases import for_each

CASES = {
    **{name: Experiment(data=name, epochs=200) for name in LINES},
    "the article's": Experiment(),
    "momentum": Experiment(optimizer="momentum", momentum=0.9, epochs=300),
    "nesterov": Experiment(optimizer="nesterov", momentum=0.9, epochs=300),
    "standardized": Experiment(data="penguins", standardize=True, epochs=100),
    "mini-batches": Experiment(data="noisy-line", batch_size=25, epochs=60),
    "single precision": Experiment(precision="float32", epochs=100),
    "by PyTorch": Experiment(engine="torch", epochs=20),
    "one epoch": Experiment(epochs=1),
    "started at the minimum": Experiment(start=(2.0, 0.0), epochs=50),
    "started far away": Experiment(start=(1e9, -1e9), learning_rates=(1e6, 1e-12), epochs=50),
    "a rule without a known limit": Experiment(optimizer="adam", epochs=50),
    "a schedule": Experiment(schedule="cosine", epochs=50),
    "long": Experiment(epochs=200_000, learning_rates=(0.01, 0.2)),
}
KNOWN = [name for name in CASES if name not in ("a rule without a known limit", "a schedule")]


def refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


def header_of(content: bytes) -> dict[str, Any]:
    (length,) = struct.unpack_from("<I", content)
    return json.loads(content[4 : 4 + length], parse_constant=refuse)


@pytest.fixture(scope="module")
def sent():
    """(family, deck as it is sent, header) of each case."""
    made = {}
    for name, experiment in CASES.items():
        content = gzip.decompress(packed(family(experiment)))
        made[name] = family(experiment), content, header_of(content)
    return made


def xy(experiment):
    """The data in the units it is trained in, by hand."""
    data = dataset(experiment.data, experiment.seed)
    x = data.x[:, 0]
    return (x - x.mean()) / x.std() if experiment.standardize else x, data.y


def losses(experiment, w, b):
    """The loss at each (w, b), a point at a time."""
    x, y = xy(experiment)
    return np.array([np.mean((one * x + other - y) ** 2) for one, other in zip(w, b, strict=True)])


@for_each("name", CASES)
def test_a_deck_arrives_whole_whatever_goes_beside_it(name, sent):
    experiment, content, header = sent[name]
    arrived = Deck.from_bytes(content)
    assert arrived.to_bytes() == deck(train(experiment)).to_bytes()
    assert header["losses"] == header["axes"]["losses"]
    assert header["experiment"]["epochs"] == arrived.moments[-1] == experiment.epochs


def test_the_articles_is_small_and_the_same_from_every_process(sent):
    again = packed(family(Experiment()))
    assert gzip.decompress(again) == sent["the article's"][1]
    assert len(again) < 36_000


def test_the_articles_header_in_numbers_worked_out_by_hand(sent):
    header = sent["the article's"][2]
    limit = 2 / (12 + math.sqrt(136))  # x is 1 to 5: mean of x^2 11, of x 3; 2/n X'X has trace 24
    whole = {"epochs": 1000, "points": 5, "steps_per_epoch": 1, "plain": True, "quadratic": True}
    assert header["experiment"] == whole
    assert header["limit"]["predicted"] == pytest.approx(limit, rel=1e-12)
    assert header["limit"]["overshoot"] == pytest.approx(limit / 2, rel=1e-12)
    assert header["limit"]["measured"] == pytest.approx(limit, rel=1e-4)
    assert header["limit"]["words"].endswith("Limit: predicted 2/λ = 0.08452, measured 0.08452.")
    assert header["limit"]["marks"] == {"rate": [header["limit"]["predicted"]], "words": ["limit 0.08452"], "row": [0]}
    assert header["zones"] == ["small and steady", "overshoots, converges", "unstable"]
    axes = header["axes"]
    assert axes["rates"] == pytest.approx([limit / 1e5, 10 * limit], rel=1e-6)
    assert axes["losses"] == [1e-7, 1e5], "three decades above 44, twelve below that"
    assert header["ends"] == [1, 5]
    assert axes["x"] == [0.8, 5.2], "and a twentieth of what lies between"
    assert axes["y"] == [-0.8, 10.8], "0 to 10, and a tenth of what lies between 2 and 10"
    assert axes["weights"] == [-100, 100, 2], "2 - 44 and 2 + 44, outwards"
    assert header["ticks"]["weights"] == [-20, -2, 0, 2, 20], "twice the powers of ten"
    assert header["ticks"]["epochs"] == [0, 1, 10, 100, 1000]
    assert header["points"] == {"x": [1, 2, 3, 4, 5], "y": [2, 4, 6, 8, 10]}
    places = header["places"]
    assert places["what"] == ["start", "minimum"]
    assert [*places["w"], *places["b"]] == pytest.approx([0, 2, 0, 0], abs=1e-9)
    assert places["steep"] == [False, False], "from (0, 0) to (2, 0) goes across"
    assert header["titles"] == {"x": "x", "y": "y"}


def test_titles_name_the_units_it_is_trained_in(sent):
    assert sent["penguins"][2]["titles"] == {"x": "flipper length (mm)", "y": "body mass (g)"}
    assert sent["standardized"][2]["titles"]["x"] == "flipper length (standardized)"


@for_each("name", KNOWN)
def test_both_limits_are_told_and_agree_on_the_full_batch(name, sent):
    experiment, _, header = sent[name]
    limit, m = header["limit"], experiment.momentum
    x, _ = xy(experiment)
    steepest = np.linalg.eigvalsh(2 * np.cov(np.stack([x, np.ones_like(x)]), ddof=0) + 2 * outer_mean(x))[-1]
    edge = 2 * (1 + m) / (1 + 2 * m * (experiment.optimizer == "nesterov"))
    assert limit["predicted"] == pytest.approx(edge / steepest, rel=1e-9)
    assert limit["overshoot"] < limit["predicted"]
    if name == "mini-batches":
        assert "with mini-batches the measured limit counts" in limit["words"]
    elif name != "started at the minimum":  # there nothing moves, and nothing grows
        assert limit["measured"] == pytest.approx(limit["predicted"], rel=1e-4)


def outer_mean(x):
    return np.outer([x.mean(), 1], [x.mean(), 1])


@for_each("name", ["a rule without a known limit", "a schedule"])
def test_where_theory_knows_no_limit_none_is_told(name, sent):
    _, _, header = sent[name]
    limit = header["limit"]
    assert [limit[each] for each in ("overshoot", "predicted", "measured")] == [None] * 3
    assert "No limit is known beforehand" in limit["words"]
    assert header["axes"]["rates"] == [1e-8, 100]


@for_each("name", CASES)
def test_every_axis_holds_what_is_drawn_on_it(name, sent):
    _, _, header = sent[name]
    axes, points, places = header["axes"], header["points"], header["places"]
    for axis, *rest in axes.values():
        assert axis < rest[0], name

    def holds(axis, values):
        return all(axes[axis][0] <= value <= axes[axis][1] for value in values)

    assert holds("x", points["x"])
    assert holds("y", points["y"])
    assert holds("w", places["w"])
    assert holds("b", places["b"])
    assert holds("weights", places["w"])
    assert axes["ruler"][1] == axes["losses"][1]
    assert axes["ruler"][0] <= axes["losses"][0]
    drawn = [loss for loss in header["sweep"]["loss"] if loss]
    assert axes["ruler"][0] <= max(min(drawn), axes["ruler"][1] / 1e15) * (1 + 1e-6) if drawn else True


@for_each("name", CASES)
def test_labels_stand_on_their_axes_at_powers_of_ten_and_are_few(name, sent):
    _, _, header = sent[name]
    axes, ticks = header["axes"], header["ticks"]
    ends = {axis: axes[axis][:2] for axis in ("losses", "ruler", "weights")}
    ends |= {"epochs": [0, header["experiment"]["epochs"]]}
    for axis, (low, high) in ends.items():
        assert ticks[axis] == sorted(ticks[axis]), axis
        assert all(low <= tick <= high for tick in ticks[axis]), axis
        unit = axes["weights"][2] if axis == "weights" else 1
        powers = [math.log10(abs(tick) / unit) for tick in ticks[axis] if tick]
        assert powers == pytest.approx([round(power) for power in powers], abs=1e-9), axis
    assert 2 <= len(ticks["losses"]) <= 6
    assert 2 <= len(ticks["ruler"]) <= 3


@for_each("name", ["the article's", "penguins", "standardized", "noisy-line"])
def test_w_stays_on_its_fixed_axis_at_every_stable_rate(name, sent):
    experiment, content, header = sent[name]
    made = Deck.from_bytes(content)
    stable = made.rates < 0.99 * header["limit"]["predicted"]
    low, high, constant = header["axes"]["weights"]
    w = made.parameters[stable, :, 0]
    assert stable.sum() > 20
    assert ((low <= w) & (w <= high)).all()
    for end in (low, high):
        assert math.log10(abs(end)) == pytest.approx(round(math.log10(abs(end))), abs=1e-9)
    (start, best), _ = header["places"]["w"], experiment
    assert constant == float(f"{abs(start - best):.1g}")


@for_each("name", CASES)
def test_the_rulers_curve_is_what_single_runs_give(name, sent):
    experiment, _, header = sent[name]
    sweep = header["sweep"]
    assert len(sweep["rate"]) == len(sweep["loss"])
    assert sweep["rate"] == sorted(sweep["rate"])
    if name == "long":
        assert len(sweep["rate"]) == 200
        assert sweep["epochs"] < experiment.epochs
        assert f"It stops at {sweep['epochs']:,} epochs" in header["limit"]["words"]
        return
    assert sweep["epochs"] == experiment.epochs
    own = experiment.learning_rates
    assert sweep["rate"] == pytest.approx(own, rel=1e-6)
    for k in range(0, len(own), 9):
        loss = train(replace(experiment, learning_rates=(own[k],))).loss[0, -1]
        if np.isfinite(loss) and loss > 0:
            digits = 1e-2 if experiment.precision == "float32" else 1e-5
            assert sweep["loss"][k] == pytest.approx(loss, rel=digits, abs=1e-24), own[k]
        else:
            assert sweep["loss"][k] is None


@for_each("name", CASES)
def test_where_the_curve_sinks_below_the_axis_is_told(name, sent):
    _, content, header = sent[name]
    sweep, below, low = header["sweep"], header["below"], header["axes"]["ruler"][0]
    final = sweep["loss"] if name == "long" else Deck.from_bytes(content).final.tolist()
    under = [rate for rate, loss in zip(sweep["rate"], final, strict=True) if loss is not None and loss < low]
    assert [pytest.approx(rate, rel=1e-6) in under for rate in below["rate"]] == [True] * len(below["rate"])
    assert below["loss"] == [low] * len(below["rate"])
    assert len(below["rate"]) in (0, 2)
    if name == "the article's":
        assert below["rate"] == [min(under), max(under)]


@for_each("name", [name for name in CASES if name != "started far away"])
def test_each_ring_is_of_one_loss(name, sent):
    experiment, _, header = sent[name]
    rings = {axis: np.array(header["contours"][axis]) for axis in ("level", "w", "b")}
    at, axes = losses(experiment, rings["w"], rings["b"]), header["axes"]
    slack = np.abs(  # what half a thousandth of the picture's width is worth
        losses(experiment, rings["w"] + (axes["w"][1] - axes["w"][0]) / 2000, rings["b"]) - at
    ) + np.abs(losses(experiment, rings["w"], rings["b"] + (axes["b"][1] - axes["b"][0]) / 2000) - at)
    for level in range(9):
        ring = at[rings["level"] == level]
        assert np.ptp(ring) <= 3 * slack[rings["level"] == level].max() + 1e-9 * ring.max(), level
    means = [at[rings["level"] == level].mean() for level in range(9)]
    assert means == sorted(means)


def test_what_joins_a_deck_and_a_network_come_without_it():
    joins = Experiment(learning_rates=(0.0123,), epochs=50)
    network = Experiment(data="circles", hidden=(4,), epochs=20)
    for experiment in (family(joins, alone=True), network):
        assert gzip.decompress(packed(experiment)) == deck(train(experiment)).to_bytes()
        assert seconds(experiment) == seconds_of_deck(experiment)


@for_each("name", ["the article's", "long", "mini-batches"])
def test_the_estimate_has_the_ruler_in_it(name):
    experiment = family(CASES[name])
    assert seconds(experiment) > seconds_of_deck(experiment)


def test_the_articles_is_made_at_once():
    assert seconds(family(Experiment())) < 0.1


def test_training_a_deck_tells_how_far_it_is():
    told: list[float] = []
    packed(family(Experiment(epochs=30_000)), progress=told.append)
    assert told == sorted(told)
    assert len(told) > 1


def test_the_verdicts_of_the_lanes_are_those_that_the_deck_has_of_their_rates():
    noisy = Experiment(data="noisy-line", batch_size=4, learning_rates=(1e-4, 0.03, 0.3), epochs=50)
    swings = Experiment(optimizer="momentum", momentum=0.9, learning_rates=(1e-4, 0.01, 0.17), epochs=200)
    for experiment in (Experiment(), noisy, swings):
        whole = family(experiment)
        drawn = deck(train(whole))
        said = [drawn.words[whole.learning_rates.index(rate)].title for rate in experiment.learning_rates]
        assert [found.title for found in verdicts(experiment)] == said
