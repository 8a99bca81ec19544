"""Lesson 3 as a learner meets it. The numbers of its claims are computed in tests/core/story/test_from_scratch.py."""

from __future__ import annotations

import html
import re

import pytest

from core.story.article_loop import script
from core.story.from_scratch import PARABOLA

# What the page says, and the words by which it says it.
CLAIMS = {
    "loss is found before the step": "`loss` is **44**. The loss is found first",
    "the next pass finds the lower one": "The next pass finds **25.66**",
    "the loop's run is read by the lab": "The whole run of 1,000 epochs: **learns slowly.** The loss falls "
    "steadily. It works, 8.2 times slower than 0.081. The loss went from 44 to 5.51\u00a0×\u00a010⁻⁵.",
    "down": "From 44 to 0.02447. **Learns slowly:** the loss falls steadily",
    "up": "From 44 to 42,135. **Exploding:** the loss rises",
    "flat": "From 44 to 43.79: it hardly falls.",
    "A is too low, and can be raised": "At ten times that, the loss comes to **13.91**",
    "A and B look alike": "It stays within 0.057 % of A from the first epoch to the last",
    "B is at the limit": "3,500 times that of A, **just under the limit**, and the meter reads **1.999**",
    "flat means raise the rate: it does not": "**flat does not mean raise the rate**",
    "C is a model too small": "no line has a loss below **2.8**",
    "C has nothing left to follow": "the gradient at the end is 1.02\u00a0×\u00a010⁻⁹",
    "a plateau means converged: it does not": "**a plateau does not mean converged**",
    "a larger model goes on": f"{PARABOLA}, comes to **5.13\u00a0×\u00a010⁻⁹**",
    "the three causes": "**The model is not powerful enough.**",
    "the meter of A": "Gradient **43.08**, meter **5.75\u00a0×\u00a010⁻⁴**",
    "the meter of B": "Gradient **43.11**, meter **1.999**",
    "the meter of C": "Gradient **1.02\u00a0×\u00a010⁻⁹**, meter can't be read, no step is left",
    "each rate stands with its curve": "**Down, at rate 0.01**",
    "flat is not told by its curve": "A flat curve is the hardest to read: it has three common causes",
    "the remedy of A": ":material/arrow_forward: Raise the rate to 3 times as much, look again, and repeat.",
    "a low meter is no promise": "a low reading does not promise that every larger rate is safe",
}
GATES = ["scratch-loop", "scratch-flat-a", "scratch-flat-b", "scratch-flat-c"]


def listed(page) -> list[tuple[str, str, str]]:
    """(age, code, state) of each line of the listing."""
    # The last: the one before it is the opening's picture.
    *_, body = [block.proto.body for block in page.app.get("html") if 'class="loop"' in block.proto.body]
    lines = re.findall(r'<div class="(now|new|old)".*?<code>(.*?)</code><span>(.*?)</span></div>', body)
    return [(age, html.unescape(code), re.sub("<[^>]*>", "", html.unescape(state))) for age, code, state in lines]


def now(page) -> tuple[str, str]:
    """(code, state) of the line that has just run."""
    ((code, state),) = [(code, state) for age, code, state in listed(page) if age == "now"]
    return code.strip(), state


def test_the_code_is_shown_and_no_result_before_the_learner_has_committed(open_lesson):
    page = open_lesson("from_scratch")
    assert page.gates() == ["scratch-loop"]
    assert [code for _, code, _ in listed(page)] == script(0.01, 1).rstrip().splitlines()
    assert ("new", "    loss = np.mean((y - y_pred) ** 2)", "loss = ?") in listed(page)
    for words in ("Next line", "How to read", "25.66**", "Curve A"):
        assert words not in page.said()


def test_every_claim_is_on_the_page_a_lecturer_opens(open_lesson):
    page = open_lesson("from_scratch", gate="0")
    assert page.gates() == []
    assert page.lacks(CLAIMS) == []


def test_any_rate_is_taken_and_the_limit_is_left_for_lesson_4_to_ask(open_lesson):
    page = open_lesson("from_scratch", gate="0")
    for rate in (0.01, 1, 0.086, 1e308, 0, -3, -1e308, 1e-300):
        page.enter("lr, the learning rate", rate)
        assert "0.084" not in page.said()
        assert "nan" not in page.said()
    for label in ("Previous line", "Next line"):
        page.press(label)
        assert "nan" not in page.said()
    page.enter("epochs", 1)
    for rate in (1e308, 0):
        page.enter("lr, the learning rate", rate)
        page.press("Previous line")
        assert "nan" not in page.said()


def test_each_question_waits_for_the_one_before_and_readings_come_only_with_the_answer(open_lesson):
    page = open_lesson("from_scratch")
    readings = (None, "5.75\u00a0×\u00a010⁻⁴", "1.999", "can't be read")
    for place, (key, reading) in enumerate(zip(GATES, readings, strict=True)):
        assert page.gates() == [key]
        assert reading is None or reading not in page.said()
        page.skip(key)
        assert reading is None or reading in page.said()
        assert ("A larger model" in page.said()) == (place == 3)
        if place == 0:  # the flat cards do not answer the question below them
            for words in ("Too slow", "aise the rate", "typical meter"):
                assert words not in page.said()
    assert page.gates() == []


ANSWERED = [
    (
        (1, 1, 0, 0),
        (
            "nothing has worked it out yet",
            "At half its rate the loss comes to 41.54 only",
            "It was right for A. Here ten times the rate takes the loss to 2.33\u00a0×\u00a010²⁵⁷",
            "At twice the rate the loss is 2.8",
        ),
        0,
    ),
    (
        (2, 2, 1, 1),
        ("only part of the way", "The model is not the problem", "right", "At half the rate the loss is 2.8"),
        1,
    ),
    ((0, 0, 2, 3), ("right", "right", "The model is not the problem", "it is 2.8 still"), 2),
    ((0, 0, 1, 2), ("right",) * 4, 4),
]


@pytest.mark.parametrize(("answers", "whys", "right"), ANSWERED)
def test_wrong_choices_are_explained_with_the_numbers_of_the_run_and_right_ones_count(
    open_lesson, answers, whys, right
):
    page = open_lesson("from_scratch")
    for key, answer, why in zip(GATES, answers, whys, strict=True):
        page.answer(key, answer)
        assert why in page.said()
    assert f"Predicted right: {right} of 4" in page.said()


def test_lines_go_on_and_back_and_say_what_they_changed(open_lesson):
    page = open_lesson("from_scratch", gate="0")
    assert now(page) == ("b = b - lr * db", "b = 0.12 was 0")
    page.press("Previous line")
    assert now(page) == ("w = w - lr * dw", "w = 0.44 was 0")
    for _ in range(4):
        page.press("Next line")
    assert now(page) == ("loss = np.mean((y - y_pred) ** 2)", "loss = 25.66 was 44")
    page.press("Next epoch")
    assert now(page) == ("b = b - lr * db", "b = 0.2112 was 0.12")
    assert "epoch = 1" in [state for _, _, state in listed(page)]
    page.app.slider[0].set_value(0)
    page.run()
    for _ in range(7):
        page.press("Previous line")
    assert "The loop has not begun" in page.said()
    assert next(button for button in page.app.button if button.label == "Previous line").disabled


def test_any_epoch_can_be_gone_to_and_fewer_epochs_bring_a_walker_back_to_the_end(open_lesson):
    page = open_lesson("from_scratch", gate="0")
    page.app.slider[0].set_value(999)
    page.run()
    states = [state for _, _, state in listed(page)]
    assert "epoch = 999" in states
    assert "loss = 5.55\u00a0×\u00a010⁻⁵" in states
    assert [button.disabled for button in page.app.button if button.label.startswith("Next")] == [True, True]
    for epochs in (3, 1):
        page.enter("epochs", epochs)
        assert f"epoch = {epochs - 1}" in [state for _, _, state in listed(page)]


def test_a_link_holds_rate_and_epochs_and_the_listing_is_the_text_that_is_run(open_lesson):
    page = open_lesson("from_scratch", gate="0", loop_rate="0.0845", loop_epochs="100")
    assert [field.value for field in page.app.number_input] == [0.0845, 100]
    assert "**at the limit.**" in page.said()
    assert [code for _, code, _ in listed(page)] == script(0.0845, 100).splitlines()


@pytest.mark.parametrize(("rate", "epochs"), [("nan", "0"), ("fast", "many")])
def test_a_link_that_can_not_be_is_refused_in_words_and_leaves_a_loop_that_runs(open_lesson, rate, epochs):
    page = open_lesson("from_scratch", gate="0", loop_rate=rate, loop_epochs=epochs)
    assert f"The link's loop-rate={rate} can't be; 0.01 is used." in page.said()
    assert 1 <= page.app.number_input[1].value <= 1000
    assert now(page)[0] == "b = b - lr * db"


def test_a_rate_without_end_leaves_the_articles_in_the_field_and_in_the_code(open_lesson):
    page = open_lesson("from_scratch", gate="0")
    for rate in (float("inf"), -float("inf")):
        page.enter("lr, the learning rate", rate)
        assert page.app.number_input[0].value == 0.01
        assert "lr = 0.01" in [code for _, code, _ in listed(page)]
        assert "loss = 44" in [state for _, _, state in listed(page)]
