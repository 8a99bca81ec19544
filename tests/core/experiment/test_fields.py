"""One field: what it checks, and how a link writes and reads it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.experiment.fields import LONGEST_WORD, Field, Repair, shorten
from tests.cases import for_each

RATE = Field(name="rate", kind=float, default=0.5, word="r", low=1e-3, high=10.0)
RATES = Field(name="rates", kind=float, default=(0.5,), low=1e-3, high=10.0, most=3)
COUNT = Field(name="count", kind=int, default=4, low=1, high=9, empty="all")
SWITCH = Field(name="switch", kind=bool, default=False)
CHOICE = Field(name="choice", kind=str, default="a", choices=("a", "b"))
STOPS = Field(name="stops", kind=int, default=10, choices=(1, 10, 100), low=1, high=100)


@given(st.floats(1e-3, 10.0))
def test_a_float_reads_back_as_the_very_same_number(value):
    assert RATE.read(RATE.write(value)) == (value, [])


@given(st.none() | st.integers(1, 9))
def test_a_whole_number_or_none_reads_back(value):
    assert COUNT.read(COUNT.write(value)) == (value, [])


@given(st.lists(st.floats(1e-3, 10.0), min_size=1, max_size=3))
def test_a_tuple_reads_back(values):
    assert RATES.read(RATES.write(tuple(values))) == (tuple(values), [])


@given(st.floats(allow_nan=False))
def test_a_number_outside_is_read_as_the_nearest_end(value):
    read, repairs = RATE.read([repr(value)])
    assert read == min(max(value, 1e-3), 10.0)
    assert len(repairs) == (0 if 1e-3 <= value <= 10.0 else 1)


@given(st.text())
def test_no_text_makes_reading_raise(text):
    for field in (RATE, RATES, COUNT, SWITCH, CHOICE, STOPS):
        value, _ = field.read([text])
        assert field.check(value) == value


@pytest.mark.parametrize("word", ["on", "ON", "true", "1"])
def test_a_switch_is_on(word):
    assert SWITCH.read([word]) == (True, [])


def test_the_last_word_for_a_single_field_counts():
    assert RATE.read(["1", "2"]) == (2.0, [])


def test_a_repair_uses_the_word_of_the_link_and_not_of_the_code():
    (repair,) = RATE.read(["99"])[1]
    assert (repair.name, repair.got, repair.used) == ("r", "99", "10.0")


def test_too_many_values_are_one_repair():
    values, repairs = RATES.read(["1", "2", "3", "4", "5"])
    assert values == (1.0, 2.0, 3.0)
    assert [repair.got for repair in repairs] == ["(5 values)"]


def test_values_that_are_no_numbers_are_left_out_and_each_is_named():
    values, repairs = RATES.read(["x", "2", "y"])
    assert values == (2.0,)
    assert [repair.got for repair in repairs] == ["x", "y"]


def test_values_none_of_which_is_a_number_give_the_default():
    values, repairs = RATES.read(["x", "y"])
    assert values == (0.5,)
    assert len(repairs) == 1


@given(st.text())
def test_what_is_shown_of_a_link_is_short_and_printable(text):
    shown = shorten(text)
    assert shown.isprintable()
    assert len(shown) <= LONGEST_WORD + 3
    if len(text) <= LONGEST_WORD and text.isprintable():
        assert shown == text


def test_a_repair_reads_as_a_sentence():
    repair = Repair(name="lr", got="abc", used="0.01", reason="it is not a number")
    assert str(repair) == "lr=abc: it is not a number; using 0.01."


@for_each("value", [True, "1", None, [1], 1.5, float("nan"), float("inf")])
def test_a_whole_number_is_nothing_else(value):
    field = Field(name="steps", kind=int, default=4, low=1, high=9)
    with pytest.raises(ValueError, match="steps must be a whole number, got"):
        field.check(value)


@pytest.mark.parametrize(
    ("text", "value"), [("10", 10), ("100", 100), ("40", 10), ("70", 100), ("0", 1), ("1e9", 100), ("4.1", 1)]
)
def test_a_number_of_which_only_some_are_legal_is_read_as_the_nearest_of_them(text, value):
    read, repairs = STOPS.read([text])
    assert (read, len(repairs)) == (value, text != str(value))
    assert STOPS.check(value) == value
    with pytest.raises(ValueError, match="stops must be one of 1, 10, 100, got 40"):
        STOPS.check(40)
