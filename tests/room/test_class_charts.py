"""The charts of a class's answers, over the tables of real results, and what is said of them."""

from __future__ import annotations

import pytest

from core.drawing.chart_parts import PAPER, for_a_hall
from room import charts, drawings, walk
from room.plan import read_step
from tests.contrast import contrast
from tests.vega import check

TWO_VOTES = {
    "right": 1,
    "counts": [[4, 11, 13], [1, 24, 3]],
    "moved": [[1, 3, 0], [0, 10, 1], [0, 11, 2]],
    "gain": 0.765,
}
ONE_VOTE = {"right": 0, "counts": [[4, 11, 13, 1]], "moved": None, "gain": None}
LIMITS = {"answer": 1.2, "measured": 1.25, "values": [0.01, 0.5, 1.0, 1.1, 2.0, 40.0]}
NUMBERS = {"answer": -2.4, "values": [-2.4, -2.4, 1000.0, -2.0]}
POINTS = [[0.001, 5.0], [0.01, 2.0], [0.1, 0.2], [0.1, 0.2], [1.0, 1e40], [3.0, None]]


def sweep(limit: float | None = 2.0, points=POINTS, theme: str = "light"):
    return drawings.class_sweep(points, theme, 0.001, 10.0, limit)


RAVINE = read_step("fog:ravine:20")
WALKS = [walk.walked(RAVINE, legs) for legs in ([[0.05, 1], [1.0, 1]], [[0.05, 5]], [], [[3.0, 5]], [[0.09, 5]] * 9)]
DRAWN = {
    "two votes": lambda theme: drawings.votes(TWO_VOTES, theme),
    "one vote": lambda theme: drawings.votes(ONE_VOTE, theme),
    "limits": lambda theme: drawings.guesses(LIMITS, theme),
    "numbers": lambda theme: drawings.guesses(NUMBERS, theme),
    "sweep": lambda theme: sweep(theme=theme),
    "walks": lambda theme: drawings.class_walks(WALKS, walk.prepared(RAVINE), theme),
    "walks of two who never moved": lambda theme: drawings.class_walks([WALKS[2]] * 2, walk.prepared(RAVINE), theme),
    "nothing but overflow": lambda theme: sweep(None, [[1.0, None]], theme),
}


def columns(drawing) -> dict[str, set[str]]:
    return {name: set(rows[0] if isinstance(rows, list) else rows) for name, rows in drawing.tables.items()}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", DRAWN)
def test_every_chart_is_valid_self_contained_and_over_what_the_page_sends(name, theme):
    drawn = DRAWN[name](theme)
    check(drawn.spec, columns(drawn))
    check(for_a_hall(drawn.spec, theme, 500), columns(drawn))
    assert len(drawn.words) > 40


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_colours_of_the_votes_stand_out_from_the_page(theme):
    assert min(contrast(str(colour[theme]), PAPER[theme]) for colour in (charts.FIRST, charts.SECOND)) > 3


def test_a_vote_is_bars_with_counts_and_shares_and_the_right_one_has_a_word_and_a_tick():
    drawn = drawings.votes(TWO_VOTES, "light")
    first = drawn.tables["votes"][1]
    assert first["choice"] == "✓ right B" and first["vote"] == "first vote" and first["words"] == "11 · 39%"
    assert [row["choice"] for row in drawn.tables["votes"]] == ["A", "✓ right B", "C"] * 2
    assert [row["words"] for row in drawn.tables["votes"][3:]] == ["1 · 4%", "24 · 86%", "3 · 11%"]
    assert drawn.spec["layer"][0]["encoding"]["yOffset"]["sort"] == ["first vote", "second vote"]
    assert "B 24" in drawn.words and "B is right" in drawn.words


def test_one_vote_has_one_colour_and_no_legend_of_two():
    colour = drawings.votes(ONE_VOTE, "light").spec["layer"][0]["encoding"]["color"]
    assert colour["scale"]["domain"] == ["first vote"] and colour["legend"] is None


def test_a_vote_of_too_few_is_not_drawn_beside_the_other():
    drawn = drawings.votes({"right": 0, "counts": [None, [2, 4]]}, "light")
    assert {row["vote"] for row in drawn.tables["votes"]} == {"second vote"}
    assert "first vote" not in drawn.words


def test_guesses_of_a_limit_lie_on_a_log_axis_with_the_predicted_and_the_measured_limit():
    drawn = drawings.guesses(LIMITS, "light")
    scale = drawn.spec["layer"][0]["encoding"]["x"]["scale"]
    assert scale["type"] == "log" and scale["domain"] == pytest.approx([1e-3, 100])
    assert sum(row["count"] for row in drawn.tables["guesses"]) == 6
    assert [line["words"] for line in drawn.tables["limits"]] == ["predicted 1.2", "measured 1.25"]
    assert [line["row"] for line in drawn.tables["limits"]] == [0, 1]


def test_numbers_below_zero_lie_on_a_linear_axis_and_who_is_far_out_is_told_and_not_drawn():
    drawn = drawings.guesses(NUMBERS, "light")
    scale = drawn.spec["layer"][0]["encoding"]["x"]["scale"]
    assert scale.get("type") is None and scale["domain"][1] < 10
    assert sum(row["count"] for row in drawn.tables["guesses"]) == 3  # one lies beyond
    assert "1 answer lies outside this picture." in drawn.words


def test_a_guess_of_the_limit_below_zero_or_of_a_million_millions_leaves_a_readable_axis():
    drawn = drawings.guesses({"answer": 1.0, "measured": 1.0, "values": [-5.0, 0.0, 1e12, 1.0]}, "light")
    low, high = drawn.spec["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert 1e-5 <= low < 1 < high <= 1e5
    assert "3 answers lie outside this picture." in drawn.words


def test_a_class_is_a_dot_a_seat_with_the_best_rate_marked_and_the_rest_at_the_top():
    drawn = sweep()
    assert len(drawn.tables["points"]) == 4
    assert [(row["rate"], row["words"]) for row in drawn.tables["gone"]][1] == (3.0, "overflowed")
    assert drawn.tables["gone"][0]["rate"] == 1.0  # 10^40 would leave no room for the others
    assert drawn.tables["best"][0]["rate"] == 0.1
    shapes = [layer["mark"].get("shape") for layer in drawn.spec["layer"]]
    assert "triangle-up" in shapes
    assert "2 runs overflowed or ended above the chart" in drawn.words
    assert drawings.beyond(drawn) == "▲ overflowed, or ended above this chart."
    assert drawings.beyond(sweep(points=POINTS[:4])) == ""


def test_however_low_a_loss_fell_the_others_of_the_class_have_their_place():
    drawn = sweep(2.0, [[0.001, 44.0], [0.01, 1e-3], [0.05, 1e-18], [1.0, None]])
    assert [row["loss"] for row in drawn.tables["points"]] == [44.0, 1e-3, 1e-18]


def test_the_words_of_the_limit_have_room_above_every_dot():
    drawn = sweep()
    top = next(layer for layer in drawn.spec["layer"] if layer["data"]["name"] == "points")["encoding"]["y"]["scale"]
    assert top["domain"][1] >= 10 * max(row["loss"] for row in drawn.tables["points"])


def test_the_limit_is_in_the_chart_and_in_its_words_only_where_it_may_be_seen():
    told, hidden = sweep(2.0), sweep(None)
    assert told.tables["limits"][0]["rate"] == 2.0 and "The limit is 2" in told.words
    assert "limits" not in hidden.tables and "limit" not in hidden.words
    assert not any(layer["data"]["name"] == "limits" for layer in hidden.spec["layer"])


def test_both_axes_of_the_sweep_are_logarithmic_and_hold_every_rate_that_can_be_dealt():
    encoding = sweep().spec["layer"][0]["encoding"]
    assert encoding["x"]["scale"] == {"type": "log", "domain": [0.001, 10.0], "nice": False}
    loss = next(layer["encoding"]["y"] for layer in sweep().spec["layer"] if layer["data"]["name"] == "points")
    assert loss["scale"]["type"] == "log"


def test_who_moved_is_said_in_numbers_of_people():
    assert drawings.moved(TWO_VOTES) == (
        "28 voted twice: 14 of 17 who were wrong changed to the right answer. 1 who was right changed to a wrong one."
    )
    assert drawings.moved(ONE_VOTE) == ""
    assert (
        drawings.moved({"right": 0, "moved": [[7, 0], [0, 0]]}) == "All 7 who voted twice were right in the first vote."
    )


def test_the_normalised_gain_is_said_as_a_share_of_what_could_be_gained():
    assert "76%" in drawings.gained(TWO_VOTES) or "77%" in drawings.gained(TWO_VOTES)
    assert drawings.gained(TWO_VOTES | {"gain": -0.2}).startswith("Of these, fewer were right in the second vote")
    assert drawings.gained(ONE_VOTE) == ""
