"""The handout: every lesson's questions are on the one sheet, and no answer is."""

from __future__ import annotations

import re
from functools import cache
from html import unescape

import pytest

from core.export.handout import Sheet, answer_sheet, on_paper, question_sheet, questions
from core.export.markup import formula, inline, paragraphs
from core.export.qr import qr_code
from core.story.lessons import LESSONS
from core.story.question import ChoiceQuestion, NumberQuestion
from tests.cases import for_each

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
            if isinstance(own, ChoiceQuestion) and isinstance(other, ChoiceQuestion) and sheet.place > 1:
                assert sorted(other.choices.items()) == sorted(own.choices.items())
                assert list(other.choices)[other.right] == list(own.choices)[own.right]
                moved += list(other.choices) != list(own.choices)
    assert moved or sheet.place == 1


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
