"""Steps as texts, what is shown of them, and which answers they take."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import DATASETS, Experiment, train
from core.export.handout import questions
from core.export.handout_figures import figures
from core.story.lessons import LESSONS
from core.story.question import ChoiceQuestion
from room.asking import asked, outcome, picture, reads
from room.plan import MOST_STEPS, NoStep, check, read_plan, read_step
from room.ready import ready

SWEEP = "sweep:lr=1e-05&lr=1.0"


@pytest.mark.parametrize("lesson", [lesson.file for lesson in LESSONS])
def test_every_question_of_the_lessons_can_be_asked_and_what_is_shown_does_not_tell_the_answer(lesson):
    for question in questions(lesson, 4):
        step = read_step(f"vote:{lesson}/{question.key}:4")
        check(step)
        shown = asked(step, 1)
        assert shown.keys() <= {"kind", "title", "ask", "choices", "picture", "positive"}
        assert step.question == question
        if isinstance(question, ChoiceQuestion):
            assert len(shown["choices"]) == len(question.choices)
            assert shown["picture"] == ("<img alt=" in picture(step)) == (question.key in figures(lesson))
        else:
            assert shown["kind"] == "number"
        json.dumps(shown, allow_nan=False)


@pytest.mark.parametrize("text", ["vote:fog/fog-limit:12", "run:lr=1.0", SWEEP, "limit:data=noisy-line"])
def test_a_step_is_its_text(text):
    step = read_step(text)
    assert str(step) == text and read_step(str(step)) == step


@given(st.text(max_size=500))
def test_no_text_does_more_than_be_refused_with_a_sentence(text):
    try:
        read_step(text)
    except NoStep as why:
        assert str(why).endswith((".", ")"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("poll:lr=1", "begins with one of"),
        ("vote:algebra/x:0", "with a lesson of"),
        ("vote:fog/fog-steep:1000000000", "VERSION"),
        ("vote:fog/no-such:0", "has no question"),
        ("run:lr=1&lr=2", "one learning rate"),
        ("run:lr=fast", "can't be read"),
        ("sweep:lr=1&lr=0.1", "to a higher one"),
        ("run:lr=0.01&epochs=1000000&batch_size=1", "too long"),
        ("limit:data=circles&hidden=4", "no limit is known"),
    ],
)
def test_what_can_not_be_asked_is_told_why(text, why):
    with pytest.raises(NoStep, match=why):
        read_plan([text])


def test_a_plan_has_some_steps_and_not_too_many():
    for texts in ([], [SWEEP] * (MOST_STEPS + 1)):
        with pytest.raises(NoStep, match="1 to"):
            read_plan(texts)


def test_the_right_answer_about_a_run_is_what_it_does():
    for rate, right in (("0.000001", 0), ("0.01", 1), ("1", 2)):
        question = read_step(f"run:lr={rate}").question
        assert question.right == right
        loss = train(Experiment(learning_rates=(float(rate),))).loss[0]
        assert (not loss[-1] < loss[0]) == (right == 2)
        assert "<img alt=" in outcome(read_step(f"run:lr={rate}"))


def test_answers_are_what_the_step_takes():
    vote, number, sweep = map(read_step, ("vote:one_step/one-step-bounce:0", "limit:data=article", SWEEP))
    assert reads(vote, 1, 2) == 2 and reads(number, 1, 0.05) == 0.05
    assert reads(sweep, 1, None) is None and reads(sweep, 2, 0.03) == 0.03
    for step, round, value in [
        (vote, 1, 3), (vote, 1, True), (vote, 1, "2"), (vote, 1, 1.5), (number, 1, float("nan")), (number, 1, None),
        (number, 1, 0), (number, 1, -0.1),
        (number, 1, "0.1"), (sweep, 1, 0.03), (sweep, 2, None), (sweep, 2, 0.031), (vote, 1, [1]), (vote, 1, -1),
    ]:  # fmt: skip
        with pytest.raises(ValueError, match=r"answer|rate"):
            reads(step, round, value)


def test_the_ready_plans_can_be_asked_and_one_follows_the_article():
    plans = ready()
    assert len(plans) == 5
    for plan in plans.values():
        assert 10 <= plan.minutes <= 45 and list(map(read_step, read_plan(plan.steps).steps)) == list(
            map(read_step, plan.steps)
        )
        assert plan.minutes >= 2 * len(plan.steps)
    lessons = [read_step(text).lesson for text in list(plans.values())[-1].steps]
    order = [lesson.file for lesson in LESSONS]
    walked = [order.index(lesson) for lesson in lessons if lesson]
    assert walked == sorted(walked) and set(walked) == set(range(len(order))), "each lesson, in the story's order"


def test_an_upload_is_nobody_elses_to_be_asked():
    assert not any("upload" in name for name in DATASETS)
    with pytest.raises(NoStep, match="can't be read"):
        read_step("run:data=upload-3&lr=0.1")
