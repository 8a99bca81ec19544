"""Numbers in the browser are those of Python: rounded alike, written alike into a link, and read as they were typed."""

from __future__ import annotations

import math
from itertools import product

import numpy as np

from core import words
from core.drawing.axes import decades
from tests.node import node, sendable

RNG = np.random.default_rng(0)
TIES = [125 / 2**k for k in range(12)] + [k + 0.5 for k in range(900, 1100)] + [k + 0.25 for k in range(100, 140)]
EDGES = [1e-3, 9.9995e-4, 9.99949e-4, 999.95, 999.949, 1e6, 999_999.5, 999_950.0, 999_949.9, 1e-4, 1e16, 1e22]
TINY = [5e-324, 2.2e-308, 1.7976931348623157e308, 3.4e38, 1125e3, 1135e3, 10045e3, 123456789.0, 1e-6, 1e-7]
VALUES = [
    0.0,
    *(sign * value for value in (*TIES, *EDGES, *TINY) for sign in (1, -1)),
    *(10.0 ** RNG.uniform(-320, 308, 3000)).tolist(),
    *(10.0 ** RNG.uniform(-5, 8, 3000)).tolist(),
    *(float(f"{digits}e{power}") for digits in (1, 1.5, 2, 3, 5, 7) for power in range(-12, 7)),
    *RNG.integers(-(10**7), 10**7, 1000).astype(float).tolist(),
]


def each(function: str, values: list[float]) -> list[str]:
    told: list[str] = node("numbers.js", f"return given.map((value) => m.{function}(value))", values)
    return told


def test_a_number_is_rounded_for_reading_as_python_does_it():
    values = [*VALUES, math.nan, math.inf, -math.inf]
    told = dict(zip(values, each("inWords", list(map(sendable, values))), strict=True))
    assert {value: js for value, js in told.items() if js != words.number(value)} == {}


def test_a_number_in_a_link_is_pythons_repr():
    told = dict(zip(VALUES, each("asPython", VALUES), strict=True))
    assert {value: js for value, js in told.items() if js != repr(value)} == {}


def test_a_number_in_a_field_says_every_digit():
    assert list(map(float, each("exact", VALUES))) == VALUES
    assert each("exact", [1e-6, 0.0333, 1.0, 0.1, 1e6, 1e-12]) == ["1e-6", "0.0333", "1", "0.1", "1000000", "1e-12"]


def test_what_is_shown_in_a_field_is_read_back():
    read = node("numbers.js", "return given.map((value) => m.readNumber(m.exact(value)).value)", VALUES)
    assert list(map(float, read)) == VALUES


def test_labels_stand_at_the_powers_of_ten_that_python_finds():
    asked = list(product((1e-12, 3e-7, 0.02, 1.0), (1.5, 100.0, 2e5), (2, 3, 6)))
    told = node("numbers.js", "return given.map((ends) => m.decades(...ends))", asked)
    np.testing.assert_allclose(
        [power for powers in told for power in powers],
        [power for ends in asked for power in decades(*ends)],
        rtol=1e-12,
    )


def test_the_next_round_number_is_the_nearest_of_1_15_2_3_5_7_beyond():
    rounds = [float(f"{step}e{power}") for power in range(-14, 9) for step in (1, 1.5, 2, 3, 5, 7)]
    values = [*rounds[12:-12], *(10.0 ** RNG.uniform(-12, 6, 500)).tolist()]
    up = node("numbers.js", "return given.map((value) => m.nextRound(value, 1))", values)
    down = node("numbers.js", "return given.map((value) => m.nextRound(value, -1))", values)
    assert up == [min(each for each in rounds if each > value * (1 + 1e-9)) for value in values]
    assert down == [max(each for each in rounds if each < value * (1 - 1e-9)) for value in values]
