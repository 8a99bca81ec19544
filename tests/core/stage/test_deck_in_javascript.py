"""The browser reads a deck to the last bit, and makes of each run the rows that a plain loop makes of its History."""

from __future__ import annotations

import base64
import gzip
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pytest

from core import Experiment, History, train
from core.drawing.deck import Deck, Words, deck, family
from core.instruments.compare.stage import header
from core.words import number
from tests.cases import for_each
from tests.node import STAGE, node

CASES = {
    "the article's": family(Experiment()),
    "momentum": family(Experiment(optimizer="momentum", momentum=0.9, epochs=300)),
    "standardized": family(Experiment(data="penguins", standardize=True, epochs=60)),
    "mini-batches": family(Experiment(data="noisy-line", batch_size=25, epochs=40)),
    "one epoch": family(Experiment(epochs=1)),
    "started at the minimum": family(Experiment(start=(2.0, 0.0), epochs=30)),
}
ARRAYS = ("loss", "meter", "readings", "exits", "lossBetween", "wBetween", "w", "b")


@cache
def made(name: str) -> tuple[History, Deck, dict[str, Any]]:
    history = train(CASES[name])
    of = deck(history)
    return history, of, header(history, of)


@cache
def packed(name: str) -> str:
    """A deck as a page sends it along."""
    _, of, beside = made(name)
    return base64.b64encode(gzip.compress(of.to_bytes(beside))).decode()


def bits(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), "<u4")


@for_each("name", CASES)
def test_every_number_and_word_of_a_deck_arrives(name):
    _, of, _ = made(name)
    program = f"""
    const deck = await m.unpackDeck(given), text = (a) => a && Buffer.from(a.buffer, a.byteOffset, a.byteLength);
    const runs = deck.rates.map((rate) => deck.runs.get(rate));
    return {{ moments: deck.moments, rates: deck.rates, words: runs.map((run) => run.words),
      arrays: runs.map((run) => {list(ARRAYS)}.map((name) => text(run[name]).toString('base64'))) }};
    """
    told = node("deck.js", program, packed(name))
    assert told["rates"] == of.rates.tolist()
    assert told["moments"] == of.moments.tolist()
    assert [Words(**words) for words in told["words"]] == list(of.words)
    sent = (of.loss, of.meter, of.readings, of.exits, of.loss_between, of.w_between, *np.moveaxis(of.parameters, 2, 0))
    for k, arrays in enumerate(told["arrays"]):
        for array, text, array_name in zip(sent, arrays, ARRAYS, strict=True):
            here = np.ascontiguousarray(array[k], "<f4").view("<u4").ravel()
            np.testing.assert_array_equal(bits(text), here, array_name)


def test_a_networks_deck_has_no_line():
    of = deck(train(Experiment(data="circles", hidden=(3,), epochs=10, learning_rates=(0.1, 0.3))))
    text = base64.b64encode(gzip.compress(of.to_bytes())).decode()
    told = node("deck.js", "return [...(await m.unpackDeck(given)).runs.values()].map((run) => [run.w, run.b])", text)
    assert told == [[None, None]] * 2


def test_what_joins_stands_among_the_others_in_order():
    alone = deck(train(Experiment(epochs=30, learning_rates=(0.0123,))))
    others = deck(train(Experiment(epochs=30, learning_rates=(0.01, 0.02))))
    texts = [base64.b64encode(gzip.compress(of.to_bytes())).decode() for of in (others, alone)]
    program = """
    const [deck, other] = await Promise.all(given.map(m.unpackDeck));
    deck.join(other);
    return [deck.rates, [...deck.runs.get(0.0123).loss]];
    """
    rates, loss = node("deck.js", program, texts)
    assert rates == [0.01, 0.0123, 0.02]
    assert loss == [float(value) for value in alone.loss[0]]


@cache
def rows(name: str) -> list[dict[str, Any]]:
    """What rows.js makes of each run: curve, exit, path, weights, and fit at the last moment."""
    program = """
    const { unpackDeck } = await import(new URL('deck.js', given.folder));
    const deck = await unpackDeck(given.deck), { axes } = deck.header, last = deck.moments.length - 1;
    return deck.rates.map((rate) => deck.runs.get(rate)).map((run) => ({
      curve: m.curve(run, deck.moments, axes.losses), exit: m.exit(run, axes.losses),
      path: m.path('A', run, deck.moments, axes), weights: m.weights('A', run, deck.moments, axes),
      fit: m.fit('A', run, last, deck.header), told: m.numbersAt(run, last) }));
    """
    told: list[dict[str, Any]] = node("rows.js", program, {"deck": packed(name), "folder": f"{STAGE.as_uri()}/"})
    return told


def single(value: float) -> float | None:
    """A number as a deck has it; None where it is none."""
    with np.errstate(over="ignore"):
        found = float(np.float32(value))
    return found if np.isfinite(found) else None


def leaves(loss: np.ndarray, low: float, high: float) -> int:
    """The first epoch at which a curve that began on the axis is off it; 0 where there is none."""
    for epoch, value in enumerate(loss):
        if not low <= value <= high:
            return epoch
    return 0


def comes_back(loss: np.ndarray, low: float, high: float) -> int:
    """The epoch from which a curve is on the axis for good; 0 where it ends off it."""
    epoch = len(loss)
    while epoch and low <= loss[epoch - 1] <= high:
        epoch -= 1
    return epoch if epoch < len(loss) else 0


@for_each("name", CASES)
def test_a_curve_has_every_moment_until_it_leaves_and_goes_on_where_it_is_back(name):
    history, of, beside = made(name)
    low, high = beside["axes"]["losses"]
    for loss, found in zip(history.loss, rows(name), strict=True):
        left = leaves(loss, low, high)
        back = comes_back(loss, low, high) if left else 0
        drawn = [epoch for epoch in of.moments.tolist() if not left or epoch < left or back]
        expected = [(epoch, single(loss[epoch])) for epoch in drawn if not np.float32(loss[epoch]) <= 0]
        expected = [(epoch, value) for epoch, value in expected if not np.isnan(loss[epoch])]
        told = [(row["epoch"], row["loss"]) for row in found["curve"]]
        more = [row for row in told if row not in expected]
        assert [row for row in told if row in expected] == expected
        assert told == sorted(told, key=lambda row: row[0])
        assert len(more) == (1 if left else 0)
        for epoch, value in more:
            assert left - 1 <= epoch <= left
            assert value in (low, high)
        words = f"{'below' if left and loss[left] < low else 'left'} at epoch {left:,}"
        assert [row["words"] for row in found["exit"]] == (
            [words + (f", back at {back:,}" if back else "")] if left else []
        )


@for_each("name", CASES)
def test_what_lies_between_two_moments_is_drawn_where_it_is_beyond_both(name):
    history, of, _ = made(name)
    values = {"curve": (history.loss, "loss"), "weights": (history.parameters[:, :, 0], "w")}
    seen = 0
    for (table, (all_of_them, column)), k in product(values.items(), range(len(of.rates))):
        at = dict(zip(of.moments.tolist(), [0, *of.moments.tolist()], strict=False))
        for row in rows(name)[k][table]:
            if row["epoch"] not in at or row[column] is None or row["epoch"] == 0:
                continue
            inner = all_of_them[k, at[row["epoch"]] + 1 : row["epoch"]]
            ends = all_of_them[k, [at[row["epoch"]], row["epoch"]]]
            if not (np.isfinite(inner).all() and (np.abs(inner) < 1e30).all() and inner.size):
                continue
            least = inner.min() if inner.min() < ends.min() else ends[1]
            most = inner.max() if inner.max() > ends.max() else ends[1]
            seen += least != most
            assert (row["least"], row["most"]) == (single(least), single(most)), (table, row)
    assert seen > 0 or name not in ("the article's", "momentum")


@for_each("name", CASES)
def test_paths_and_weights_are_those_of_the_run_as_far_as_they_can_be_drawn(name):
    history, of, beside = made(name)
    axes, at = beside["axes"], of.moments

    def near(value: float, axis: str) -> bool:
        low, high = axes[axis][:2]
        return bool(low - 1000 * (high - low) <= value <= high + 1000 * (high - low))

    for (w, b), found in zip(np.moveaxis(history.parameters, 2, 1), rows(name), strict=True):
        there = [near(w[epoch], "w") and near(b[epoch], "b") for epoch in at]
        assert [row["epoch"] for row in found["path"]] == at.tolist()
        for one, values in (("w", w), ("b", b)):
            expected = [single(values[epoch]) if here else None for epoch, here in zip(at, there, strict=True)]
            assert [row[one] for row in found["path"]] == expected
        low, high = axes["weights"][:2]
        off = [not low <= w[epoch] <= high for epoch in at]
        first = off.index(True) if True in off else len(off)
        kept = [epoch for k, epoch in enumerate(at) if k < first or (k == first and near(w[epoch], "weights"))]
        assert [row["w"] for row in found["weights"]] == [single(w[epoch]) for epoch in kept]


@for_each("name", CASES)
def test_the_line_and_the_numbers_are_those_of_the_last_epoch(name):
    history, _, beside = made(name)
    low, high = beside["axes"]["y"]
    for lane, found in enumerate(rows(name)):
        w, b = history.parameters[lane, -1].tolist()
        line = single(w), single(b)
        ends = [] if None in line else [(x, line[0] * x + line[1]) for x in beside["ends"]]
        if ends and all(low - 1000 * (high - low) <= y <= high + 1000 * (high - low) for _, y in ends):
            assert [row["x"] for row in found["fit"]] == beside["ends"]
            assert [row["y"] for row in found["fit"]] == pytest.approx([y for _, y in ends], rel=1e-12)
        else:
            assert found["fit"] == []
        for name_of, value in (("loss", history.loss[lane, -1]), ("w", w), ("b", b)):
            if single(value) is not None:
                assert found["told"][name_of] == number(single(value))
