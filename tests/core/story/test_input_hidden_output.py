"""Lesson 6's numbers, held against arithmetic by hand, finite differences, autograd and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from core.story import exclusive_or
from core.story import input_hidden_output as story
from core.story.exclusive_or import LINE, NETWORK, XOR_X, XOR_Y
from core.story.input_hidden_output import STAGES, WEIGHTS, Example
from tests.cases import for_each

HIDDEN, OUTPUT, LOSS, SHARES, STEP = STAGES
HOSTILE = [0, -3, 1e308, -1e308, 1e-300]
NEURONS = ("h1", "h2", "h3")


def by_hand(example: Example, weights: dict[str, float]) -> tuple[list[float], float, float]:
    """(hidden, prediction, loss) by the names of the weights alone."""
    hidden = [
        math.tanh(weights[f"x1 → {h}"] * example.x1 + weights[f"x2 → {h}"] * example.x2 + weights[f"bias of {h}"])
        for h in NEURONS
    ]
    says = sum(weights[f"{h} → out"] * value for h, value in zip(NEURONS, hidden, strict=True)) + weights["bias of out"]
    return hidden, says, (says - example.target) ** 2


def named(weights: np.ndarray) -> dict[str, float]:
    return dict(zip(WEIGHTS, weights.tolist(), strict=True))


@pytest.mark.parametrize("example", [Example(), Example(x1=0.3, x2=-1.2, target=2, seed=3)], ids=["first", "another"])
def test_the_pass_is_the_one_done_by_hand(example):
    at = example.before()
    hidden, says, loss = by_hand(example, named(at.weights))
    assert at.hidden == pytest.approx(hidden)
    assert at.prediction == pytest.approx(says)
    assert at.loss == pytest.approx(loss)


@pytest.mark.parametrize("example", [Example(), Example(x1=0.3, x2=-1.2, target=2, seed=3)], ids=["first", "another"])
def test_each_weights_share_is_how_the_loss_changes_with_it(example):
    at, h = example.before(), 1e-6
    for name in WEIGHTS:
        weights = named(at.weights)
        up, down = (by_hand(example, weights | {name: weights[name] + step})[2] for step in (h, -h))
        assert at.share(name) == pytest.approx((up - down) / (2 * h), abs=1e-8)


def test_a_share_is_what_came_in_times_the_error_that_arrives():
    example = Example(x1=0.3, x2=-1.2, target=2, seed=3)
    at = example.before()
    sums = torch.tensor(np.arctanh(at.hidden), requires_grad=True)
    weights = named(at.weights)
    out = torch.tensor([weights[f"{h} → out"] for h in NEURONS], dtype=torch.float64)
    loss = (torch.tanh(sums) @ out + weights["bias of out"] - example.target) ** 2
    loss.backward()
    for k, h in enumerate(NEURONS):
        assert at.error_at(h) == pytest.approx(sums.grad[k].item())
        assert at.share(f"x1 → {h}") == pytest.approx(0.3 * sums.grad[k].item())
        assert at.share(f"{h} → out") == pytest.approx(at.hidden[k] * 2 * (at.prediction - 2))


def test_one_step_moves_every_weight_against_its_share():
    example = Example(learning_rate=0.05)
    before, after = example.before(), example.after()
    assert after.weights == pytest.approx(before.weights - 0.05 * before.shares)
    assert after.loss < before.loss


def test_the_first_question_names_the_weights_and_shares_of_the_first_example():
    share = story.questions()[0]
    at = Example().before()
    sizes = {name: abs(at.share(name)) for name in WEIGHTS}
    assert max(sizes, key=sizes.get) == "bias of out"
    assert share.judge(3).right
    offered = [option.split(",")[0] for option in share.choices]
    assert sizes[offered[0]] == 0  # the largest weight has no share at all
    assert max(WEIGHTS, key=lambda name: abs(at.weight(name))) == offered[0]
    assert sizes[offered[0]] < sizes[offered[1]] < sizes[offered[2]] < sizes[offered[3]]
    for why, name in zip(list(share.choices.values())[:3], offered, strict=False):
        assert f"{at.share(name):.4g}" in why


def test_at_a_half_each_weight_alone_is_no_worse_and_all_together_are():
    example = Example(learning_rate=0.5)
    at = example.before()
    off = abs(at.prediction - example.target)
    alone = []
    for name in WEIGHTS:
        weights = named(at.weights)
        alone.append(by_hand(example, weights | {name: weights[name] - 0.5 * at.share(name)})[1])
    assert max(abs(says - example.target) for says in alone) <= off
    # (w - 0.5 * 2 * off) shifts the output by exactly -off: the bias alone lands on the target
    assert alone[-1] == pytest.approx(example.target)
    assert sum(abs(says - example.target) < off for says in alone) == 10  # x2 is 0: its three do nothing
    together = by_hand(example, named(at.weights - 0.5 * at.shares))[1]
    assert together - example.target > off
    long_step = story.questions()[1]
    assert long_step.judge(3).right
    assert f"**{together:.4g}**" in long_step.outcome
    assert f"alone would lead to {alone[WEIGHTS.index('h3 → out')]:.4g}" in list(long_step.choices.values())[1]


@for_each(
    ("example", "words"),
    [
        (Example(), "Nearer: off by"),
        (Example(learning_rate=0.3), "Past the target, yet nearer"),
        (Example(learning_rate=0.5), "Past the target and no nearer"),
        (Example(learning_rate=0), "takes no step"),
        (Example(learning_rate=-0.1), "walks uphill"),
        (Example(learning_rate=1e308), "the loss overflows"),
        (Example(learning_rate=1e-300), "smaller than the computer's rounding"),
        (Example(target=1e308), "too large for the computer"),
        (Example(target=Example().before().prediction), "Every share is 0"),
    ],
)
def test_what_a_step_does_is_told_in_words(example, words):
    assert words in story.fate(example)


@pytest.mark.parametrize(
    ("example", "weight", "words"),
    [
        (Example(), "x1 → h3", "Put to the test"),
        (Example(), "x2 → h3", "x2 is 0, so this weight had no part"),
        (Example(x1=1e3), "x1 → h2", "sits where tanh is flat"),
        (Example(target=Example().before().prediction), "h1 → out", "there is no error to share"),
        (Example(target=1e308), "x2 → h3", "too large for the computer"),
    ],
)
def test_a_share_is_explained_in_words(example, weight, words):
    assert words in story.remark(example, SHARES, weight)


def test_the_nudge_measures_what_the_share_promises():
    example, at = Example(), Example().before()
    weights = named(at.weights)
    measured = by_hand(example, weights | {"h1 → out": weights["h1 → out"] + 0.01})[2] - at.loss
    words = story.remark(example, SHARES, "h1 → out")
    promised, changed = (f"{value:.4g}".replace("-", "−") for value in (0.01 * at.share("h1 → out"), measured))
    assert promised in words and f"It changes by {changed}" in words


@for_each("weight", WEIGHTS)
def test_every_line_of_arithmetic_adds_up(weight):
    example = Example(x1=0.7, x2=-1.3, target=2)
    at = example.before()
    for stage in STAGES:
        lines = {
            title: [part for part in parts if not isinstance(part, str)]
            for title, parts in story.arithmetic(example, stage, weight)
        }
        for title, parts in lines.items():
            numbers = [value for _, value in parts]
            if title.startswith("sum at"):
                pairs = zip(numbers[0:-2:2], numbers[1:-2:2], strict=True)
                assert sum(a * b for a, b in pairs) + numbers[-2] == pytest.approx(numbers[-1])
            elif title in NEURONS:
                assert math.tanh(numbers[0]) == pytest.approx(numbers[1])
            elif title == "off by":
                assert numbers[0] - numbers[1] == pytest.approx(numbers[2])
            elif title == "loss" and stage == LOSS:
                assert numbers[0] ** 2 == pytest.approx(numbers[1])
            elif title == "error at out":
                assert 2 * numbers[0] == pytest.approx(numbers[1])
            elif title.startswith("error at") or title == "share":
                assert math.prod(numbers[:-1]) == pytest.approx(numbers[-1])
            elif title == weight:
                assert numbers[0] - numbers[1] * numbers[2] == pytest.approx(numbers[3])
        if stage == SHARES:
            assert lines["share"][-1] == ("share", at.share(weight))


@for_each("field", ["x1", "x2", "target", "learning_rate"])
@for_each("value", HOSTILE)
def test_no_number_breaks_a_stage_and_nan_is_never_said(field, value):
    example = Example(**{field: value})
    for stage in STAGES:
        for weight in WEIGHTS:
            said = [str(story.arithmetic(example, stage, weight)), story.remark(example, stage, weight)]
            assert "nan" not in " ".join(said)
        assert "nan" not in story.in_words(example, stage)
        for table in story.tables(example, stage, WEIGHTS[0]).values():
            drawn = table.select_dtypes("number")
            assert np.isfinite(drawn.to_numpy()).all()
    assert "nan" not in story.all_weights(example).to_string()


def test_the_picture_shows_shares_thick_by_size_and_marks_their_sign():
    at = Example().before()
    edges = story.tables(Example(), SHARES, "x1 → h1")["edges"]
    assert (np.argsort(edges["width"], kind="stable") == np.argsort(np.abs(at.shares), kind="stable")).all()
    assert edges["kind"].tolist() == [
        "zero" if share == 0 else "positive" if share > 0 else "negative" for share in at.shares
    ]
    assert edges["kind"].tolist().count("zero") == 3


def test_the_picture_hides_the_prediction_until_it_is_computed():
    for stage, shown in ((HIDDEN, "?"), (OUTPUT, story.short(Example().before().prediction))):
        nodes = story.tables(Example(), stage)["nodes"].set_index("name")
        assert nodes.loc["prediction", "value"] == shown
    assert len(story.tables(Example(), OUTPUT)["edges"]) == NETWORK.size == len(WEIGHTS)
    assert story.tables(Example(), OUTPUT)["chosen"].empty


@for_each(
    ("value", "words"),
    [
        (0.0, "0"),
        (-1.0, "−1"),
        (0.5336, "0.53"),
        (-0.004, "−4×10⁻³"),
        (1e308, "10³⁰⁸"),
        (-12345.0, "−10⁴"),
        (math.inf, "∞"),
        (math.nan, "overflow"),
        (0.995, "0.99"),
        (100.0, "100"),
    ],
)
def test_a_number_in_a_circle_is_short(value, words):
    assert story.short(value) == words


def test_the_line_has_no_hidden_layer_and_both_start_from_the_seed():
    assert LINE.widths == (2, 1)
    loss = exclusive_or.train_on_xor(3, 0.1).network_loss[0]
    weights = named(NETWORK.start(3))
    first = [
        by_hand(Example(x1=x1, x2=x2, target=y, seed=3), weights)[2]
        for (x1, x2), (y,) in zip(XOR_X, XOR_Y, strict=True)
    ]
    assert loss == pytest.approx(np.mean(first))


def test_every_stop_of_the_dragged_input_is_the_pass_with_that_input():
    stops = story.stops(story.Example(x1=0.55), story.STAGES[1], None)
    assert 0.55 in [stop.value for stop in stops]
    for stop in stops[::10]:
        nodes = stop.tables["nodes"]
        assert nodes.equals(story.tables(story.Example(x1=stop.value), story.STAGES[1])["nodes"])
