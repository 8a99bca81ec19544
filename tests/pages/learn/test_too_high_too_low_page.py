"""Lesson 4 as a learner meets it. The numbers of its claims are computed in tests/core/story/."""

from __future__ import annotations

import pytest

# What the page says, and the words by which it says it.
CLAIMS = {
    "too high does not zig-zag": "a rate that is too high makes the loss zig-zag. Here it does not: at rate 1 it went "
    "up in **112 of 112** epochs",
    "smaller is not safer": "a smaller rate is always the safer one. At 0.000001 nothing breaks, and nothing is",
    "a millionth takes 15.9 million epochs": "**15.9 million epochs**",
    "the limit is known and measured": "2\u00a0/\u00a023.66190\u00a0=\u00a0**0.0845241**, known before the first step",
    "no NaN is not stable": "stable as long as no NaN appears. At 0.085, 0.6 % above the limit",
    "it overflows in the end": "at epoch **31,450** it overflows",
    "NaN is said": "NaN, not a number, is what",
    "a mini-batch is said": "of which each step sees only 4, a **mini-batch**",
    "momentum is said": "each step adds 0.9 of the step before",
    "w flips while the loss rises": "**w** changes sides in 20 of 20 steps, while the **loss** rises in 20 of 20",
    "momentum zig-zags": "The loss rises in **48 of 100** epochs",
    "mini-batches zig-zag": "in **50 of 100** epochs; with all points in each step, in 0",
    "a loss that is no bowl zig-zags": "**21 rises in 40** steps",
    "at 1.2 two values for ever": "w visits 2 values in turn, for ever: 0.7313, 1.14",
    "the values double until there is no end": "1 at 0.99, 2 at 1.01, 2 at 1.2, 4 at 1.25, 16 at 1.3, no end at 1.45",
    "a rise need not be a failure": "a loss that rises means a failed run. At 2.5 it rose **50-fold** in 6 steps, then "
    "trained",
    "there is no one best rate": "there is one best rate for a problem. On these five points it is **0.04226, 0.06535, "
    "0.08114, 0.08311** for 1, 10, 100, 1,000 epochs",
}
QUESTIONS = ["too-high", "stability-limit", "double-valley", "catapult"]
HEADINGS = [
    "The limit, known before",
    "Where the zig-zag really lives",
    "A network above its limit",
    "There is no one best rate",
]


def test_nothing_is_shown_before_the_learner_has_committed(open_lesson):
    page = open_lesson("too_high_too_low")
    assert page.gates() == QUESTIONS[:1]
    for words in ("112 of 112", "overflow", "0.0845", *HEADINGS):
        assert words not in page.said()


def test_each_answer_opens_the_way_to_the_next_question(open_lesson):
    page = open_lesson("too_high_too_low")
    for at, (key, answer) in enumerate(zip(QUESTIONS, (1, 0.0845, 1, 1), strict=True)):
        assert page.gates() == [key]
        page.answer(key, answer)
        assert HEADINGS[at] in page.said()
    assert page.gates() == []
    assert "Predicted right: 4 of 4" in page.said()


def test_every_claim_is_on_the_page_a_lecturer_opens(open_lesson):
    page = open_lesson("too_high_too_low", gate="0")
    assert page.gates() == []
    assert page.lacks(CLAIMS) == []
    assert page.said().count("**Many believe**") == 5


@pytest.mark.parametrize(
    "answers",
    [
        [
            (0, "112 went up and 0 went down"),
            (5.92, "flattest direction"),
            (0, "each step lands"),
            (0, "only until step 6"),
        ],
        [(2, "from 44 to 22,572"), (-3, "steepest explodes first"), (2, "0.7313 and 1.14"), (2, "1.274")],
    ],
)
def test_wrong_answers_are_explained_with_the_numbers_of_the_run(open_lesson, answers):
    page = open_lesson("too_high_too_low")
    for key, (wrong, why) in zip(QUESTIONS, answers, strict=True):
        assert why not in page.said()
        page.answer(key, wrong)
        assert why in page.said()
    assert "Predicted right: 0 of 4" in page.said()


def test_a_question_does_not_give_its_answer_away(open_lesson):
    page = open_lesson("too_high_too_low")
    for key, secrets in zip(
        QUESTIONS,
        (["every epoch higher"], ["0.0845"], ["0.7313", "chaos", "rises in 40"], ["25.42", "50-fold", "failed run"]),
        strict=True,
    ):
        for secret in secrets:
            assert secret not in page.said()
        page.skip(key)
        assert secrets[0] in page.said()


def test_a_tried_rate_gets_its_verdict(open_lesson):
    page = open_lesson("too_high_too_low", gate="0")
    page.enter("A rate to try", 0.09)
    assert "Unstable: in the steepest direction" in page.said()
    assert "it rose in 100 of 100 epochs" in page.said()


def test_a_link_holds_what_was_chosen(open_lesson):
    page = open_lesson("too_high_too_low", gate="0", try_rate="0.05", valley_rate="1.3", catapult="4.5", budget="100")
    said = page.said()
    assert "rose in 0 of 100" in said
    assert "w visits 16 values" in said
    assert "the run diverges" in said
    assert "After 100 epochs the least loss is 1.87\u00a0×\u00a010⁻⁴, at rate **0.08114**, the dot" in said


def test_any_number_is_taken_and_said_what_is_done_with_it(open_lesson):
    page = open_lesson("too_high_too_low", gate="0", try_rate="1e999", valley_rate="x", catapult="-7", budget="")
    for value in (0, -3, 1e308, -1e308, 1e-300):
        for field in ("A rate to try", "A rate for this valley"):
            page.enter(field, value)
            assert "nan" not in page.said().replace("NaN", ""), (field, value)
            assert "infinity" not in page.said()
