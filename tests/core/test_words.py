"""Numbers in words."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.words import change, count, duration, number, typed
from tests.cases import for_each


@for_each(
    ("value", "words"),
    [
        (41.96842527, "41.97"),
        (22572, "22,572"),
        (5.60924851e28, "5.61\u00a0×\u00a010²⁸"),
        (1e-6, "10⁻⁶"),
        (-2.5e-4, "−2.5\u00a0×\u00a010⁻⁴"),
        (-1e9, "−10⁹"),
        (-3.5, "−3.5"),
        (0.08452405, "0.08452"),
        (0.0, "0"),
        (-0.0, "0"),
        (2.0, "2"),
        (514.26, "514.3"),
        (999_999.9, "10⁶"),
        (math.nan, "not a number"),
        (math.inf, "infinity"),
        (-math.inf, "minus infinity"),
    ],
)
def test_a_number_is_rounded_for_reading(value, words):
    assert number(value) == words


@for_each(
    ("read", "copied"),
    [
        ("above 10⁶ or 5.61\u00a0×\u00a010²⁸", "above 1e6 or 5.61e28"),
        ("w = −2.5\u00a0×\u00a010⁻⁴ − 3", "w = -2.5e-4 − 3"),
        ("10 of 100, R², 2 × 10", "10 of 100, R², 2 × 10"),
    ],
)
def test_what_is_copied_is_written_as_one_types_it(read, copied):
    assert typed(read) == copied


@given(st.floats(-1e300, 1e300))
def test_what_is_read_is_the_number_to_a_hundredth(value):
    assert float(typed(number(value)).replace(",", "")) == pytest.approx(value, rel=0.0051)


@given(st.floats(1e-3, 999_949))
def test_what_is_read_without_an_exponent_is_the_number_to_four_digits(value):
    assert float(typed(number(value)).replace(",", "")) == pytest.approx(value, rel=0.00051)


@pytest.mark.parametrize(
    ("value", "words"), [(0, "0"), (1592, "1,592"), (15_946_231, "15.9 million"), (3 * 10**12, "3 trillion")]
)
def test_a_count_is_whole_or_in_millions(value, words):
    assert count(value) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (2.34e-4, "0.23 ms"),
        (0.055, "55 ms"),
        (3.2, "3.2 s"),
        (130, "2.2 minutes"),
        (7200, "2 hours"),
        (1e9, "32 years"),
    ],
)
def test_a_time_is_told_in_a_unit_one_can_picture(seconds, words):
    assert duration(seconds) == words


@for_each(
    ("old", "new", "words"),
    [
        (1.5747, 1.0, ("1.575", "1")),
        (1.574612, 1.574876, ("1.57461", "1.57488")),
        (-0.25, -0.25000002, ("−0.250000000", "−0.250000020")),
        (2.0, 2.0, ("2", "2")),
        (math.nan, 2.0, ("not a number", "2")),
        (1.0, 1.0 + 1e-15, ("1.0", "1.000000000000001")),
        (1234567.0, 1234568.0, ("1234567.0", "1234568.0")),
    ],
)
def test_what_changed_little_is_written_so_that_the_change_shows(old, new, words):
    assert change(old, new) == words


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_numbers_that_differ_are_never_written_alike(old, new):
    assert (change(old, new)[0] == change(old, new)[1]) == (old == new)
