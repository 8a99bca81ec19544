"""Lesson 8 as a learner meets it. Its numbers are computed in tests/core/story/."""

from __future__ import annotations

import pytest

from core.story.falling_rate import BATCHES
from core.story.mystery import COUNT, kinds, mystery
from core.story.mystery_words import TITLES
from tests.pages.app import tables

# What the page says, and the words by which it says it.
CLAIMS = {
    "the data moves the limit most": "**2.47\u00a0×\u00a010⁻⁵ on the penguins**",
    "the penguins are introduced": "342 birds: body mass in g against flipper length, about 200 mm",
    "a rate belongs to all four parts": "A rate belongs to all four parts together",
    "a network learns XOR, a line can't": "on exclusive-or a line stops at a loss of 0.25",
    "a half doubles the limit": "from 0.25 to **0.5**",
    "momentum makes the loss rise": "rises in 48 of the first 100 epochs",
    "the loss is swapped in the lab too": "In the network lab the loss can be swapped as well",
    "decay helps with noise": "lower in 20 of 20 draws",
    "decay hurts without": "ends **15 times higher**",
    "the batches' noise counts": "The noise of the batches counts, not that of the data",
    "not without exception": "the best falling one",
}


def right(seed: int, place: int) -> int:
    return mystery(seed, place).question.right


def test_results_wait_for_the_learner_and_explain_what_was_wrong(open_lesson):
    page = open_lesson("what_made_it_deep", quiz="17")
    assert page.gates() == ["deep-swap", "deep-schedule", "quiz-17-0"]
    for words in ("2.47\u00a0×\u00a010⁻⁵", "XOR", "20 of 20 draws", "What ran", "The meter:"):
        assert words not in page.said()
    assert "Next curve" not in [button.label for button in page.app.button]
    next(toggle for toggle in page.app.toggle if toggle.label == "Read the meter").set_value(True)
    page.run()
    assert "The meter:" in page.said()
    assert "What ran" not in page.said()
    page.answer("deep-swap", 2)
    assert "still above 0.01" in page.said()
    assert "### Four parts" in page.said()
    page.answer("deep-schedule", 0)
    assert "Not always: the clean run ends" in page.said()
    question = mystery(17, 0).question
    wrong = (question.right + 1) % 4
    page.answer("quiz-17-0", wrong)
    assert list(question.choices.values())[wrong] in page.said()
    assert question.outcome in page.said()
    assert "Predicted right: 0 of 3" in page.said()
    page.press("Another quiz")
    assert page.gates()[-1] != "quiz-17-0"
    assert "quiz" not in page.app.query_params


def test_every_claim_is_on_the_page_a_lecturer_opens(open_lesson):
    page = open_lesson("what_made_it_deep", gate="0")
    assert page.gates() == []
    assert page.lacks(CLAIMS) == []


def test_the_page_leads_to_the_seven_lessons_and_its_cards_to_the_part_swapped(open_lesson):
    page = open_lesson("what_made_it_deep", gate="0")
    ways = [(way.proto.page, way.proto.query_string) for way in page.app.get("page_link")]
    for way in (
        "one-step",
        "fog",
        "from-scratch",
        "too-high-too-low",
        "backpropagation",
        "input-hidden-output",
        "without-gradients",
    ):
        assert way in {page for page, _ in ways}
    assert ("", "data=penguins") in ways
    assert ("", "optimizer=momentum&momentum=0.9") in ways
    assert ("one-step", "half=true") in ways


def test_ten_curves_are_counted_summed_up_and_can_be_seen_again(open_lesson):
    page = open_lesson("what_made_it_deep", quiz="17")
    for place in range(COUNT):
        assert f"Curve **{place + 1} of {COUNT}**" in page.said()
        if place == 3:
            page.skip(f"quiz-17-{place}")
        else:
            page.answer(f"quiz-17-{place}", right(17, place) if place else (right(17, 0) + 1) % 4)
        page.press("Next curve" if place + 1 < COUNT else "How it went")
    assert "### 8 right of 9 answered, 1 skipped" in page.said()
    assert "Predicted right: 8 of 9" in page.said()
    table = tables(page.app)[0]
    assert [row["what it was"] for row in table] == [TITLES[kind] for kind in kinds(17)]
    wrong = list(mystery(17, 0).question.choices)[(right(17, 0) + 1) % 4]
    assert [row["your answer"] for row in table] == [f"wrong: {wrong}", "right", "right", "skipped", *["right"] * 6]
    assert "Only the meter told them apart" in page.said()
    page.press("Look at the ten again")
    assert f"Curve **1 of {COUNT}**" in page.said()
    assert "What ran" in page.said()


def test_a_lecturer_sees_each_truth_at_once_and_goes_on(open_lesson):
    page = open_lesson("what_made_it_deep", gate="0", quiz="17")
    for place, kind in enumerate(kinds(17)):
        assert TITLES[kind] in page.said()
        assert "The meter:" in page.said()
        assert ("The meter: **1.99" in page.said()) == (kind == "at_limit"), "just below the limit is not rounded to 2"
        page.press("Next curve" if place + 1 < COUNT else "How it went")
    assert "right" not in page.said().split("All **10** curves seen")[1].split("Curves ")[0]


def test_a_link_is_the_same_quiz_and_no_link_a_new_one(open_lesson):
    linked = [open_lesson("what_made_it_deep", quiz="17").gates()[-1] for _ in range(2)]
    assert linked == ["quiz-17-0"] * 2
    fresh = {open_lesson("what_made_it_deep").gates()[-1] for _ in range(4)}
    assert len(fresh) == 4


def test_a_fresh_quiz_stays_while_the_page_is_used(open_lesson):
    page = open_lesson("what_made_it_deep")
    first = page.gates()[-1]
    page.skip("deep-swap")
    assert page.gates()[-1] == first


@pytest.mark.parametrize("asked", ["abc", "-3", "²"])
def test_a_link_that_names_no_quiz_is_told_so(open_lesson, asked):
    page = open_lesson("what_made_it_deep", quiz=asked)
    assert "a new one was drawn" in page.said()
    assert page.gates()[-1].startswith("quiz-")


@pytest.mark.parametrize(
    ("batch", "rate"),
    [*zip(BATCHES, ("0.08", "0.12", "0.16"), strict=True), ("1e308", "0.08"), ("-3", "0"), ("4", "0.2")],
)
def test_a_race_is_shown_whatever_the_link_says(open_lesson, batch, rate):
    page = open_lesson("what_made_it_deep", gate="0", schedule_batch=batch, schedule_rate=rate)
    assert "Points in each step" in [group.label for group in page.app.get("button_group")]
    assert "nan" not in page.said()
