"""Columns chosen, gaps dropped or filled: a data set; and training on it."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import StandardScaler

from core import Experiment, stability_limit, train
from core.instruments.log.text import Unreadable
from core.instruments.own_data.choice import Choice, choose, plain_names, usual
from core.instruments.own_data.columns import read_table
from core.instruments.own_data.known import known, openings
from tests.cases import for_each

GAPS = "a,b,kind,y\n1,10,u,2\n2,,v,4\n3,30,u,\n4,50,,9\nnan,60,v,11\n7,80,u,13\n"


def columns(text):
    return read_table(text).columns


def table(n=60, d=3, seed=0):
    """(columns of random numbers x1..xd and y, x (n, d), y (n,))."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(n, d)) * 10.0 ** np.arange(d) + 5
    y = x @ np.arange(1.0, d + 1) + draw.normal(size=n)
    head = ",".join([*(f"x{k + 1}" for k in range(d)), "y"])
    rows = "\n".join(",".join(map(repr, row)) for row in np.column_stack([x, y]).tolist())
    return columns(f"{head}\n{rows}\n"), x, y


def test_rows_with_gaps_are_left_out_and_counted():
    found = choose(columns(GAPS), Choice(x=(0, 1), y=3))
    assert found.data.x.tolist() == [[1, 10], [4, 50], [7, 80]]
    assert found.data.y.tolist() == [2, 9, 13]
    assert found.notes == ("3 of 6 rows with gaps were left out.",)


def test_gaps_in_x_are_filled_with_the_mean_and_counted_and_rows_without_y_left_out():
    found = choose(columns(GAPS), Choice(x=(0, 1), y=3, fill=True))
    assert found.data.x.tolist() == [[1, 10], [2, 50], [4, 50], [3.5, 60], [7, 80]]
    assert found.notes == (
        "1 of 6 rows without y was left out.",
        "2 gaps were filled with the mean of the column.",
    )


def test_words_are_classes_in_alphabetical_order():
    found = choose(columns(GAPS), Choice(x=(1,), y=2))
    assert (found.data.task, found.data.classes, found.data.y.tolist()) == ("classes", ("u", "v"), [0, 0, 1, 0])
    assert "The smallest class has 1 row" in found.notes[1]


def test_whole_numbers_are_classes_when_asked_for():
    text = "x,y\n" + "".join(f"{k},{3 + 2 * (k % 2)}\n" for k in range(20))
    assert choose(columns(text), Choice(x=(0,), y=1)).data.task == "line"
    found = choose(columns(text), Choice(x=(0,), y=1, classes=True)).data
    assert (found.task, found.classes, found.y.tolist()[:3]) == ("classes", ("3", "5"), [0, 1, 0])


def test_one_column_is_a_line_and_more_are_a_regression():
    made, x, y = table()
    assert choose(made, Choice(x=(0,), y=3)).data.task == "line"
    many = choose(made, Choice(x=(0, 1, 2), y=3)).data
    assert many.task == "regression"
    assert np.array_equal(many.x, x)
    assert np.array_equal(many.y, y)
    assert not many.x.flags.writeable


def test_what_is_chosen_at_first_leaves_out_what_only_counts_rows_and_what_tells_nothing():
    text = "id,still,a,word,b\n" + "".join(f"{k},7,{k * k},w{k},{k % 5}\n" for k in range(20))
    assert usual(columns(text)) == Choice(x=(2,), y=4)
    assert usual(columns("n,y\n1,5\n2,7\n3,8\n")) == Choice(x=(0,), y=1)


def test_words_are_classes_only_when_somebody_says_so():
    made = columns("a,b,kind\n" + "".join(f"{k},{k * k % 7},{'uvw'[k % 3]}\n" for k in range(30)))
    assert usual(made) == Choice(x=(0,), y=1)
    only = columns("a,kind\n" + "".join(f"{k * k % 7},{'uvw'[k % 3]}\n" for k in range(30)))
    assert usual(only) == Choice(x=(1,), y=0)
    assert choose(only, Choice(x=(0,), y=1)).data.task == "classes"


def test_an_x_of_words_is_one_column_a_word_as_pandas_has_it():
    text = "size,colour,y\n" + "".join(f"{k},{['red', 'blue', 'green'][k % 3]},{k * k % 11}\n" for k in range(12))
    found = choose(columns(text), Choice(x=(0, 1), y=2))
    expected = pd.get_dummies(pd.read_csv(io.StringIO(text))[["size", "colour"]], prefix_sep=" ")
    assert found.data.columns == tuple(expected.columns)
    assert np.array_equal(found.data.x, expected.to_numpy(dtype=float))
    assert found.notes == ('"colour" became 3 columns, one a word: 1 where it stands, else 0.',)


def test_a_row_without_its_word_is_left_out_or_gets_the_share_of_each_word():
    left = choose(columns("w,y\nu,1\n,2\nv,3\nv,4\n"), Choice(x=(0,), y=1)).data
    assert left.x.tolist() == [[1, 0], [0, 1], [0, 1]]
    filled = choose(columns("w,y\nu,1\n,2\nv,3\nv,4\n"), Choice(x=(0,), y=1, fill=True)).data
    np.testing.assert_allclose(filled.x, [[1, 0], [1 / 3, 2 / 3], [0, 1], [0, 1]])


REFUSED = {
    "no x": (GAPS, Choice(x=(), y=3), "No column was chosen for x"),
    "y in x": (GAPS, Choice(x=(0, 3), y=3), '"y" was chosen for x and for y'),
    "text for x": (
        "x,y\n" + "".join(f"w{k},{k}\n" for k in range(20)),
        Choice(x=(0,), y=1),
        '"x" can\'t be x: it holds text, and x takes numbers or few words',
    ),
    "many words for x": (
        "a,b,c,y\n" + "".join(f"p{k % 9},q{k % 8},r{k % 7},{k}\n" for k in range(40)),
        Choice(x=(0, 1, 2), y=3),
        "With one column a word, x has 24 columns; 20 are allowed",
    ),
    "text for y": (
        "x,y\n" + "".join(f"{k},w{k}\n" for k in range(20)),
        Choice(x=(0,), y=1),
        '"y" can\'t be y: it holds text',
    ),
    "constant y": ("x,y\n1,5\n2,5\n", Choice(x=(0,), y=1), '"y" is always 5, so there is nothing to learn'),
    "constant x": ("x,y\n1,5\n1,6\n", Choice(x=(0,), y=1), '"x" is always the same'),
    "one class": ("x,y\n1,a\n2,a\n,b\n", Choice(x=(0,), y=1), '"y" is always the same in the rows left'),
    "too many classes": (
        "x,y\n" + "".join(f"{k},{k}\n" for k in range(11)),
        Choice(x=(0,), y=1, classes=True),
        '"y" has 11 different values',
    ),
    "gaps all over": ("x,z,y\n1,,5\n,2,6\n,3,7\n", Choice(x=(0, 1), y=2), "Of 3 rows 0 have no gap"),
    "a column without values": ("x,z,y\n1,,5\n2,,6\n3,1,\n", Choice(x=(0, 1), y=2, fill=True), "no mean either"),
    "enormous": ("x,y\n1,5\n1e300,6\n", Choice(x=(0,), y=1), '"x" holds 1e[+]300; numbers up to 1e[+]15'),
}


@for_each("name", REFUSED)
def test_columns_that_make_no_data_set_get_a_sentence(name):
    text, choice, says = REFUSED[name]
    with pytest.raises(Unreadable, match=says):
        choose(columns(text), choice)


@pytest.mark.parametrize("text", ["a,b\nu,v\nw,x\n", "a,b\n1,5\n1,6\n", "a,b\n1,1\n1,1\n"])
def test_a_table_that_has_nothing_to_choose_gets_a_sentence(text):
    with pytest.raises(Unreadable, match="a table needs"):
        usual(columns(text))


def test_a_column_that_never_changes_is_told_beside_one_that_does():
    found = choose(columns("a,b,y\n1,7,2\n2,7,4\n3,7,7\n"), Choice(x=(0, 1), y=2))
    assert found.notes == ('"b" never changes: it adds nothing that a bias could not.',)
    assert known(found.data.name, True).flat == 1


def test_names_lose_all_that_means_something_in_markdown_or_html():
    hostile = [
        "<b>x</b>",
        "**y** [a](http://b.c) $z$ :red[w] `v` www.example.com a@b.c",
        "x" * 99,
        "",
        "\u202eabc",
        "2.5 mm",
    ]
    made = plain_names([*hostile, "2.5 mm"])
    assert not set("".join(made)) & set("<>[]*_$:`@~#|\\&\u202e")
    assert not any("www." in name or "://" in name for name in made)
    assert all(0 < len(name) <= 24 for name in made)
    assert len(set(made)) == len(made)
    assert made[5] == "2.5 mm"


@pytest.mark.parametrize("standardize", [False, True])
@pytest.mark.parametrize("d", [1, 3])
def test_the_limit_is_two_over_the_largest_eigenvalue(d, standardize):
    made, x, _ = table(d=d)
    name = (data := choose(made, Choice(x=tuple(range(d)), y=d)).data).name
    inputs = StandardScaler().fit_transform(x) if standardize else x
    inputs = np.column_stack([inputs, np.ones(len(x))])
    eigenvalues = np.linalg.eigvalsh(2 / len(x) * inputs.T @ inputs)
    found = known(name, standardize)
    assert found.limit == pytest.approx(2 / eigenvalues[-1], rel=1e-12)
    assert found.condition == pytest.approx(eigenvalues[-1] / eigenvalues[0], rel=1e-6)
    assert found.limit == pytest.approx(stability_limit(Experiment(data=data.name, standardize=standardize)), rel=1e-14)


def test_converged_training_on_own_data_is_least_squares():
    made, x, y = table(d=3)
    data = choose(made, Choice(x=(0, 1, 2), y=3)).data
    plain = Experiment(data=data.name, standardize=True)
    history = train(replace(plain, learning_rates=(0.9 * stability_limit(plain),), epochs=3000))
    inputs = np.column_stack([StandardScaler().fit_transform(x), np.ones(len(x))])
    best, _, _, _ = np.linalg.lstsq(inputs, y, rcond=None)
    assert history.parameters is not None
    assert np.allclose(history.parameters[0, -1], best, rtol=1e-9)
    assert history.loss[0, -1] == pytest.approx(np.mean((inputs @ best - y) ** 2), rel=1e-12)


@pytest.mark.parametrize("standardize", [False, True])
@pytest.mark.parametrize("choice", [Choice(x=(0,), y=3), Choice(x=(0, 1, 2), y=3), Choice(x=(1,), y=4)])
def test_the_experiments_it_opens_are_sensible(choice, standardize):
    made, _, _ = table()
    words = np.where(np.arange(60) % 2, "u", "v")
    made = (*made, replace(made[0], name="word", kind="category", words=words))
    data = choose(made, choice).data
    found = openings(data.name, standardize)
    assert set(found) == ({"compare"} if data.task == "line" else set()) | {"network", "sweep"}
    if data.task == "line":
        low, good, high = found["compare"].learning_rates
        limit = stability_limit(found["compare"])
        assert low < good < limit < high
    assert all(experiment.seconds() <= 2 for experiment in found.values())
    assert train(replace(found["network"], epochs=50)).loss.shape == (3, 51)


def test_data_too_steep_for_any_legal_rate_has_no_comparison():
    data = choose(columns("x,y\n1e9,1\n3e9,2\n"), Choice(x=(0,), y=1)).data
    assert "compare" not in openings(data.name, False)
    assert "compare" in openings(data.name, True)
