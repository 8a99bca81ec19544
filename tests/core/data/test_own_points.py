"""A small data set as the text of a link."""

from __future__ import annotations

import pickle
from urllib.parse import urlencode

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import Experiment, dataset, stability_limit, train
from core.data.points import LONGEST_POINTS, MOST_POINTS, read_points, write_points
from core.experiment.experiment import trimmed
from tests.cases import for_each

NUMBERS = st.floats(-1e15, 1e15, allow_nan=False)
SETS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=2, max_size=MOST_POINTS).filter(
    lambda pairs: all(len({pair[axis] for pair in pairs}) > 1 for axis in (0, 1))
)


@given(SETS)
def test_points_come_back_from_text_and_from_a_link_as_the_same_numbers(pairs):
    text = write_points(pairs)
    assert len(text) <= LONGEST_POINTS
    assert read_points(text) == tuple((x + 0.0, y + 0.0) for x, y in pairs)
    experiment = Experiment(data=text)
    query = urlencode(experiment.to_query(), doseq=True)
    assert Experiment.from_query(query) == (experiment, ())
    assert Experiment.from_query(trimmed(query)) == (experiment, ())


DRAWN = st.lists(
    st.tuples(*[st.decimals(-1000, 1000, places=2).map(float)] * 2), min_size=MOST_POINTS, max_size=MOST_POINTS
).filter(lambda pairs: all(len({pair[axis] for pair in pairs}) > 1 for axis in (0, 1)))


@given(DRAWN)
def test_thirty_drawn_points_are_a_link_of_less_than_400_characters(pairs):
    experiment = Experiment(data=write_points(pairs))
    assert read_points(experiment.data) == tuple((x + 0.0, y + 0.0) for x, y in pairs)
    assert len(urlencode({"data": experiment.data})) < 400  # escaped as browsers do it


def test_both_forms_are_read_for_ever_and_mean_the_same_data():
    short, long = "points:d2.2s.5k.s.s", "points:1,2;1.28,2.28"
    assert read_points(short) == read_points(long) == ((1.0, 2.0), (1.28, 2.28))
    assert Experiment(data=short) == Experiment(data=long)


def test_thirty_points_of_17_digits_survive_a_link_that_is_cut():
    pairs = [(-1.2345678901234567e-300 * k, -1.2345678901234567e-200 * k) for k in range(1, 31)]
    experiment = Experiment(data=write_points(pairs))
    link = urlencode(experiment.to_query() | {"x": ["y" * 9000]}, doseq=True)
    assert Experiment.from_query(trimmed(link))[0] == experiment


def test_one_set_has_one_text_so_experiments_on_it_are_equal():
    ways = ["points:1,2;2,4", "points:1.0,2.0;2,4;", "points: 1 ,2e0;2,4.000"]
    assert {Experiment(data=way) for way in ways} == {Experiment(data="points:1,2;2,4")}
    assert write_points([(0.0, 1), (-0.0, 2), (1, 3)]) == "points:0,1;0,2;1,3"


def test_the_articles_points_typed_are_the_articles_run():
    typed = Experiment(data="points:1,2;2,4;3,6;4,8;5,10")
    assert stability_limit(typed) == stability_limit(Experiment())
    assert np.array_equal(train(typed).loss, train(Experiment()).loss, equal_nan=True)
    assert pickle.loads(pickle.dumps(typed)) == typed


@for_each(
    ("text", "says"),
    [
        ("points:", "data must hold 2 to 30 points, got 0"),
        ("points:1,2", "data must hold 2 to 30 points, got 1"),
        ("points:d2", "data must hold 2 to 30 points, got 0"),
        ("points:d0.1.2.1", "data must hold points like 1,2;2,4, got '2'"),
        ("points:d0.zzzzzzzzzzzzzz.2.1.1", "data must hold finite numbers up to"),
        ("points:d2.1_0.2.1.1", "got 1"),
        ("points:" + "1,2;3,4;" * 20, "got 40: upload a larger set as a table"),
        ("points:1,2;2", "data must hold points like 1,2;2,4, got '2'"),
        ("points:1,2;2,x", "got '2,x'"),
        ("points:1,2;nan,3", "data must hold finite numbers up to 1e[+]15, got nan"),
        ("points:1,2;2,1e300", "got 1e[+]300"),
        ("points:1,2;1,3", "data must hold points that differ in x, got x = 1 in all of them"),
        ("points:1,2;2,2", "data must hold points that differ in y"),
        ("points:1,2;" + "1" * 5000, "at most 2,000 characters, got 5,011"),
        ("upload:0123", "data must be an upload that is still there, got 'upload:0123'"),
    ],
)
def test_what_is_no_set_of_points_is_refused_and_in_a_link_repaired(text, says):
    with pytest.raises(ValueError, match=says):
        Experiment(data=text)
    experiment, (repair,) = Experiment.from_query({"data": text})
    assert experiment == Experiment()
    assert repair.name == "data"
    assert len(str(repair)) < 250


@given(st.text(max_size=60), st.sampled_from(["points:", "upload:", ""]))
def test_no_text_makes_a_link_raise(text, begins):
    Experiment.from_query({"data": begins + text})


def test_points_need_no_noise_and_no_features():
    data = dataset("points:1,2;2,4;3,7")
    assert (data.task, data.title, data.x.tolist(), data.y.tolist()) == (
        "line",
        "Your points",
        [[1], [2], [3]],
        [2, 4, 7],
    )
    with pytest.raises(ValueError, match="noise must be left out"):
        Experiment(data=data.name, noise=0.1)
