"""What a browser stored of the lessons' answers: what has the form of an answer is taken, and nothing else."""

from __future__ import annotations

import pytest

from pages.learn.kept import checked, checked_places, checked_walks
from tests.pages.app import fresh, words


def test_numbers_choices_and_skips_are_taken_with_whether_they_were_right() -> None:
    stored = {"one-step": [4.2, True], "limit": [2, False], "fog-level": ["skipped", None]}
    assert checked(stored) == {"one-step": (4.2, True), "limit": (2, False), "fog-level": ("skipped", None)}


@pytest.mark.parametrize(
    "stored",
    [
        None,
        3,
        [["one-step", 4.2]],
        {"one-step": 4.2},
        {"one-step": ["<b>", True]},
        {"one-step": [True, True]},
        {"one-step": [4.2, "yes"]},
        {"one-step": [float("nan"), True]},
        {"one-step": [float("inf"), True]},
        {"one-step": [10**400, True]},
        {"one-step": [[4.2], True]},
        {"k" * 1000: [4.2, True]},
    ],
)
def test_what_is_no_answer_is_left_out(stored: object) -> None:
    assert checked(stored) == {}


def test_of_too_many_some_are_taken() -> None:
    assert len(checked({str(k): [1, True] for k in range(100_000)})) == 500


@pytest.mark.parametrize(
    "stored",
    [
        None,
        3,
        [["one-step-walk", 3]],
        *({"one-step-walk": at} for at in ("3", -1, True, 1.5, 10**30, [3], None)),
        {"k" * 1000: 3},
    ],
)
def test_what_is_no_place_is_left_out(stored: object) -> None:
    assert checked_places({"from-scratch-at": 21}) == {"from-scratch-at": 21}
    assert checked_places(stored) == {}


@pytest.mark.parametrize(
    "stored",
    [
        None,
        3,
        [["fog-ravine-20", [[0.1, 3]]]],
        *({"fog-ravine-20": legs} for legs in (3, [3], [[0.1]], [[0.1, 0]], [[0.1, 1.5]], [[0.1, True]], [["0.1", 1]])),
        {"fog-ravine-20": [[float("nan"), 1]]},
        {"fog-ravine-20": [[0.1, 1]] * 501},
        {"k" * 1000: [[0.1, 3]]},
    ],
)
def test_what_is_no_walk_is_left_out(stored: object) -> None:
    assert checked_walks({"fog-ravine-20": [[0.1, 3], [-2, 1]]}) == {"fog-ravine-20": [(0.1, 3), (-2, 1)]}
    assert checked_walks(stored) == {}


def test_a_place_beyond_the_end_of_its_walk_is_the_end() -> None:
    app = fresh()
    app.session_state["places"] = {"one-step-walk": 9_000_000}
    app.session_state["answers"] = {"one-step": 4.2}
    app = app.switch_page("learn/one_step.py").run()
    assert not app.exception
    assert "after **40** steps" in words(app)


@pytest.mark.parametrize("answer", [-1, 99, 0.5])
def test_a_choice_that_is_none_of_the_question_is_shown_as_not_answered(answer: float) -> None:
    app = fresh()
    app.session_state["answers"] = {"fog-level": answer}
    app.session_state["judged"] = {}
    app = app.switch_page("learn/fog.py").run()
    assert not app.exception
    assert "You predicted" not in words(app)
