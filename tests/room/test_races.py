"""The two races: what is asked of a class, what a phone may know, and who leads, against counts and walks by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.data.surfaces import NAMES
from core.story.fog import best_fixed
from core.story.mystery import COUNT, mystery
from room import quiz, walk
from room.asking import asked, reads
from room.plan import NoStep, read_plan, read_step
from room.rooms import Rooms
from room.store import Seat

SEED = 17
RACES = [f"mystery:{SEED}", "fog:ravine:20"]


@pytest.fixture(scope="module")
def curves() -> quiz.Quiz:
    return quiz.prepared(read_step(RACES[0]))


def opened(rooms: Rooms, step: int, seats: int) -> tuple[str, list[Seat]]:
    """A room whose race of this place is open."""
    code, _ = rooms.create(read_plan(RACES))
    for _ in range(step):
        rooms.do(code, "next")
    rooms.do(code, "open")
    return code, [rooms.join(code) for _ in range(seats)]


@pytest.mark.parametrize("text", [*RACES, *(f"fog:{name.replace(' ', '_')}:1" for name in NAMES)])
def test_a_race_is_its_text_and_what_is_asked_names_no_landscape(text):
    step = read_step(text)
    assert str(step) == text and step.question is None
    assert step.key == "" or step.key not in json.dumps(asked(step, 1))


@pytest.mark.parametrize(
    "text", ["mystery:", "mystery:-1", "mystery:1000000", "fog:hill:3", "fog:ravine:0", "fog:ravine"]
)
def test_what_is_no_race_is_told_why(text):
    with pytest.raises(NoStep, match=r"is (mystery|fog):"):
        read_plan([text])


def test_a_phone_gets_the_ten_curves_of_the_quiz_without_what_is_true(curves):
    for place, drawn in enumerate(curves.curves):
        found = mystery(SEED, place)
        finite = found.loss[np.isfinite(found.loss)]
        across, heights = np.array(drawn["points"]).T
        assert across[0] == 0 and (across[-1] == 1) == (found.overflow < 0) == (not drawn["left"])
        assert (np.diff(across) >= 0).all() and heights.min() >= 0 and heights.max() <= 1
        assert (heights[-1] > heights[0]) == (finite[-1] > finite[0]) or abs(np.log(finite[-1] / finite[0])) < 0.05
        assert len(drawn["choices"]) == len(found.question.choices) and curves.right[place] == found.question.right
        assert str(found.experiment.learning_rates[0]) not in json.dumps(drawn)
    assert len(json.dumps(curves.curves)) < 25_000


def test_right_answers_count_before_speed(curves):
    step, right = read_step(RACES[0]), list(curves.right)
    wrong = [(choice + 1) % 4 for choice in right]
    given = {
        0: {"choices": right[:9] + wrong[9:], "at": 5.0},
        1: {"choices": right, "at": 90.0},
        2: {"choices": [*right[:9], None], "at": 4.0},
        3: {"choices": wrong, "at": 1.0},
        4: {"choices": [None] * 9 + wrong[9:], "at": 0.5},
    }
    assert quiz.standing(curves, step, given) == [1, 2, 0, 4, 3]
    assert quiz.done(given) == 3
    found = quiz.result(curves, step, given)
    assert found["right"] == [3] * 9 + [1] and found["best"] == 10 and found["answers"] == 5
    few = quiz.result(curves, step, {seat: given[seat] for seat in range(4)})
    assert few["few"] and few["right"] is None and few["best"] is None


def test_the_fewest_steps_come_first_then_the_lowest_height():
    step = read_step(RACES[1])
    given = {
        0: [[0.05, 5]],  # the steep direction alone
        1: [[0.05, 1], [1.0, 1]],  # 1 / curvature of each direction in turn: the bottom in two steps
        2: [[1.0, 1], [0.05, 1], [1.0, 1]],
        3: [[3.0, 5]] * 12,
        4: [],
    }
    walks = {seat: walk.walked(step, legs) for seat, legs in given.items()}
    assert walks[1].arrived == 2 and walks[0].arrived is None
    order = walk.standing(best_fixed("ravine", 20), step, given)
    assert order[0] == 1 and order[-1] == 3, "who overflows, or stands highest, is last"
    heights = [walks[seat].height for seat in order if walks[seat].arrived is None]
    assert heights == sorted(heights)
    found = walk.result(walk.prepared(step), step, given)
    assert (
        found["best"] == {"steps": 2, "height": "0", "changed": True}
        and found["fixed"]["steps"] == best_fixed("ravine", 20).steps
    )
    assert found["arrived"] == sum(each.arrived is not None for each in walks.values())


def test_equal_walks_share_a_place_and_one_rate_is_not_called_a_change_of_it():
    step, made = read_step("fog:round_bowl:1"), best_fixed("round bowl")
    given = {0: [[1.0, 1]], 1: [[0.5, 5]], 2: [[1.0, 1]], 3: [[0.001, 1]], 4: []}
    assert [walk.place(made, step, given, seat) for seat in given] == [1, 3, 1, 4, 5]
    assert not walk.result(made, step, given)["best"]["changed"]


def test_a_walk_goes_where_gradient_descent_goes():
    land = walk.walked(read_step(RACES[1]), []).land
    place = np.array(land.start)
    for rate in (0.05, 0.02, 0.02):
        place = place - rate * land.gradient(place)
    gone = walk.walked(read_step(RACES[1]), [[0.05, 1], [0.02, 1], [0.02, 1]])
    np.testing.assert_allclose(gone.path[-1], place, rtol=1e-12)
    assert walk.walked(read_step(RACES[1]), [[0.02, 5]]).steps == 5


def test_nothing_tells_a_race_before_it_is_revealed(rooms):
    for step, value in ((0, [0] * COUNT), (1, [[0.05, 1]])):
        code, seats = opened(rooms, step, 6)
        for seat in seats:
            rooms.answer(code, seat.token, step, 1, value)
        assert rooms.told(code)["count"] == 6
        for action in ("close", "discuss", "reveal"):
            assert "raced" not in rooms.mine(code, seats[0].token)
            assert rooms.told(code)["result"] is None
            rooms.do(code, action)
        told, mine = rooms.told(code), rooms.mine(code, seats[0].token)
        assert told["result"]["kind"] == ("quiz", "walk")[step] and not told["result"]["few"]
        assert mine["raced"]["place"] == 1 and mine["raced"]["of"] == 6
        json.dumps([told, mine, rooms.results(code)], allow_nan=False)


def test_below_five_nobody_has_a_place_and_the_results_are_a_count(rooms):
    code, seats = opened(rooms, 0, 4)
    for seat in seats:
        rooms.answer(code, seat.token, 0, 1, [1] * COUNT)
    for action in ("close", "reveal"):
        rooms.do(code, action)
    assert "place" not in rooms.mine(code, seats[0].token)["raced"]
    assert [row["answer"] for row in rooms.results(code)] == [None]


def test_a_second_race_counts_for_whoever_ran_it(rooms):
    code, seats = opened(rooms, 1, 5)
    for seat in seats:
        rooms.answer(code, seat.token, 1, 1, [[0.05, 5]])
    for action in ("close", "again"):
        rooms.do(code, action)
    assert rooms.mine(code, seats[0].token)["walk"]["steps"] == 0, "it begins at the start again"
    rooms.answer(code, seats[0].token, 1, 2, [[0.05, 1], [1.0, 1]])
    for action in ("close", "reveal"):
        rooms.do(code, action)
    assert rooms.told(code)["result"]["best"]["steps"] == 2
    assert [each.arrived for each in rooms.walks(code)[0]] == [2, None, None, None, None]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((RACES[0], value) for value in (None, 3, [0] * 9, [0] * 9 + [4], [0] * 9 + [True], [0] * 9 + ["0"], {})),
        *((RACES[1], value) for value in (None, 0.1, [0.1], [[0.1]], [[0.1, 2]], [[0.123, 1]], [[0.1, 5]] * 13)),
        *((RACES[1], value) for value in ([[True, 1]], [[float("nan"), 1]], [["0.1", 1]], [[0.1, True]], [[[], 1]])),
    ],
)
def test_what_is_no_answer_of_a_race_is_refused(text, value):
    with pytest.raises(ValueError, match="answer"):
        reads(read_step(text), 1, value)


def test_a_walk_that_overflows_is_told_so_and_can_be_sent():
    step = read_step("fog:Rosenbrock:1")
    gone = walk.seen(best_fixed("round bowl"), step, [[3.0, 5]] * 12)["walk"]
    assert gone["ended"] and gone["left"] and "overflowed" in gone["says"]
    json.dumps(gone, allow_nan=False)
