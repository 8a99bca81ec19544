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
    "the loop's run is read by the lab": "The whole run of 1,000 epochs: **good.** The loss falls steadily. "
    "The loss went from 44 to 5.51e-5.",
    "down": "From 44 to 0.02447. **Good:** the loss falls steadily",
    "up": "From 44 to 42,135. **Exploding:** the loss rises",
    "flat": "From 44 to 43.79: it hardly falls.",
    "A is too low, and can be raised": "At ten times that, the loss comes to **13.91**",
    "A and B look alike": "It stays within 0.057 % of A from the first epoch to the last",
    "B is at the limit": "3,500 times that of A, **just under the limit**, and the meter reads **1.999**",
    "flat means raise the rate: it does not": "**flat does not mean raise the rate**",
    "C is a model too small": "no line has a loss below **2.8**",
    "C has nothing left to follow": "the gradient at the end is 1.02e-9",
    "a plateau means converged: it does not": "**a plateau does not mean converged**",
    "a larger model goes on": f"{PARABOLA}, comes to **5.13e-9**",
    "the three causes": "**The model is not powerful enough.**",
    "the meter of A": "Gradient **43.08**, meter **5.75e-4**",
    "the meter of B": "Gradient **43.11**, meter **1.999**",
    "the meter of C": "Gradient **1.02e-9**, meter can't be read, no step is left",
    "each rate stands with its curve": "**Down, at rate 0.01**",
    "flat is not told by its curve": "Flat is the hard one: it has three common causes",
    "the remedy of A": ":material/arrow_forward: Raise the rate by 3 to 10 times and look again.",
    "a low meter is no promise": "a low reading does not promise that every larger rate is safe",
}
GATES = ["scratch-loop", "scratch-flat-a", "scratch-flat-b", "scratch-flat-c"]


def listed(page) -> list[tuple[str, str, str]]:
    """(age, code, state) of each line of the listing."""
    (body,) = [block.proto.body for block in page.app.get("html") if 'class="loop"' in block.proto.body]
    lines = re.findall(r'<div class="(now|new|old)".*?<code>(.*?)</code><span>(.*?)</span></div>', body)
    return [(age, html.unescape(code), re.sub("<[^>]*>", "", html.unescape(state))) for age, code, state in lines]


def now(page) -> tuple[str, str]:
    """(code, state) of the line that has just run."""
    ((code, state),) = [(code, state) for age, code, state in listed(page) if age == "now"]
    return code.strip(), state


def test_the_code_is_shown_and_no_result_before_the_learner_has_committed(open_lesson):
    page = open_lesson("from_scratch")
    assert page.gates() == ["scratch-loop"]
    assert page.app.code[0].value.strip() == script(0.01, 1000).strip()
    for words in ("Next line", "How to read", "25.66**", "Curve A"):
        assert words not in page.said()


@pytest.mark.parametrize("claim", CLAIMS)
def test_the_claim_is_on_the_page_a_lecturer_opens(open_lesson, claim):
    page = open_lesson("from_scratch", gate="0")
    assert page.gates() == []
    assert CLAIMS[claim] in page.said()


def test_the_listing_is_the_text_that_is_run(open_lesson):
    page = open_lesson("from_scratch", gate="0", loop_rate="0.02", loop_epochs="7")
    assert [code for _, code, _ in listed(page)] == script(0.02, 7).splitlines()


def test_each_question_waits_for_the_one_before(open_lesson):
    page = open_lesson("from_scratch")
    for place, key in enumerate(GATES):
        assert page.gates() == [key]
        page.skip(key)
        assert ("A larger model" in page.said()) == (place == 3)
    assert page.gates() == []


def test_the_flat_cards_do_not_answer_the_question_below_them(open_lesson):
    page = open_lesson("from_scratch")
    page.skip("scratch-loop")
    assert page.gates() == ["scratch-flat-a"]
    for words in ("Too slow", "aise the rate", "typical meter"):
        assert words not in page.said()


def test_the_limit_is_left_for_lesson_4_to_ask(open_lesson):
    assert "0.084" not in open_lesson("from_scratch", gate="0").said()
    for rate in ("1", "0.086", "1e308"):
        assert "0.084" not in open_lesson("from_scratch", gate="0", loop_rate=rate).said()


def test_readings_come_only_with_the_answer(open_lesson):
    page = open_lesson("from_scratch")
    page.skip("scratch-loop")
    for key, reading in zip(GATES[1:], ("5.75e-4", "1.999", "can't be read"), strict=True):
        assert reading not in page.said()
        page.skip(key)
        assert reading in page.said()


@pytest.mark.parametrize(
    ("key", "answer", "why"),
    [
        ("scratch-loop", 1, "nothing has worked it out yet"),
        ("scratch-loop", 2, "only part of the way"),
        ("scratch-flat-a", 1, "At half its rate the loss comes to 41.54 only"),
        ("scratch-flat-a", 2, "It is not the model"),
        ("scratch-flat-b", 0, "It was right for A. Here ten times the rate takes the loss to 2.33e257"),
        ("scratch-flat-b", 2, "It is not the model"),
        ("scratch-flat-c", 0, "At twice the rate the loss is 2.8"),
        ("scratch-flat-c", 1, "At half the rate the loss is 2.8"),
        ("scratch-flat-c", 3, "At rest does not mean solved"),
    ],
)
def test_a_wrong_choice_is_explained_with_the_numbers_of_the_run(open_lesson, key, answer, why):
    page = open_lesson("from_scratch")
    for before in GATES[: GATES.index(key)]:
        page.skip(before)
    page.answer(key, answer)
    assert why in page.said()
    assert "Predicted right: 0 of 1" in page.said()


def test_right_predictions_count(open_lesson):
    page = open_lesson("from_scratch")
    for key, answer in zip(GATES, (0, 0, 1, 2), strict=True):
        page.answer(key, answer)
    assert "Predicted right: 4 of 4" in page.said()


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


def test_any_epoch_can_be_gone_to(open_lesson):
    page = open_lesson("from_scratch", gate="0")
    page.app.slider[0].set_value(999)
    page.run()
    states = [state for _, _, state in listed(page)]
    assert "epoch = 999" in states
    assert "loss = 5.55e-5" in states
    assert [button.disabled for button in page.app.button if button.label.startswith("Next")] == [True, True]


def test_fewer_epochs_bring_a_walker_back_to_the_end(open_lesson):
    page = open_lesson("from_scratch", gate="0")
    page.app.slider[0].set_value(500)
    page.run()
    page.enter("epochs", 3)
    assert "epoch = 2" in [state for _, _, state in listed(page)]
    page.enter("epochs", 1)
    assert "epoch = 0" in [state for _, _, state in listed(page)]


def test_the_way_back_ends_before_the_loop(open_lesson):
    page = open_lesson("from_scratch", gate="0")
    for _ in range(7):
        page.press("Previous line")
    assert "the loop has not begun" in page.said()
    assert next(button for button in page.app.button if button.label == "Previous line").disabled


def test_a_link_holds_rate_and_epochs(open_lesson):
    page = open_lesson("from_scratch", gate="0", loop_rate="0.0845", loop_epochs="100")
    assert [field.value for field in page.app.number_input] == [0.0845, 100]
    assert "**at the limit.**" in page.said()


@pytest.mark.parametrize("value", [0, -3, 1e308, -1e308, 1e-300])
@pytest.mark.parametrize("epochs", ["1", "1000"])
def test_any_rate_is_taken_and_said_what_is_done_with_it(open_lesson, value, epochs):
    page = open_lesson("from_scratch", gate="0", loop_epochs=epochs)
    page.enter("lr, the learning rate", value)
    page.press("Previous line")
    page.press("Next line")
    assert "nan" not in page.said()


@pytest.mark.parametrize("rate", ["nan", "fast"])
def test_a_link_whose_rate_is_no_number_is_refused_in_words(open_lesson, rate):
    page = open_lesson("from_scratch", gate="0", loop_rate=rate)
    assert f"The link's loop-rate={rate} can't be; 0.01 is used." in page.said()


@pytest.mark.parametrize("rate", [float("inf"), -float("inf")])
def test_a_rate_without_end_leaves_the_articles_in_the_field_and_in_the_code(open_lesson, rate):
    page = open_lesson("from_scratch", gate="0")
    page.enter("lr, the learning rate", rate)
    assert page.app.number_input[0].value == 0.01
    assert "lr = 0.01" in [code for _, code, _ in listed(page)]
    assert "loss = 44" in [state for _, _, state in listed(page)]


@pytest.mark.parametrize("epochs", ["0", "-3", "1e308", "many", "2000"])
def test_epochs_out_of_bounds_leave_a_loop_that_runs(open_lesson, epochs):
    page = open_lesson("from_scratch", gate="0", loop_epochs=epochs)
    assert 1 <= page.app.number_input[1].value <= 1000
    assert now(page)[0] == "b = b - lr * db"
