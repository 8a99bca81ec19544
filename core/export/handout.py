"""A lesson's questions on paper: one page to hand out, and apart from it one with the answers and why."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from importlib import import_module

import numpy as np

from ..story.lessons import LESSONS
from ..story.question import ChoiceQuestion, NumberQuestion, Question
from ..words import number
from .chart_files import Drawing, picture
from .handout_figures import figures
from .markup import inline, paragraphs
from .qr import qr_code

Ways = Sequence[tuple[str, str]]  # addresses, and what their links say
_LETTERS = "ABCDEFGH"
_MANY = 600  # characters of all questions
_ALLOWED = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_STYLE = """
@page { size: A4; margin: 15mm 17mm; }
* { box-sizing: border-box; }
body { font: 11pt/1.42 Georgia, "Times New Roman", serif; color: #1d1e24; background: #fff; max-width: 176mm;
  margin: 0 auto; padding: 8mm 5mm; overflow-wrap: anywhere; }
.way { font: 10pt/1.4 Helvetica, Arial, sans-serif; display: flex; justify-content: space-between; margin: 0 0 6mm; }
.way a { color: #0072b2; }
@media print { body { padding: 0; max-width: none; } .way { display: none; } }
header { border-bottom: .6pt solid #1d1e24; margin-bottom: 6mm; padding-bottom: 3mm; }
h1 { font-size: 20pt; line-height: 1.15; margin: 0 0 1mm; }
h2 { font: 700 10pt/1.3 Helvetica, Arial, sans-serif; margin: 0 0 1mm; color: #55565f; }
.code { float: right; width: 21mm; margin: 0 0 2mm 4mm; text-align: center; }
.code svg { display: block; width: 100%; } .code span { font: 7pt/1.2 Helvetica, Arial, sans-serif; color: #55565f; }
header::after { content: ""; display: block; clear: right; }
header p, section p { margin: 0 0 2mm; }
.lesson, .name, .small { font: 9pt/1.4 Helvetica, Arial, sans-serif; color: #55565f; }
.name { display: flex; gap: 8mm; margin-top: 4mm; }
.name span { flex: 1; border-bottom: .6pt solid #85868f; padding-bottom: 1mm; }
section { break-inside: avoid; margin: 0 0 6mm; }
ol { list-style: none; margin: 2mm 0 0; padding: 0; }
li { display: flex; gap: 3mm; margin: 0 0 1.6mm; }
li b { flex: none; width: 5.4mm; height: 5.4mm; border: .7pt solid #1d1e24; border-radius: 50%; text-align: center;
  font: 700 8pt/5mm Helvetica, Arial, sans-serif; }
li.right b { background: #1d1e24; color: #fff; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
li .why { color: #55565f; }
.room { margin-top: 2mm; font: 9pt/1 Helvetica, Arial, sans-serif; color: #55565f; }
.room i { display: block; height: 7.5mm; border-bottom: .5pt solid #a9aab2; }
.room i:first-of-type { height: 4mm; }
.figures { display: flex; gap: 4mm; flex-wrap: wrap; justify-content: center; margin: 2mm 0; }
figure { flex: 1; min-width: 48mm; max-width: 110mm; margin: 0; }
figure img { width: 100%; display: block; }
.outcome { border-left: 2pt solid #1d1e24; padding-left: 3mm; margin-top: 2.5mm; }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A lesson on paper.

    lesson: its module's name in core/story/.  place, of: which of how many lessons.  idea: its one sentence.
    version: 0 for the lesson's own; each other has its choices in another order, and other numbers where a lesson is
    worked out by hand.  link: to the lesson, as a QR code; "" for none.
    """

    lesson: str
    title: str
    idea: str
    place: int
    of: int
    version: int = 0
    link: str = ""


def on_paper(place: int, version: int = 0, link: str = "") -> Sheet:
    """The sheet of a lesson; place: which it is, from 1.  version, link: as of Sheet."""
    lesson = LESSONS[place - 1]
    idea, of = lesson.idea, len(LESSONS)
    return Sheet(lesson=lesson.file, title=lesson.title, idea=idea, place=place, of=of, version=version, link=link)


def questions(lesson: str, version: int = 0) -> tuple[Question, ...]:
    """The questions of the lesson whose module in core/story/ has this name, in this version."""
    module = import_module(f"..story.{lesson}", __package__)
    if not version:
        found: tuple[Question, ...] = module.questions()
        return found
    others = module.questions(module.other_numbers(version)) if has_other_numbers(lesson) else module.questions()
    return tuple(_in_another_order(each, version) for each in others)


def has_other_numbers(lesson: str) -> bool:
    """Whether the lesson's questions have other numbers in other versions; else only their choices change places."""
    return hasattr(import_module(f"..story.{lesson}", __package__), "other_numbers")


def _in_another_order(question: Question, version: int) -> Question:
    """The question with its choices shuffled: who sits beside has other letters."""
    if not isinstance(question, ChoiceQuestion):
        return question
    key = int.from_bytes(question.key.encode(), "little")
    order = np.random.default_rng([version, key]).permutation(len(question.choices)).tolist()
    choices = list(question.choices.items())
    return replace(question, choices=dict(choices[at] for at in order), right=order.index(question.right))


def question_sheet(sheet: Sheet, ways: Ways = ()) -> str:
    """An HTML page that prints on A4: the idea, each question with its choices or a line, and room to say why.

    ways: links to other pages, above the sheet and not printed.
    """
    drawn = figures(sheet.lesson)
    asked = questions(sheet.lesson, sheet.version)
    words = sum(len(each.ask) for each in asked)
    lines = 2 if drawn or words > _MANY else 4  # to write on, so that most lessons stand on one side
    parts = [_question(place, each, drawn, lines) for place, each in enumerate(asked, 1)]
    name = '<p class="name"><span>Name</span><span>Date</span></p>'
    return _page(f"{sheet.title}: questions", _ways(ways) + _head(sheet, "Predict first", name), parts)


def answer_sheet(sheet: Sheet, ways: Ways = ()) -> str:
    """The page that stays with the teacher: each right answer, what is said to every other, and what happens.

    ways: as of `question_sheet`.
    """
    parts = [_answer(place, each) for place, each in enumerate(questions(sheet.lesson, sheet.version), 1)]
    return _page(f"{sheet.title}: answers", _ways(ways) + _head(sheet, "Answers, and why", ""), parts)


def _page(title: str, head: str, parts: list[str]) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_ALLOWED}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body>{head}\n"
        + "\n".join(parts)
        + "</body></html>\n"
    )


def _ways(ways: Ways) -> str:
    links = "".join(f'<a href="{address}">{escape(words)}</a>' for address, words in ways)
    return f'<nav class="way">{links}</nav>' if links else ""


def _head(sheet: Sheet, what: str, below: str) -> str:
    version = f" · version {sheet.version}" if sheet.version else ""
    code = f'<div class="code">{qr_code(sheet.link).svg}<span>this lesson</span></div>' if sheet.link else ""
    return (
        f'<header>{code}<p class="lesson">Learning-Rate Lab · lesson {sheet.place} of {sheet.of} · {what}{version}</p>'
        f"<h1>{escape(sheet.title)}</h1><p>{inline(sheet.idea)}</p>{below}</header>"
    )


def _question(place: int, question: Question, drawn: Mapping[str, tuple[Drawing, ...]], lines: int) -> str:
    shown = "".join(f"<figure>{image(each)}</figure>" for each in drawn.get(question.key, ()))
    shown = f'<div class="figures">{shown}</div>' if shown else ""
    room = '<div class="room">{}' + "<i></i>" * lines + "</div>"
    if isinstance(question, ChoiceQuestion):
        choices = (
            f"<li><b>{letter}</b><span>{inline(option)}</span></li>"
            for letter, option in zip(_LETTERS, question.choices, strict=False)
        )
        asked = f"<ol>{''.join(choices)}</ol>" + room.format("Because")
    else:
        asked = room.format("Your number, and how you found it")
    return f"<section><h2>Question {place}</h2>{paragraphs(question.ask)}{shown}{asked}</section>"


def _answer(place: int, question: Question) -> str:
    if isinstance(question, ChoiceQuestion):
        lines = [
            f"<li{' class=right' if at == question.right else ''}><b>{_LETTERS[at]}</b><span>{inline(option)}. "
            f'<span class="why">{inline(why)}</span></span></li>'
            for at, (option, why) in enumerate(question.choices.items())
        ]
        said = f"<ol>{''.join(lines)}</ol>"
    else:
        said = _of_a_number(question)
    outcome = f'<div class="outcome">{paragraphs(question.outcome)}</div>'
    return f"<section><h2>Question {place}</h2>{paragraphs(question.ask)}{said}{outcome}</section>"


def _of_a_number(question: NumberQuestion) -> str:
    slips = "".join(
        f'<li><span>{number(slip)}: <span class="why">{inline(why)}</span></span></li>'
        for slip, why in question.mistakes
    )
    known = f'<p class="small">Known slips</p><ol>{slips}</ol>' if slips else ""
    within = f"within {number(100 * question.within)} % counts as right"
    return f"<p><strong>{number(question.answer)}</strong>; {within}.</p>{known}"


def pictures(lesson: str, key: str) -> str:
    """The pictures that a question is about, as images one after another; "" where it has none."""
    return "".join(map(image, figures(lesson).get(key, ())))


def image(drawing: Drawing) -> str:
    """The picture as an image of its own: two SVGs within one page would share the names of their parts."""
    svg = base64.b64encode(picture(drawing, "svg", "light", width=420)).decode()
    return f'<img alt="{escape(drawing.words)}" src="data:image/svg+xml;base64,{svg}">'
