"""Lesson 6 as a learner meets it. The numbers of its claims are computed in tests/core/story/."""

from __future__ import annotations

import pytest

from core.story.input_hidden_output import STAGES, WEIGHTS, Example
from core.training import train

# What the page says, and the words by which it says it.
CLAIMS = {
    "the output's bias has the largest share": "The bias of out: **−3.067**",
    "the largest weight has none": "x2 → h3 with 0",
    "a share is input times error": "a weight's share is its input times the error at its output",
    "a hidden neuron bends its sum": "a hidden neuron first bends it with **tanh** into −1 to 1",
    "the rule stands before the question": "is its input times the error at its output",
    "the question says what the picture says": "the network says about **−0.53**",
    "a long step of all weights ends further off": "From −0.5336 to **2.891**: off by 1.534 before, by 1.891 now",
    "the line stops at the variance": "At **0.25**, the variance of the targets",
    "every seed learns it": "Of the 20 seeds, **20** bring the loss below 0.001",
    "a plateau is not always the end": "A plateau is not always the end",
    "both trainers agree": "on every weight after 200 steps",
}
FIELDS = ("x1", "x2", "target", "learning rate", "learning rate of the training")
GATES = ["network-share", "network-step", "network-line"]


def labels(page) -> list[str]:
    return [field.label for field in page.app.number_input]


def test_before_the_learner_has_committed_only_the_network_in_question_is_shown(open_lesson):
    page = open_lesson("input_hidden_output")
    assert page.gates() == GATES[:1]
    for words in ("-3.067", "2.891", "0.25", "1 Hidden", "Train it", "agree"):
        assert words not in page.said()
    assert labels(page) == []
    assert len(page.app.get("vega_lite_chart")) == 1
    assert "Lines are weights" in page.said()
    assert CLAIMS["the rule stands before the question"] in page.said()


def test_every_claim_is_on_the_page_a_lecturer_opens(open_lesson):
    page = open_lesson("input_hidden_output", gate="0", net_stage=STAGES[3])
    assert page.gates() == []
    assert page.lacks(CLAIMS) == []
    assert "agree to **" in page.said() or "agree **exactly**" in page.said()  # the last digits are the processor's


def test_questions_open_one_after_the_other(open_lesson):
    page = open_lesson("input_hidden_output")
    page.answer("network-share", 3)
    assert "right" in page.said()
    assert page.gates() == GATES[1:]
    assert "Was it luck" not in page.said()
    page.answer("network-step", 3)
    page.answer("network-line", 1)
    assert page.gates() == []
    assert "Predicted right: 3 of 3" in page.said()
    assert "Was it luck" in page.said()


@pytest.mark.parametrize(
    "answers",
    [
        [
            (0, "x2 is 0, so it had no part"),
            (0, "Together they move the prediction by 3.424, where 1.534 was needed"),
            (0, "no plane is high at two opposite corners"),
        ],
        [
            (1, "Its share is 0.9532"),
            (1, "h3 → out alone would lead to 0.5465"),
            (2, "Each is off by 0.5, and squared that is 0.25"),
        ],
        [
            (2, "Its share is 2.574"),
            (2, "off by 1.534 before and by 1.891 now"),
            (3, "it falls steadily, and stops at 0.25"),
        ],
    ],
)
def test_wrong_choices_are_explained_with_the_numbers_of_the_run(open_lesson, answers):
    page = open_lesson("input_hidden_output")
    for question, (choice, why) in zip(GATES, answers, strict=True):
        page.answer(question, choice)
        assert why in page.said()
    assert "Predicted right: 0 of 3" in page.said()


def test_each_stage_shows_its_own_arithmetic_and_takes_any_number(open_lesson):
    words = ("sum at h1", "sum at out", "off by", "Put to the test", "Nearer: off by")
    for stage, said in zip(STAGES, words, strict=True):
        page = open_lesson("input_hidden_output", gate="0", net_stage=stage)
        assert said in page.said()
        for field in FIELDS:
            for value in (0, 1e308, -1e308, 1e-300, -3) if stage == STAGES[-1] else (-1e308,):
                page.enter(field, value)
                assert "nan" not in page.said(), (stage, field, value)


@pytest.mark.parametrize("weight", [WEIGHTS[0], WEIGHTS[-1]])
def test_a_weight_can_be_looked_at_from_a_link(open_lesson, weight):
    page = open_lesson("input_hidden_output", gate="0", net_stage=STAGES[4], net_weight=weight)
    assert page.app.selectbox[0].value == weight
    assert f"{Example().before().weight(weight):.4g}".replace("-", "−") in page.said()
    page.app.toggle[0].set_value(True)
    page.run()
    table = page.app.table[0].value
    assert table["weight"].tolist() == list(WEIGHTS)
    assert table["share of the error"].tolist()[-1] == "−3.067"


def test_a_link_holds_every_number(open_lesson):
    page = open_lesson(
        "input_hidden_output",
        gate="0",
        net_x1="0.5",
        net_x2="-1",
        net_target="2",
        net_rate="0.2",
        net_training="0.3",
        net_seed="3",
    )
    assert [field.value for field in page.app.number_input] == [0.5, -1, 2, 0.2, 0.3]
    assert page.app.slider[0].value == 3


def test_without_pytorch_everything_but_the_comparison_is_there(open_lesson, monkeypatch):
    monkeypatch.setattr(train, "torch_is_installed", lambda: False)
    page = open_lesson("input_hidden_output", gate="0")
    assert train.TORCH_MISSING in page.said()
    assert "Was it luck" in page.said()
    assert "on every weight after" not in page.said()
