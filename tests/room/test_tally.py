"""What is made of answers, against counts by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.story.question import ChoiceQuestion, NumberQuestion
from room.tally import FEWEST, of_choices, of_numbers, of_rates, share_right

VOTE = ChoiceQuestion(key="q", ask="?", choices={"a": "", "b": "", "c": ""}, right=1, outcome="")
NUMBER = NumberQuestion(key="n", ask="?", answer=0.1, within=0.2, outcome="")
votes = st.dictionaries(st.integers(0, 30), st.integers(0, 2), max_size=30)


def test_two_votes_of_ten_by_hand():
    first = dict(enumerate([0, 0, 0, 1, 1, 1, 2, 2, 2, 2]))  # 3 of 10 right
    second = dict(enumerate([1, 1, 0, 1, 1, 1, 1, 1, 2, 2]))  # 7 of 10
    found = of_choices(VOTE, first, second)
    assert found["counts"] == [[3, 3, 4], [1, 7, 2]]
    assert found["moved"] == [[1, 2, 0], [0, 3, 0], [0, 2, 2]]
    assert found["gain"] == pytest.approx((0.7 - 0.3) / (1 - 0.3))
    assert not found["few"]


def test_the_gain_is_of_those_who_voted_twice_and_none_where_all_were_right():
    first = dict.fromkeys(range(6), 1) | dict.fromkeys(range(6, 12), 0)
    assert of_choices(VOTE, first, dict.fromkeys(range(6), 1))["gain"] is None
    late = dict.fromkeys(range(20, 30), 1)
    assert of_choices(VOTE, first, late)["moved"] is None, "nobody voted twice"


@given(votes, votes)
def test_counts_and_moves_agree_and_below_five_nothing_is_told(first, second):
    found = of_choices(VOTE, first, second)
    for given_, counts in zip((first, second), found["counts"], strict=False):
        assert (counts is None) == (len(given_) < FEWEST)
        assert counts is None or sum(counts) == len(given_)
    both = set(first) & set(second)
    assert (found["moved"] is None) == (len(both) < FEWEST)
    if found["moved"]:
        assert sum(map(sum, found["moved"])) == len(both)
    assert found["gain"] is None or found["gain"] <= 1


@given(st.lists(st.floats(1e-6, 10), max_size=12))
def test_guesses_are_told_sorted_and_only_of_five(values):
    found = of_numbers(NUMBER, values)
    assert found["values"] == (sorted(values) if len(values) >= FEWEST else None)
    assert (found["said"] is None) == found["few"]


def test_how_many_are_right_is_said_with_how_far_off_still_counts():
    assert of_numbers(NUMBER, [0.079, 0.081, 0.1, 0.119, 0.121])["said"] == "3 of 5 answers are right, to within 20 %."
    assert of_numbers(NUMBER, [0.1, 1, 2, 3, 4])["said"] == "1 of 5 answers is right, to within 20 %."


def test_a_guess_above_the_limit_is_near_and_not_right():
    limit = replace(NUMBER, above="There the loss grows.")
    assert limit.judge(0.1).right and limit.judge(0.081).right
    assert not limit.judge(0.101).right and limit.judge(0.101).why == "There the loss grows."
    assert not limit.judge(0.13).right and limit.judge(0.13).why == ""
    within = "5 guesses are within 20 % of the limit."
    said = [
        of_numbers(limit, values)["said"] for values in ([0.09, 0.1, 0.11, 1, 2], [0.09, 1, 2, 3, 4], [1, 2, 3, 4, 5])
    ]
    assert said == [
        f"3 of {within} 1 of these lies above it, where the loss would grow.",
        f"1 of {within.replace('are', 'is')} None of these lies above it, where the loss would grow.",
        f"0 of {within}",
    ]
    assert share_right(limit, [0.09, 0.1, 0.11, 1, 2]) == 0.4


def test_the_best_rate_has_the_lowest_loss_and_what_overflowed_has_none():
    points = [(0.1, float("inf")), (0.01, 2.0), (0.05, 0.5), (0.001, 9.0), (0.2, float("inf"))]
    found = of_rates(points)
    assert found["best"] == 0.05 and found["points"][0] == [0.001, 9.0] and found["points"][-1] == [0.2, None]
    assert of_rates(points[:4])["points"] is None and of_rates(points[:4])["few"]
    assert of_rates([(0.1, float("inf"))] * 5)["best"] is None


def test_the_share_of_right_answers_needs_five():
    assert share_right(VOTE, [1, 1, 0, 0, 1]) == 0.6 and share_right(VOTE, [1] * 4) is None
