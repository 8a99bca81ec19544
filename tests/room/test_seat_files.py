"""The seat's page is small, needs nobody else, and writes numbers as the lab does."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import numpy as np

from core.words import number
from tests.node import node

FILES = [Path(__file__).parents[2] / "room" / name for name in ("seat.html", "seat.js", "seat_parts.js", "seat.css")]

RACE = FILES[0].with_name("race.js")


def test_a_phone_loads_fifteen_kilobytes_at_most_and_nothing_from_elsewhere():
    contents = [file.read_bytes() for file in FILES]
    assert sum(len(gzip.compress(content)) for content in contents) <= 15_000
    assert len(gzip.compress(RACE.read_bytes())) <= 3_000, "asked for once there is a race"
    for content in [*contents, RACE.read_bytes()]:
        assert not re.search(rb"https?://|//[a-z0-9-]+\.[a-z]|@import", content)


def test_no_script_stands_in_the_page_itself_and_no_handler():
    page = FILES[0].read_text()
    assert re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL) == [""]
    assert not re.search(r"\son\w+=|javascript:|style=", page)


def test_numbers_are_those_of_the_lab():
    draws = np.random.default_rng(7)
    values = [*(draws.choice([-1, 1], 400) * 10 ** draws.uniform(-12, 12, 400)).tolist(), 0.0, 1.0, -1.0, 999.96, 0.001]
    said = node("../../room/seat_parts.js", "return given.map(m.inWords)", values)
    assert said == [number(value) for value in values]
