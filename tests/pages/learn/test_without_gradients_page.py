"""Lesson 7 as a learner meets it. The numbers of its claims are computed in tests/core/story/test_without_gradients.py.

What the methods do is tested in tests/core/diagnosis/test_alternatives.py.
"""

from __future__ import annotations

import pytest

from core.story.without_gradients import DIMENSIONS, secret
from core.training import train

# What the page says, and the words by which it says it.
CLAIMS = {
    "a gradient step counts as three": "A gradient step counts as 3",
    "in two dimensions doing without gradients is fine": "With two numbers to find, doing without gradients is fine",
    "gradient descent takes 924 evaluations": "Gradient descent: 924",
    "random search does not arrive": "| random search | over 2,000 |",
    "a hundred numbers take evolution tens of times as many": "28 times as many",
    "gradient descent does not mind dimension": "308 steps for two numbers and 254 for 100",
    "a gradient knows every direction": "A gradient says for every number at once which way is down",
    "random search in 100 dimensions is hopeless": "$10^{407}$ draws",
    "the closed form costs d / 3 evaluations": "| closed form | as much arithmetic as 33 evaluations |",
    "the best rate is made of both curvatures": "the rate 2 / (largest + smallest curvature), ",
    "trees need no gradient": "**A tree's answers jump**",
    "a network has neither closed form nor few numbers": "**A network has neither**",
    "Griewank's bound": "at most about four times the loss alone (Griewank and Walther 2008)",
}
TIME_IT = "Time it on this machine"


def buttons(page) -> list[str]:
    return [button.label for button in page.app.button]


def move(page, label: str, value: float) -> None:
    next(slider for slider in page.app.slider if slider.label == label).set_value(value)
    page.run()


def test_nothing_is_shown_before_the_learner_has_committed(open_lesson):
    page = open_lesson("without_gradients")
    assert page.gates() == ["without-two"]
    assert not page.app.slider
    for words in ("924", "1,844", "by hand?", "10^{407}"):
        assert words not in page.said()


def test_the_second_question_hides_more_numbers_and_the_clock(open_lesson):
    page = open_lesson("without_gradients")
    page.answer("without-two", 2)
    assert page.gates() == ["without-many"]
    assert "Predicted right: 1 of 1" in page.said()
    assert [slider.label for slider in page.app.slider] == ["w", "b"]
    assert not page.app.select_slider
    assert TIME_IT not in buttons(page)
    assert "28 times" not in page.said()


def test_every_claim_is_on_the_page_a_lecturer_opens(open_lesson):
    page = open_lesson("without_gradients", gate="0")
    assert page.gates() == []
    assert page.lacks(CLAIMS) == []


@pytest.mark.parametrize(
    ("answer", "why"),
    [(0, "Two of them do"), (1, "gradient descent 924"), (3, "1.8\u00a0×\u00a010⁸ draws to hit 10⁻⁶")],
)
def test_wrong_choices_are_explained_with_the_numbers_of_the_race(open_lesson, answer, why):
    page = open_lesson("without_gradients")
    page.answer("without-two", answer)
    assert why in page.said()
    page.answer("without-many", 3)
    assert "Not that many" in page.said()
    assert "evaluations against 762" in page.said()
    assert "Predicted right: 0 of 2" in page.said()


@pytest.mark.parametrize("dimensions", DIMENSIONS)
def test_a_link_opens_the_race_in_its_dimension(open_lesson, dimensions):
    page = open_lesson("without_gradients", gate="0", numbers=str(dimensions))
    assert page.app.selectbox[0].value == dimensions
    assert "nan" not in page.said()


@pytest.mark.parametrize("asked", ["0", "many"])
def test_a_link_that_asks_for_another_dimension_gets_a_hundred_and_is_told(open_lesson, asked):
    page = open_lesson("without_gradients", gate="0", numbers=asked)
    assert page.app.selectbox[0].value == 100
    assert f"The link's numbers={asked} can't be; 100 is used." in page.said()


def test_tries_by_hand_are_counted_and_found(open_lesson):
    page = open_lesson("without_gradients", gate="0")
    w, b = (round(float(value), 1) for value in secret(0).best)
    assert "Move a slider" in page.said()
    for tries, (slider, value) in enumerate([("w", -10), ("b", 10), ("w", w)], 1):
        move(page, slider, value)
        assert f"Try {tries}: loss" in page.said()
        assert "nan" not in page.said()
    move(page, "b", b)
    assert "you found the line.** Try 4" in page.said()
    page.press("Another secret line")
    assert "Move a slider" in page.said()
    assert [slider.value for slider in page.app.slider] == [0, 0]


def test_the_clock_runs_when_asked_and_then_asks_before_it_tells(open_lesson):
    page = open_lesson("without_gradients")
    page.skip("without-two")
    page.skip("without-many")
    assert page.gates() == []
    page.press(TIME_IT)
    assert page.gates() == ["without-scale"]
    assert "terabytes" not in page.said()
    page.answer("without-scale", 3)
    assert "Measured:" in page.said() or "Exactly." in page.said()
    for words in ("| 999,997 |", "| 9,998,241 |", "$10^{13}$ draws", "800 terabytes", "On this machine"):
        assert words in page.said()


def test_without_pytorch_the_race_runs_and_the_clock_says_what_is_missing(open_lesson, monkeypatch):
    monkeypatch.setattr(train, "torch_is_installed", lambda: False)
    page = open_lesson("without_gradients", gate="0")
    assert train.TORCH_MISSING in page.said()
    assert TIME_IT not in buttons(page)
    assert "28 times as many" in page.said()
