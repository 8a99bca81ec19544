"""A deck holds what was trained and what is said of it, to the last digit of float32, and arrives as it was sent."""

from __future__ import annotations

import gzip
import json
import struct
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from core.diagnosis.theory import stability_limit
from core.diagnosis.verdicts import diagnose
from core.drawing import frames
from core.drawing.deck import Deck, deck, family, seconds
from core.experiment.experiment import Experiment
from core.training.train import train
from tests.cases import for_each

LINES = {
    "the article's": Experiment(),
    "momentum": Experiment(optimizer="momentum", momentum=0.9, epochs=300),
    "mini-batches": Experiment(data="noisy-line", batch_size=10, epochs=100),
    "single precision": Experiment(precision="float32", epochs=200),
    "one epoch": Experiment(epochs=1),
    "two epochs": Experiment(epochs=2),
    "started at the minimum": Experiment(start=(2.0, 0.0), epochs=50),
    "started far away": Experiment(start=(1e9, -1e9), learning_rates=(1e6, 1e-12), epochs=50),
    "penguins": Experiment(data="penguins", epochs=100),
    "rows held out": Experiment(data="noisy-line", test_share=0.3, epochs=50),
    "a rule without a known limit": Experiment(optimizer="adam", epochs=50),
}
NETWORK = Experiment(data="circles", hidden=(4,), learning_rates=(0.1, 3.0), epochs=60)
every_deck = for_each("name", [*LINES, "a network"])


def single(values):
    with np.errstate(over="ignore"):
        return np.float32(values)


def same(found, expected):
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found.view(np.uint32), np.ascontiguousarray(single(expected)).view(np.uint32))


@pytest.fixture(scope="module")
def runs():
    """History and Deck of each case."""
    cases = {name: family(experiment) for name, experiment in LINES.items()} | {"a network": NETWORK}
    histories = {name: train(experiment) for name, experiment in cases.items()}
    return {name: (history, deck(history)) for name, history in histories.items()}


@every_deck
def test_every_number_is_that_of_the_run(name, runs):
    history, made = runs[name]
    at = made.moments
    assert made.rates.tolist() == list(history.experiment.learning_rates)
    same(made.loss, history.loss[:, at])
    same(made.final, history.loss[:, -1])
    if name == "a network":
        assert made.parameters is None
        assert made.w_between is None
    else:
        same(made.parameters, history.parameters[:, at])


@every_deck
def test_the_moments_are_pairs_of_epochs_about_even_on_a_log_axis(name, runs):
    history, made = runs[name]
    epochs, moments = history.experiment.epochs, made.moments.tolist()
    assert (moments[0], moments[-1]) == (0, epochs)
    assert len(moments) <= 62
    assert {min(epochs, 1), epochs - 1} <= set(moments)
    for before, moment, after in zip(moments, moments[1:], moments[2:], strict=False):
        assert moment - before == 1 or after - moment == 1, "each has a neighbour, so that flips show"
    assert max((after + 1) / (before + 1) for before, after in pairwise(moments)) <= 2


def left_and_back(losses, low, high):
    """(edge, first epoch beyond it, epoch from which it is back for good) of one curve, epoch by epoch."""
    inside = [low <= loss <= high for loss in losses]
    if not inside[0] or all(inside):
        return 0, 0, 0
    left = inside.index(False)
    stays = len(inside)
    while inside[stays - 1]:
        stays -= 1
    return (-1 if losses[left] < low else 1), left, (stays if stays < len(inside) else 0)


@every_deck
def test_one_axis_of_losses_holds_every_start_and_what_leaves_it_is_told(name, runs):
    history, made = runs[name]
    low, high = made.losses.ends
    assert made.losses.ends == frames.loss_axis(history).ends
    first = history.loss[0, 0]
    assert low <= first <= high or first == 0, "which no log axis holds"
    for loss, (crossing, *exit_) in zip(history.loss.tolist(), made.exits.tolist(), strict=True):
        edge, left, back = left_and_back(loss, low, high)
        assert exit_ == [edge, left, back]
        assert (left - 1 if left else 0) <= crossing <= left


def test_the_articles_runs_leave_at_the_top_or_below_and_cross_the_edge_on_the_drawn_stroke(runs):
    history, made = runs["the article's"]
    assert {-1, 0, 1} == set(made.exits[:, 1].tolist())
    for loss, (crossing, edge, left, _) in zip(history.loss, made.exits, strict=True):
        if edge and np.isfinite(loss[int(left)]):
            log = np.log(loss[int(left) - 1 : int(left) + 1])
            at = np.interp(np.log1p(crossing), np.log1p([left - 1, left]), log)
            assert at == pytest.approx(np.log(made.losses.ends[int(edge > 0)]), abs=1e-5)


@every_deck
def test_the_meter_is_that_of_the_step_which_led_to_the_moment_and_its_readings_are_of_all_epochs(name, runs):
    history, made = runs[name]
    for meter, shown, readings in zip(history.meter, made.meter, made.readings, strict=True):
        for epoch, value in zip(made.moments, shown, strict=True):
            until = meter[: max(epoch, 1)]
            known = until[~np.isnan(until)]
            np.testing.assert_equal(value, single(known[-1] if known.size else np.nan))
        known = meter[~np.isnan(meter)]
        expected = [np.median(known[3 * len(known) // 4 :]), known.max()] if known.size else [np.nan, np.nan]
        np.testing.assert_array_equal(readings, single(expected))


@every_deck
def test_the_words_are_those_of_each_rates_diagnosis(name, runs):
    history, made = runs[name]
    for words, said, rate in zip(made.words, diagnose(history), made.rates, strict=True):
        for part in ("role", "title", "reason", "evidence", "advice"):
            assert getattr(words, part) == getattr(said, part), rate
        assert words.alt.endswith(said.reason)


def test_the_alt_text_tells_rate_and_ends_of_the_curve(runs):
    _, made = runs["the article's"]
    alt = {rate: words.alt for rate, words in zip(made.rates.tolist(), made.words, strict=True)}
    assert alt[0.01].startswith(
        "Loss against epoch at learning rate 0.01: from 44 to 5.51\u00a0×\u00a010⁻⁵. The loss falls steadily."
    )
    assert alt[1.0].startswith(
        "Loss against epoch at learning rate 1: from 44 to not a number. The loss grew too large"
    )


def test_a_rate_trained_alone_gives_the_same_numbers_but_for_rounding_and_the_same_verdict():
    every = family(Experiment(epochs=150))
    together = deck(train(every))
    for k, rate in enumerate(every.learning_rates):
        alone = deck(train(replace(every, learning_rates=(rate,))))
        for name in ("loss", "parameters"):
            expected = getattr(together, name)[k]
            np.testing.assert_allclose(getattr(alone, name)[0], expected, rtol=1e-6, atol=1e-7 * 44, err_msg=str(rate))
        assert (alone.words[0].title, alone.words[0].advice) == (together.words[k].title, together.words[k].advice)


@every_deck
def test_what_lies_beyond_both_moments_between_them_is_held_and_nothing_else(name, runs):
    history, made = runs[name]
    pictures = [(made.loss_between, history.loss)]
    if made.w_between is not None:
        pictures.append((made.w_between, history.parameters[:, :, 0]))
    for found, values in pictures:
        expected = np.full_like(found, np.nan)
        for lane, row in enumerate(single(values)):
            for k, (first, last) in enumerate(pairwise(made.moments), start=1):
                inside = row[first + 1 : last]
                inside, ends = inside[~np.isnan(inside)], row[[first, last]]
                ends = ends[~np.isnan(ends)]
                if inside.size and not (ends.size and inside.min() >= ends.min()):
                    expected[lane, k, 0] = inside.min()
                if inside.size and not (ends.size and inside.max() <= ends.max()):
                    expected[lane, k, 1] = inside.max()
        np.testing.assert_array_equal(found, expected)


def test_a_w_that_alternates_is_no_plateau_between_two_moments():
    experiment = Experiment(learning_rates=(0.0845,), epochs=1000)  # just below the limit: up, down, up, down
    history = train(experiment)
    made, w = deck(history), history.parameters[0, :, 0]
    assert (np.diff(w[1:100]) * np.diff(w[:99]) < 0).all()
    gaps = np.flatnonzero(np.diff(made.moments) > 2) + 1
    assert len(gaps) > 10
    band = np.concatenate([made.w_between[0], made.parameters[0, :, :1]], axis=1)
    for k in gaps:
        seen = np.concatenate([band[k], made.parameters[0, [k - 1], 0]])
        everything = single(w[made.moments[k - 1] : made.moments[k] + 1])
        assert (np.nanmin(seen), np.nanmax(seen)) == (everything.min(), everything.max())


@every_deck
def test_it_arrives_as_it_was_sent(name, runs):
    _, sent = runs[name]
    arrived = Deck.from_bytes(sent.to_bytes())
    assert arrived.rates.tolist() == sent.rates.tolist()
    assert arrived.moments.tolist() == sent.moments.tolist()
    assert arrived.words == sent.words
    assert arrived.losses == sent.losses
    for part in ("loss", "meter", "readings", "loss_between", "exits", "parameters", "w_between"):
        ours, theirs = getattr(sent, part), getattr(arrived, part)
        assert (ours is None) == (theirs is None)
        if ours is not None:
            assert theirs.shape == ours.shape
            same(theirs, ours)


def test_the_bytes_can_be_read_by_what_their_description_says_alone(runs):
    _, made = runs["the article's"]
    content = made.to_bytes()
    length = int.from_bytes(content[:4], "little")
    header, rest = json.loads(content[4 : 4 + length]), content[4 + length :]
    assert header["rates"] == made.rates.tolist()
    assert header["losses"] == list(made.losses.ends)
    assert header["words"]["title"] == [words.title for words in made.words]
    for name, (rates, moments, *each) in header["arrays"].items():
        together = int(np.prod(each))
        count = rates * moments * together
        planes, rest = rest[: 4 * count], rest[4 * count :]
        bits = [int.from_bytes(bytes(planes[i::count]), "little") for i in range(count)]
        for i in range(count):
            if i % (moments * together) >= together:
                bits[i] = (bits[i] + bits[i - together]) % 2**32
        floats = struct.unpack(f"<{count}f", struct.pack(f"<{count}I", *bits))
        same(getattr(made, name), np.array(floats).reshape(rates, moments, *each))
    assert rest == b""


def test_what_is_too_small_for_32_bits_is_the_least_number_and_never_0():
    run = train(Experiment(epochs=2))
    tiny = replace(run, loss=run.loss * 1e-60)
    assert (deck(tiny, frames.loss_axis(run)).loss > 0).all(), "a charge of 1.6e-19 C squared is no 0"


def test_the_articles_deck_is_small(runs):
    _, made = runs["the article's"]
    assert len(gzip.compress(made.to_bytes(), 6)) < 31_000


def test_what_goes_beside_a_deck_is_in_its_header_and_leaves_it_as_it_is(runs):
    _, made = runs["one epoch"]
    content = made.to_bytes({"title": "Größe", "limit": [0.25, None]})
    (length,) = struct.unpack_from("<I", content)
    header = json.loads(content[4 : 4 + length])
    assert (header["title"], header["limit"]) == ("Größe", [0.25, None])
    assert Deck.from_bytes(content).to_bytes() == made.to_bytes()
    with pytest.raises(ValueError, match="JSON"):
        made.to_bytes({"limit": float("nan")})


@for_each("words", [{}, {"data": "penguins"}, {"data": "noisy-line", "standardize": True}, {"start": (1e9, 0.0)}])
@for_each(("optimizer", "momentum"), [("sgd", 0.0), ("momentum", 0.9), ("nesterov", 0.9)])
def test_a_line_has_whole_steps_finer_ones_below_its_limit_and_each_lanes_own(words, optimizer, momentum):
    own = (1e-12, 0.0123456789, 1e6)
    experiment = Experiment(**words, optimizer=optimizer, momentum=momentum, learning_rates=own, epochs=100)
    rates, limit = family(experiment).learning_rates, stability_limit(experiment)
    assert list(rates) == sorted(set(rates))
    assert set(own) <= set(rates)
    others = [rate for rate in rates if rate not in own]
    assert limit / 1e5 <= others[0] < 1.7 * limit / 1e5
    assert 30 * limit / 1.7 < others[-1] <= 30 * limit
    spread = [float(f"{step}e{decade}") for decade in range(-12, 6) for step in (1, 1.5, 2, 3, 5, 7)]
    assert {rate for rate in spread if limit / 1e5 <= rate <= 30 * limit} <= set(rates)
    near = [rate for rate in others if 0.1 * limit <= rate <= 1.1 * limit]
    assert max(above / below for below, above in pairwise(near)) < 1.35
    close = [rate for rate in near if rate > 0.89 * limit]
    assert max(above / below for below, above in pairwise(close)) < 1.07
    assert close[0] < limit < close[-1]


def test_the_lanes_a_visitor_first_sees_are_among_the_rates():
    lanes = Experiment().learning_rates
    assert set(lanes) <= set(family(Experiment(learning_rates=(0.05,))).learning_rates)


def test_where_no_limit_is_known_it_spans_all_that_may_be_of_use():
    rates = family(Experiment(optimizer="adam", epochs=50, learning_rates=(0.01,))).learning_rates
    assert (rates[0], rates[-1]) == (1e-8, 100.0)
    assert max(above / below for below, above in pairwise(rates)) < 1.7


def test_lanes_among_the_rates_of_a_deck_share_it():
    first = family(Experiment(learning_rates=(1e-6, 0.01, 1.0)))
    assert family(Experiment(learning_rates=(0.05, 1e-5))) == first
    assert family(Experiment(learning_rates=(0.05, 0.051))) != first
    assert family(first) == first


def test_a_rate_that_joins_a_deck_comes_alone():
    assert family(Experiment(learning_rates=(0.051,)), alone=True) == Experiment(learning_rates=(0.051,))
    assert family(Experiment(learning_rates=(0.2, 0.1, 0.2)), alone=True).learning_rates == (0.1, 0.2)


@for_each(
    "name",
    {
        "many epochs": Experiment(epochs=100_000),
        "the most epochs": Experiment(learning_rates=(0.01, 0.02), epochs=2_000_000),
        "batches of one": Experiment(data="penguins", batch_size=1, epochs=500),
        "as many rates as there may be": Experiment(learning_rates=tuple(np.linspace(0.01, 0.1, 512)), epochs=5),
        "by PyTorch": Experiment(engine="torch", epochs=5000),
        "quick": Experiment(),
    }.items(),
)
def test_where_many_rates_take_too_long_there_are_fewer_and_always_the_lanes(name):
    case, asked = name
    made = family(asked)
    assert set(asked.learning_rates) <= set(made.learning_rates), case
    assert replace(made, learning_rates=asked.learning_rates) == asked, "nothing else is changed"
    if set(made.learning_rates) != set(asked.learning_rates):
        assert seconds(made) <= 0.5, case


def test_a_network_has_its_lanes_only():
    assert family(NETWORK) == NETWORK
    assert family(replace(NETWORK, learning_rates=(3.0, 0.1))) == NETWORK
