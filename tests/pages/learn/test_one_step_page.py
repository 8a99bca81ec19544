"""Lesson 1 as a learner meets it. The numbers of its claims are computed in tests/core/story/test_one_step.py."""

from __future__ import annotations

import pytest

# What the page says, and the words by which it says it.
CLAIMS = {
    "one step at 0.1 leads from 1 to 4.2": "w = 1 − 0.1 × (−32) = **4.2**",
    "each step leaves a fifth of the distance": "Each step leaves 0.2 of the distance to the best w",
    "at 0.25 it bounces for ever": "w goes 1, 9, 1, 9",
    "with a half the same rate leads to 2.6": "= **2.6**: half the gradient, half the step",
    "and the limit doubles": "The limit doubles, from 0.25 to 0.5",
    "one rate lands at once": "The rate that lands in one step",
}
FIELDS = ("x, the input", "y, what it should give", "w at the start", "learning rate")


def test_nothing_is_shown_before_the_learner_has_committed(open_lesson):
    page = open_lesson("one_step")
    assert page.gates() == ["one-step"]
    for words in ("4.2", "Next step", "Three rates to find"):
        assert words not in page.said()
    page.press("Commit")
    assert "Choose an answer first" in page.said()
    assert page.gates() == ["one-step"]


def test_every_claim_is_on_the_page_a_lecturer_opens(open_lesson):
    page = open_lesson("one_step", gate="0")
    assert page.gates() == []
    assert page.lacks(CLAIMS) == []


def test_a_right_prediction_opens_the_picture_and_counts(open_lesson):
    page = open_lesson("one_step")
    page.answer("one-step", 4.2)
    assert "You predicted** · :green[:material/check_circle:] correct" in page.said()
    assert "Predicted right: 1 of 1" in page.said()
    assert page.gates() == ["one-step-bounce", "one-step-half"]


@pytest.mark.parametrize(
    ("slip", "why"),
    [
        (-2.2, "the minus turns it downhill"),
        (33, "rate scales the gradient first"),
        (3.2, "w starts at 1"),
        (7, "w − lr"),
    ],
)
def test_each_known_slip_is_explained(open_lesson, slip, why):
    page = open_lesson("one_step")
    page.answer("one-step", slip)
    assert why in page.said()
    assert "Predicted right: 0 of 1" in page.said()


def test_a_skipped_question_opens_too_and_does_not_count_and_a_wrong_choice_is_explained(open_lesson):
    page = open_lesson("one_step")
    page.skip("one-step")
    assert "Next step" in [button.label for button in page.app.button]
    assert "Predicted right" not in page.said()
    page.answer("one-step-bounce", 0)
    assert "from 1 straight to 9" in page.said()
    assert not page.app.toggle
    page.answer("one-step-half", 2.6)
    assert page.app.toggle[0].label == "A half in front of the loss"


def test_steps_go_on_and_back_and_the_three_rates_stay_found(open_lesson):
    page = open_lesson("one_step", gate="0")
    page.press("Next step")
    assert "after **2** steps" in page.said()
    assert "4.84" in page.said()
    page.press("Step back")
    page.press("Step back")
    assert "after **0** steps" in page.said()
    for rate in (0.125, 0.25, 0.2501):
        page.enter("learning rate", rate)
    assert page.said().count(":green[:material/check_circle:]") == 3


def test_a_link_holds_every_number(open_lesson):
    page = open_lesson("one_step", gate="0", rate="0.125", x="3", y="12", w="-1", half="true")
    assert "= <" not in page.said()
    assert [field.value for field in page.app.number_input] == [3, 12, -1, 0.125]
    assert page.app.toggle[0].value is True


@pytest.mark.parametrize("half", ["true", "false"])
def test_any_number_is_taken_and_said_what_is_done_with_it(open_lesson, half):
    page = open_lesson("one_step", gate="0", half=half)
    for field in FIELDS:
        for value in (0, 1e308, -1e308, 1e-300, -3):
            page.enter(field, value)
            assert "nan" not in page.said(), (field, value)


def test_a_link_that_holds_no_number_is_told_what_is_used(open_lesson):
    page = open_lesson("one_step", gate="0", rate="abc", x="1e999", y="inf", w="", half="maybe")
    for word, used in {"rate=abc": 0.1, "x=1e999": 2, "y=inf": 10, "w=": 1, "half=maybe": "off"}.items():
        assert f"The link's {word} can't be; {used} is used." in page.said()
    page.enter("learning rate", 0.2)
    assert "The link's rate" not in page.said()


def test_a_link_cannot_show_what_a_session_keeps_for_itself(open_lesson):
    page = open_lesson("fog", gate="0", fog_walk="1", answers="1", judged="x", lessons="2")
    assert "The link's" not in page.said()
