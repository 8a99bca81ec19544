"""The handout: every lesson's questions are on the one sheet, and no answer is."""

from __future__ import annotations

import re
from functools import cache
from html import unescape

import numpy as np
import pytest

from core.data.surfaces import surface
from core.export.handout import Sheet, answer_sheet, on_paper, question_sheet, questions
from core.export.markup import formula, inline, paragraphs
from core.export.qr import qr_code
from core.story.lessons import LESSONS
from core.story.question import ChoiceQuestion, NumberQuestion
from core.words import number
from tests.cases import for_each

OF_OTHER_NUMBERS = 5  # lessons
each_lesson = for_each("sheet", [on_paper(k) for k in range(1, len(LESSONS) + 1)])
# A lesson's questions are trained for and its figures drawn: once for all claims.
asked, question_page, answer_page = cache(questions), cache(question_sheet), cache(answer_sheet)


def text(html: str) -> str:
    body = html.split("<body>")[1]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body))).strip()


def said(markdown: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", paragraphs(markdown)))).strip()


@each_lesson
def test_every_question_and_choice_is_on_the_sheet_and_no_answer_is(sheet: Sheet) -> None:
    words = text(question_page(sheet))
    assert len(asked(sheet.lesson)) >= 2
    for question in asked(sheet.lesson):
        assert said(question.ask) in words
        assert said(question.outcome) not in words
        if isinstance(question, ChoiceQuestion):
            for option, why in question.choices.items():
                assert said(option) in words
                assert said(why) not in words
    assert "right" not in re.findall(r'class="?(\w+)', question_page(sheet))


@each_lesson
def test_the_answers_say_which_is_right_and_why(sheet: Sheet) -> None:
    page = answer_page(sheet)
    words = text(page)
    for question in asked(sheet.lesson):
        assert said(question.outcome) in words
        if isinstance(question, ChoiceQuestion):
            assert all(said(why) in words for why in question.choices.values())
        else:
            assert f"{question.answer:.6g}" in words
    marked = re.findall(r"<li class=right><b>(\w)</b>", page)
    right = [each for each in asked(sheet.lesson) if isinstance(each, ChoiceQuestion)]
    assert marked == ["ABCDEFGH"[each.right] for each in right]


@each_lesson
def test_no_markup_is_left_and_nothing_is_loaded(sheet: Sheet) -> None:
    for page in (question_page(sheet), answer_page(sheet)):
        body = page.split("<body>")[1]
        assert not any(mark in text(page) for mark in ("**", "`", "$", "\\"))
        assert all(source.startswith("data:") for source in re.findall(r'(?:src|href)="([^"]*)', body))


@for_each("sheet", [on_paper(1)], slow=[on_paper(k) for k in range(1, len(LESSONS) + 1)])
def test_sheets_are_the_same_each_time(sheet: Sheet) -> None:
    assert question_sheet(sheet) == question_page(sheet)
    assert answer_sheet(sheet) == answer_page(sheet)


def test_its_links_stand_above_the_sheet_and_are_not_printed() -> None:
    sheet = on_paper(1)
    page = question_sheet(sheet, (("index.html", "Home & away"),))
    assert '<nav class="way"><a href="index.html">Home &amp; away</a></nav>' in page
    assert re.search(r"@media print {[^\n]*\.way { display: none; }", page)
    assert "<nav" not in question_page(sheet)


@each_lesson
def test_another_version_has_the_same_choices_in_another_order_with_the_right_one_marked(sheet: Sheet) -> None:
    moved = 0
    for version in (1, 2, 3):
        for own, other in zip(asked(sheet.lesson), asked(sheet.lesson, version), strict=True):
            assert own.key == other.key
            # The first five have other numbers in some of their choices; what is right of them is tested below.
            if isinstance(own, ChoiceQuestion) and isinstance(other, ChoiceQuestion) and sheet.place > OF_OTHER_NUMBERS:
                assert sorted(other.choices.items()) == sorted(own.choices.items())
                assert list(other.choices)[other.right] == list(own.choices)[own.right]
                moved += list(other.choices) != list(own.choices)
    assert moved or sheet.place <= OF_OTHER_NUMBERS


def test_other_numbers_of_the_first_lesson_are_answered_by_the_pencils_own_arithmetic() -> None:
    seen = set()
    for version in range(1, 40):
        first, bounce, half = questions("one_step", version)
        assert isinstance(first, NumberQuestion) and isinstance(half, NumberQuestion)
        x, y, w, gradient, rate = map(
            float, re.findall(r"-?\d+\.?\d*", first.ask.replace("y = w", "").replace("−", "-").rstrip("?"))
        )
        seen.add((x, y, w, rate))
        assert gradient == -2 * x * (y - w * x)
        assert first.answer == pytest.approx(w - rate * gradient)
        assert half.answer == pytest.approx(w - rate * gradient / 2)
        there = re.findall(r"-?\d+\.?\d*", bounce.outcome.replace("−", "-"))[:4]
        assert there[0] == there[2] != there[1] == there[3], "at the limit it comes back"
        for question in (first, half):
            assert not any(question.judge(slip).right for slip, _ in question.mistakes)
    assert len(seen) > 20


VERSIONS = range(1, 13)


def numbers(words: str) -> list[float]:
    """The numbers in a text, in its order; powers of ten as they are written."""
    plain = words.replace("−", "-").replace(",", "")
    return [float(each) for each in re.findall(r"-?\d+(?:\.\d+)?", plain)]


def right(question: ChoiceQuestion) -> str:
    return list(question.choices)[question.right]


def test_other_ravines_explode_above_two_over_their_steepest_bend() -> None:
    seen = set()
    for version in VERSIONS:
        steep, limit, _ = questions("fog", version)
        assert isinstance(steep, ChoiceQuestion) and isinstance(limit, ChoiceQuestion)
        gentle, across, _ = numbers(limit.ask)
        seen.add(across)
        assert numbers(steep.ask)[:2] == [across * 1, 8]  # Ada on the wall, 1 from its floor; Ben on the floor
        largest = 2 / across
        assert numbers(right(limit))[0] == largest
        start = surface("ravine").start
        for rate, falls in ((0.98 * largest, True), (1.1 * largest, False)):
            w, b = start
            for _ in range(100):
                w, b = w - rate * gentle * w, b - rate * across * b
            height = (gentle * w**2 + across * b**2) / 2
            assert (height < gentle * start[0] ** 2 / 2 + across * start[1] ** 2 / 2) == falls
            assert f"**{number(height)}**" in limit.outcome
    assert len(seen) > 4


def test_at_another_rate_the_loop_holds_the_loss_from_before_its_step() -> None:
    x, y, seen = [1, 2, 3, 4, 5], [2, 4, 6, 8, 10], set()
    for version in VERSIONS:
        question = questions("from_scratch", version)[0]
        assert isinstance(question, ChoiceQuestion)
        lr = numbers(question.ask)[0]
        seen.add(lr)
        first = sum(each**2 for each in y) / 5
        w = lr * 2 / 5 * sum(a * b for a, b in zip(x, y, strict=True))
        b = lr * 2 / 5 * sum(y)
        second = sum((theirs - w * a - b) ** 2 for a, theirs in zip(x, y, strict=True)) / 5
        assert right(question).startswith(f"{number(first)}, the loss at w = 0")
        assert f"finds **{number(second)}**" in question.outcome
        assert 2 * lr / 5 * (sum(a * a for a in x) + 5) < 2, "one step goes only part of the way"
    assert len(seen) > 4


def test_the_limit_of_other_points_is_two_over_the_largest_eigenvalue_and_no_known_slip_is_right() -> None:
    seen = set()
    for version in VERSIONS:
        question = questions("too_high_too_low", version)[1]
        assert isinstance(question, NumberQuestion)
        x = numbers(question.ask.partition("other points,")[2])[:5]
        seen.add(tuple(x))
        inputs = np.stack([x, np.ones(5)])
        flat, steep = np.linalg.eigvalsh(2 / 5 * inputs @ inputs.T)
        assert question.answer == pytest.approx(2 / steep, rel=1e-9)
        assert f"from {number(flat)} in the flattest to {number(steep)} in the steepest" in question.ask
        assert not any(question.judge(slip).right for slip, _ in question.mistakes)
        for rate, falls in ((0.99 * question.answer, True), (1.01 * question.answer, False)):
            at = np.zeros(2)
            for _ in range(2000):
                at = at - rate * 2 / 5 * inputs @ (at @ inputs - 2 * np.array(x))
            assert (np.mean((at @ inputs - 2 * np.array(x)) ** 2) < 1) == falls
    assert len(seen) > 8 and (1, 2, 3, 4, 5) not in seen


def test_at_another_rate_momentums_first_step_is_gradient_descents_and_adams_the_rate() -> None:
    x, seen, nudge = np.arange(1.0, 5.0), set(), 1e-4
    for version in VERSIONS:
        question = questions("backpropagation", version)[1]
        assert isinstance(question, ChoiceQuestion)
        told = question.ask.partition("same first gradient")[2]
        dw, db, rate, moved_w, moved_b = numbers(told)[:5]
        seen.add(rate)

        def loss(w: float, b: float) -> float:
            return float(np.mean((2 * x - w * x - b) ** 2))

        assert dw == pytest.approx((loss(nudge, 0) - loss(-nudge, 0)) / (2 * nudge), rel=1e-6)
        assert db == pytest.approx((loss(0, nudge) - loss(0, -nudge)) / (2 * nudge), rel=1e-6)
        assert (moved_w, moved_b) == pytest.approx((-rate * dw, -rate * db), rel=1e-3)
        _, _, *momentum = numbers(question.outcome)[:4]
        assert tuple(momentum) == pytest.approx((moved_w, moved_b))
        assert numbers(question.outcome)[4:6] == pytest.approx([rate, rate], rel=1e-3)
        assert right(question) == "Momentum's only"
    assert len(seen) > 4


def test_both_sheets_name_their_version_and_the_lesson_is_reached_by_a_code() -> None:
    sheet, link = on_paper(2, 17, "https://lab.example.org/fog"), "https://lab.example.org/fog"
    for page in (question_sheet(sheet), answer_sheet(sheet)):
        assert "· version 17" in text(page)
        assert qr_code(link).svg in page
    assert "version" not in text(question_page(on_paper(2))) and "<svg" not in question_page(on_paper(2))


def test_texts_are_escaped_and_marked_up() -> None:
    assert inline("**a < b** and `x<y` & *so*") == "<strong>a &lt; b</strong> and <code>x&lt;y</code> &amp; <em>so</em>"
    assert paragraphs("one\n\ntwo") == "<p>one</p><p>two</p>"
    assert inline("it costs 5 $ or 6 $") == "it costs 5 $ or 6 $"
    assert inline(r"now $w_{k+1} = w_k - \mathrm{lr} \cdot x^2$") == "now <i>w_k+1 = w_k - lr · x²</i>"
    assert formula(r"\frac{a}{b} \le \tfrac12") == "(a)/(b) ≤ 1/2"
