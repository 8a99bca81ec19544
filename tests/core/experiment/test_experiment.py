"""Experiment: its limits, its messages, and that it is the link."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import replace
from urllib.parse import urlencode

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.data.datasets import LINES
from core.data.features import FEATURES
from core.experiment.cost import MAX_CELLS, MAX_SECONDS
from core.experiment.experiment import FIELDS, MAX_LANES, MAX_RATES, Experiment, shortest, trimmed
from core.experiment.fields import link_text
from core.experiment.presets import PRESETS
from core.methods.optimizers import UPDATE_RULES
from core.training.problems import problem
from tests.cases import for_each

RATES = st.floats(1e-12, 1e6)


def _without_a_lines_sharpness(sharpness, **fields):
    """One feature, no hidden layer and the mean of squares make a line, whose sharpness is not measured."""
    bare = Experiment(**fields)
    return replace(bare, sharpness=sharpness if bare.network() else 0)


LEGAL = st.builds(
    Experiment,
    data=st.sampled_from(list(LINES)),
    standardize=st.booleans(),
    activation=st.sampled_from(["tanh", "relu", "sigmoid", "identity"]),
    loss=st.sampled_from(["auto", "mse"]),
    learning_rates=st.lists(RATES, min_size=1, max_size=MAX_LANES).map(tuple),
    epochs=st.integers(1, 800),
    batch_size=st.none() | st.integers(1, 4),
    optimizer=st.sampled_from(["sgd", "momentum"]),
    momentum=st.floats(0, 0.999),
    start=st.just(()) | st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9)),
    seed=st.integers(0, 2**32 - 1),
    engine=st.sampled_from(["numpy", "torch"]),
    precision=st.sampled_from(["float64", "float32"]),
)
NETWORKS = st.builds(
    _without_a_lines_sharpness,
    data=st.sampled_from(["circles", "xor", "moons", "gaussians", "spirals"]),
    noise=st.none() | st.floats(0, 1),
    test_share=st.floats(0, 0.9),
    standardize=st.booleans(),
    features=st.lists(st.sampled_from(list(FEATURES)), unique=True).map(tuple),
    hidden=st.lists(st.integers(1, 64), max_size=6).map(tuple),
    activation=st.sampled_from(["tanh", "relu", "sigmoid", "identity"]),
    loss=st.sampled_from(["auto", "mse", "cross-entropy"]),
    l1=st.floats(0, 1),
    l2=st.floats(0, 1),
    learning_rates=st.lists(RATES, min_size=1, max_size=MAX_LANES).map(tuple),
    epochs=st.integers(1, 3),
    batch_size=st.none() | st.integers(1, 20),
    optimizer=st.sampled_from(list(UPDATE_RULES)),
    momentum=st.floats(0, 0.999),
    seed=st.integers(0, 2**32 - 1),
    engine=st.sampled_from(["numpy", "torch"]),
    precision=st.sampled_from(["float64", "float32"]),
    sharpness=st.integers(0, 60),
)


def _of_many_rates(experiment, count, rate):
    """As many rates as no page shows; of one epoch, as so many cost more."""
    rates = tuple(max(1e-12, rate * (1 - place / count)) for place in range(count))
    return replace(experiment, learning_rates=rates, epochs=1, sharpness=0)


MANY = st.builds(_of_many_rates, LEGAL | NETWORKS, st.integers(MAX_LANES + 1, MAX_RATES), RATES)
WORDS = [field.in_link for field in FIELDS] + ["v"]
ODD_TEXTS = st.one_of(
    st.text(max_size=60),
    st.binary(max_size=20).map(lambda raw: raw.decode("latin-1")),
    st.floats(allow_nan=True, allow_infinity=True).map(str),
    st.integers(-(10**40), 10**40).map(str),
    st.sampled_from(["", "nan", "-inf", "1e999", "-1e999", "1_0", "٣", "0x10", "on", "full", "penguins", "\x00"]),
)
ODD_QUERIES = st.dictionaries(
    st.sampled_from(WORDS) | st.text(max_size=30), ODD_TEXTS | st.lists(ODD_TEXTS, max_size=12), max_size=14
)

REFUSALS = [
    ({"learning_rates": (-0.1,)}, "learning_rates must be > 0, got -0.1"),
    ({"learning_rates": (0.01, 0.0)}, "learning_rates must be > 0, got 0.0"),
    ({"learning_rates": (1e7,)}, "learning_rates must be from 1e-12 to 1e+06, got 10000000.0"),
    ({"learning_rates": (1e-13,)}, "learning_rates must be from 1e-12 to 1e+06, got 1e-13"),
    ({"learning_rates": (math.nan,)}, "learning_rates must be from 1e-12 to 1e+06, got nan"),
    ({"learning_rates": (math.inf,)}, "learning_rates must be from 1e-12 to 1e+06, got inf"),
    ({"learning_rates": ("0.1",)}, "learning_rates must be a number, got '0.1'"),
    ({"learning_rates": 0.1}, "learning_rates must be a sequence of numbers, got 0.1"),
    ({"learning_rates": "0.1"}, "learning_rates must be a sequence of numbers, got '0.1'"),
    ({"learning_rates": (0.1,) * 513}, "learning_rates must hold at most 512 rates, got 513: sweep() takes more"),
    ({"learning_rates": ()}, "learning_rates must hold at least one rate, got none"),
    ({"data": "iris"}, "data must be one of article, article-torch,"),
    ({"epochs": 0}, "epochs must be from 1 to"),
    ({"epochs": 1.5}, "epochs must be a whole number, got 1.5"),
    ({"epochs": True}, "epochs must be a whole number, got True"),
    ({"epochs": None}, "epochs must be a whole number, got None"),
    ({"epochs": 10**9}, "take fewer epochs, fewer rates or larger batches"),
    ({"batch_size": 6}, "batch_size must be <= 5 for this data, got 6"),
    ({"batch_size": 0}, "batch_size must be from 1 to"),
    ({"momentum": 1.0}, "momentum must be from 0 to 0.999, got 1.0"),
    ({"momentum": -0.5}, "momentum must be from 0 to 0.999, got -0.5"),
    ({"optimizer": "lion"}, f"optimizer must be one of {', '.join(UPDATE_RULES)}, got 'lion'"),
    ({"start": (1.0,)}, "start must hold 2 numbers (w, then b) or none, got 1"),
    ({"start": (1e10, 0.0)}, "start must be from -1e+09 to 1e+09, got 10000000000.0"),
    ({"seed": -1}, "seed must be from 0 to 4.29497e+09, got -1"),
    ({"engine": "jax"}, "engine must be one of numpy, torch, got 'jax'"),
    ({"precision": "float16"}, "precision must be one of float64, float32, got 'float16'"),
    ({"hidden": (0,)}, "hidden must be from 1 to 64, got 0"),
    ({"hidden": (65, 8)}, "hidden must be from 1 to 64, got 65"),
    ({"hidden": (8,) * 7}, "hidden must hold at most 6 layers, got 7"),
    ({"features": ("z",)}, "features must be one of x, y, x2,"),
    ({"features": "x"}, "features must be a sequence of names, got 'x'"),
    ({"features": ("x", "x"), "data": "xor"}, "features must differ from each other, got ('x', 'x')"),
    ({"features": ("x",)}, "features must be () for article, got ('x',)"),
    ({"noise": 0.3}, "noise must be left out for article, got 0.3"),
    ({"noise": 2, "data": "xor"}, "noise must be from 0 to 1, got 2"),
    ({"test_share": 1.0}, "test_share must be from 0 to 0.9, got 1.0"),
    ({"l2": -1.0}, "l2 must be from 0 to 1, got -1.0"),
    ({"loss": "cross-entropy"}, "loss must be auto or mse for article, got 'cross-entropy'"),
    ({"start": (1.0, 2.0), "hidden": (8,)}, "start must be () for a network, got 2 numbers"),
    ({"standardize": "yes"}, "standardize must be True or False, got 'yes'"),
    ({"sharpness": 3}, "sharpness must be 0 for a line, got 3"),
    ({"sharpness": 61, "hidden": (8,)}, "sharpness must be from 0 to 60, got 61"),
]


@for_each(("fields", "words"), REFUSALS)
def test_a_refusal_names_field_value_and_what_is_allowed(fields, words):
    with pytest.raises(ValueError) as refusal:
        Experiment(**fields)
    message = str(refusal.value)
    assert words in message
    assert message.startswith(next(iter(fields)))
    assert ", got " in message
    assert len(message) < 300


SET = {"data": "xor", "noise": 0.3, "features": ("x", "y"), "hidden": (4, 3), "batch_size": 7, "sharpness": 2}
# What a notebook may hold where a number, a name or a switch should be.
ONES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 70),
    st.floats(),
    st.text(max_size=12),
    st.binary(max_size=4),
    st.complex_numbers(),
    st.decimals(),
    st.sampled_from([-(10**400), "np", object(), np.float64("nan"), np.int8(3), np.True_, np.str_("sgd")]),
)
ODD_VALUES = st.one_of(
    ONES,
    st.lists(ONES | st.lists(ONES, max_size=2), max_size=4),
    st.lists(ONES, max_size=3).map(tuple),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
    st.frozensets(st.integers(0, 9), max_size=2),
    arrays(st.sampled_from(["f8", "f4", "i8", "bool", "U3", "O"]), st.sampled_from([(), (0,), (1,), (2,), (2, 2)])),
)


@given(field=st.sampled_from([field.name for field in FIELDS]), value=ODD_VALUES)
@settings(max_examples=600, deadline=None)
def test_whatever_a_field_is_given_it_is_taken_in_its_normal_form_or_refused_by_its_name(field, value):
    try:
        taken = getattr(Experiment(**{"epochs": 1, field: value}), field)
    except ValueError as refusal:
        assert str(refusal).startswith((f"{field} must ", "epochs must be <= "))  # so many rates are too many epochs
        assert ", got " in str(refusal)
        assert len(str(refusal)) < 500
        assert "\n" not in str(refusal)
    else:
        parts = taken if isinstance(taken, tuple) else (taken,)
        assert {type(part) for part in parts} <= {int, float, str, bool, type(None)}
        assert hash(taken) == hash(getattr(Experiment(), field)) or taken != getattr(Experiment(), field)


@pytest.mark.parametrize(
    "value", ["x" * 100_000, [[0] * 100_000], 10**5000, np.eye(100)], ids=["text", "list", "int", "array"]
)
def test_a_value_too_long_to_be_read_is_refused_in_a_line(value):
    for field in FIELDS:
        with pytest.raises(ValueError, match=f"^{field.name} must .*, got .{{1,210}}$"):
            Experiment(**{field.name: value})


@pytest.mark.parametrize("field", [field.name for field in FIELDS])
def test_a_fields_own_value_is_taken_from_numpy_as_from_python(field):
    given = Experiment(**(SET | {"epochs": 1}))
    value = getattr(given, field)
    array = np.array(value)
    assert replace(given, **{field: array if array.ndim else array[()]}) == given


def test_the_defaults_are_the_articles_experiment():
    experiment = Experiment()
    assert (experiment.data, experiment.epochs, experiment.batch_size) == ("article", 1000, None)
    assert experiment.learning_rates == (1e-6, 0.01, 1.0)
    assert (experiment.momentum, experiment.start, experiment.standardize) == (0.0, (), False)


def test_an_experiment_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Experiment().epochs = 3


def test_the_same_values_in_other_types_are_the_same_experiment():
    one = Experiment(learning_rates=[1, 2], epochs=np.int64(10), momentum=0, start=np.array([1, 2]))
    two = Experiment(learning_rates=(1.0, 2.0), epochs=10, momentum=0.0, start=(1.0, 2.0))
    assert one == two
    assert hash(one) == hash(two)
    assert repr(one) == repr(two)  # the page's cache tells experiments apart by this


@for_each(
    "change",
    [
        {"data": "penguins"},
        {"standardize": True},
        {"learning_rates": (1e-6, 0.01)},
        {"learning_rates": (0.01, 1e-6, 1.0)},
        {"epochs": 999},
        {"batch_size": 5},
        {"optimizer": "momentum"},
        {"momentum": 0.1},
        {"start": (0.0, 1.0)},
        {"seed": 1},
        {"engine": "torch"},
        {"precision": "float32"},
        {"activation": "relu"},
        {"loss": "mse"},
        {"hidden": (8,)},
        {"test_share": 0.2},
        {"l1": 0.1},
        {"l2": 0.1},
    ],
)
def test_experiments_that_differ_in_one_field_differ(change):
    other = replace(Experiment(), **change)
    assert other != Experiment()
    assert repr(other) != repr(Experiment())


@settings(max_examples=200)
@given(LEGAL | NETWORKS | MANY)
def test_every_legal_experiment_comes_back_from_its_link_unchanged(experiment):
    query = experiment.to_query()
    assert Experiment.from_query(query) == (experiment, ())
    text = urlencode(query, doseq=True)
    back, repairs = Experiment.from_query(text)
    assert back == experiment and hash(back) == hash(experiment)
    assert repairs == ()
    assert Experiment.from_query("?" + text) == (experiment, ())


def test_a_link_names_every_field_and_its_version():
    query = Experiment().to_query()
    assert len(query) == len(dataclasses.fields(Experiment)) + 1
    assert query["v"] == ["1"]
    assert query["lr"] == ["1e-06", "0.01", "1.0"]


def test_what_a_link_leaves_out_keeps_its_default():
    assert Experiment.from_query("") == (Experiment(), ())
    assert Experiment.from_query({}) == (Experiment(), ())
    assert Experiment.from_query("lr=0.5&epochs=7") == (Experiment(learning_rates=(0.5,), epochs=7), ())
    assert Experiment.from_query({"epochs": "7"})[0].epochs == 7


@settings(max_examples=300)
@given(ODD_QUERIES)
def test_any_query_gives_a_legal_experiment_and_short_repairs(query):
    experiment, repairs = Experiment.from_query(query)
    assert replace(experiment) == experiment  # made anew, every check passes
    assert Experiment.from_query(experiment.to_query()) == (experiment, ())
    assert len(repairs) <= 40
    for repair in repairs:
        assert repair.reason
        assert len(str(repair)) < 400
        assert str(repair).isprintable()


@settings(max_examples=200)
@given(st.text(max_size=300) | st.lists(st.tuples(st.sampled_from(WORDS), ODD_TEXTS)).map(urlencode))
def test_any_text_after_the_question_mark_gives_a_legal_experiment(text):
    experiment, _ = Experiment.from_query(text)
    assert replace(experiment) == experiment


NET = Experiment(hidden=(4,))
REPAIRED = [
    ("lr=abc", {"lr"}, {}),
    ("lr=-1", {"lr"}, {"learning_rates": (1e-12,)}),
    ("lr=nan", {"lr"}, {}),
    ("lr=1e999", {"lr"}, {"learning_rates": (1e6,)}),
    ("lr=0.1&lr=abc&lr=0.2", {"lr"}, {"learning_rates": (0.1, 0.2)}),
    ("epochs=1e9", {"epochs"}, {"epochs": 1000}),
    ("epochs=-5", {"epochs"}, {"epochs": 1}),
    ("epochs=10.5", {"epochs"}, {"epochs": 10}),
    ("epochs=many", {"epochs"}, {}),
    ("momentum=2", {"momentum"}, {"momentum": 0.999}),
    ("batch_size=7", {"batch_size"}, {}),
    ("batch_size=0", {"batch_size"}, {"batch_size": 1}),
    ("data=iris", {"data"}, {}),
    ("engine=jax&precision=float16", {"engine", "precision"}, {}),
    ("standardize=perhaps", {"standardize"}, {}),
    ("hidden=8&hidden=8", set(), {"hidden": (8, 8)}),
    ("hidden=8x4", set(), {"hidden": (8, 4)}),
    ("hidden=1000x50", {"hidden"}, {"hidden": (64, 50)}),
    ("hidden=deep", {"hidden"}, {}),
    ("hidden=" + "x".join(["4"] * 9), {"hidden"}, {"hidden": (4,) * 6}),
    ("hidden=4&epochs=1e9", {"epochs"}, {"hidden": (4,), "epochs": 1000}),
    ("data=xor&features=x&features=z", {"features"}, {"data": "xor", "features": ("x",)}),
    ("data=xor&features=x&features=x", set(), {"data": "xor", "features": ("x",)}),
    ("features=x", {"features"}, {}),
    ("noise=0.3", {"noise"}, {}),
    ("data=xor&noise=0.3", set(), {"data": "xor", "noise": 0.3}),
    ("loss=cross-entropy", {"loss"}, {}),
    ("hidden=4&start=1&start=2", {"start"}, {"hidden": (4,)}),
    ("data=xor&test=0.5&batch_size=129", {"batch_size"}, {"data": "xor", "test_share": 0.5}),
    ("hidden=4&sharpness=1000", {"sharpness"}, {"hidden": (4,), "sharpness": 60}),
    ("start=3", {"start"}, {}),
    ("start=1e30&start=2", {"start"}, {"start": (1e9, 2.0)}),
    ("seed=-1", {"seed"}, {"seed": 0}),
    ("sharpness=9", {"sharpness"}, {}),
    ("v=2", {"v"}, {}),
    ("colour=red", {"colour"}, {}),
    ("lr=abc&epochs=0&data=iris&who=me", {"lr", "epochs", "data", "who"}, {"epochs": 1}),
]


@for_each(("text", "names", "fields"), REPAIRED)
def test_each_bad_value_is_repaired_to_the_nearest_legal_one_and_named(text, names, fields):
    experiment, repairs = Experiment.from_query(text)
    assert experiment == replace(Experiment(), **fields)
    assert {repair.name for repair in repairs} == names


def test_a_repair_says_what_was_asked_what_is_used_and_why():
    (repair,) = Experiment.from_query("momentum=2")[1]
    assert str(repair) == "momentum=2: it must be from 0 to 0.999; using 0.999."


def test_five_thousand_rates_leave_the_first_five_hundred_and_one_repair():
    rates = [f"{k}e-4" for k in range(1, 5001)]
    experiment, repairs = Experiment.from_query({"lr": rates})
    assert experiment.learning_rates == tuple(float(rate) for rate in rates[:MAX_RATES])
    assert [(repair.name, repair.got) for repair in repairs] == [("lr", "(5,000 values)")]


def test_a_link_of_many_rates_that_costs_too_much_is_repaired_in_its_epochs():
    experiment, repairs = Experiment.from_query({"lr": ["0.01"] * MAX_RATES, "epochs": "7813"})
    assert (len(experiment.learning_rates), experiment.epochs) == (MAX_RATES, 1000)
    assert [repair.reason for repair in repairs] == ["at most 7,812 fit these rates"]


@settings(deadline=None, max_examples=30)
@given(LEGAL | NETWORKS | MANY)
def test_every_legal_experiment_comes_through_an_over_long_link_and_nothing_is_cut_twice(experiment):
    query = urlencode(experiment.to_query() | {"who": "x" * 9000}, doseq=True)
    short = trimmed(query)
    assert Experiment.from_query(short)[0] == experiment
    assert trimmed(short) == short


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.sampled_from(WORDS) | st.text(max_size=50), ODD_TEXTS), max_size=60).map(urlencode))
def test_an_over_long_link_is_cut_once(query):
    assert trimmed(trimmed(query)) == trimmed(query)


@pytest.mark.parametrize(
    "text",
    [
        "lr=" + "9" * 1_000_000,
        "data=" + "%ff" * 333_000,
        "&".join(["lr=x"] * 200_000),
        "&".join(f"n{k}=1" for k in range(100_000)),
        "x" * 1_000_000,
        "&".join(["a=1"] * 250_000),
    ],
    ids=["digits", "bytes", "rates", "names", "no value", "one name"],
)
def test_a_megabyte_of_query_is_answered_in_a_few_short_lines(text):
    experiment, repairs = Experiment.from_query(text)
    assert experiment == Experiment()
    assert 1 <= len(repairs) <= 13
    assert sum(len(str(repair)) for repair in repairs) < 1500


@given(LEGAL | NETWORKS)
def test_epochs_within_a_second_are_estimated_to_take_no_longer_and_are_never_more_than_its_own(experiment):
    few = experiment.epochs_within(1.0)
    assert 1 <= few <= experiment.epochs
    assert few == 1 or replace(experiment, epochs=few).seconds() <= 1.0 + 1e-9


@given(LEGAL | NETWORKS)
def test_the_largest_number_of_epochs_is_legal_and_one_more_is_not(experiment):
    most = experiment.largest_epochs()
    largest = replace(experiment, epochs=most)
    assert most * len(experiment.learning_rates) <= MAX_CELLS
    assert largest.seconds() <= MAX_SECONDS or most == 1
    with pytest.raises(ValueError, match=f"epochs must be <= {most:,} "):
        replace(experiment, epochs=most + 1)


def test_more_rates_slower_engines_and_smaller_batches_leave_fewer_epochs():
    one = Experiment(learning_rates=(0.1,), epochs=1)
    assert replace(one, learning_rates=(0.1,) * 8).largest_epochs() < one.largest_epochs()
    assert replace(one, engine="torch").largest_epochs() < one.largest_epochs()
    penguins = replace(one, data="penguins")
    assert replace(penguins, batch_size=1).largest_epochs() < penguins.largest_epochs()


@pytest.mark.parametrize(("batch", "steps"), [(None, 1), (342, 1), (341, 2), (100, 4), (1, 342)])
def test_an_epoch_has_as_many_steps_as_batches_cover_the_data(batch, steps):
    assert Experiment(data="penguins", learning_rates=(1e-5,), epochs=1, batch_size=batch).steps_per_epoch == steps


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_a_link_and_starts_where_its_problem_does(name):
    preset = PRESETS[name]
    assert Experiment.from_query(preset.to_query()) == (preset, ())
    assert 2 <= len(preset.learning_rates) <= MAX_LANES
    assert len(problem(preset).start) == 2


def test_a_link_that_measures_the_sharpness_of_too_much_measures_it_less_often_and_says_so():
    link = {"data": "digits", "hidden": ["64"] * 6, "batch_size": "1", "epochs": "1", "sharpness": "60"}
    experiment, repairs = Experiment.from_query(link | {"lr": ["0.1"] * 8})
    assert 0 <= experiment.sharpness < 60
    assert experiment.seconds() <= MAX_SECONDS
    assert [(repair.name, repair.got) for repair in repairs] == [("sharpness", "60")]
    with pytest.raises(ValueError, match=f"sharpness must be <= {experiment.sharpness} "):
        replace(experiment, sharpness=experiment.sharpness + 1)


def test_a_link_escapes_no_comma_semicolon_or_colon():
    points = Experiment(data="points:1,2;2,4")
    assert link_text({"data": [points.data], "lock": ["lr,data"]}) == "data=points:1,2;2,4&lock=lr,data"
    assert Experiment.from_query(link_text(points.to_query())) == (points, ())


@pytest.mark.parametrize(
    "experiment",
    [
        Experiment(start=(1.0, -2.5), learning_rates=(1e-5,)),
        Experiment(data="moons", hidden=(4, 3), features=("x", "y"), learning_rates=(1e-12, 1e6, 1e-10)),
    ],
)
def test_the_shortest_words_are_the_same_experiment(experiment):
    short = link_text(shortest(experiment.to_query()))
    assert Experiment.from_query(short) == (experiment, ())
    assert len(short) < len(link_text(experiment.to_query())) and "e-0" not in short and ".0&" not in short
