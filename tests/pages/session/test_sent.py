"""What a message says is read, and what is no such message is nothing."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from pages.session.sent import understood


def place(sent: Any) -> tuple[float, int]:
    return float(sent["start"][0]["w"]), int(sent["epoch"])


def test_what_ours_would_send_is_understood():
    assert understood(lambda: place(json.loads('{"start": [{"w": 2.5}], "epoch": 3}'))) == (2.5, 3)


@pytest.mark.parametrize(
    "sent",
    [
        None,
        5,
        "x",
        [],
        {},
        {"start": None},
        {"start": []},
        {"start": [[]]},
        {"start": [{"w": None}]},
        {"start": [{"w": "two"}]},
        {"start": [{"w": 1}], "epoch": math.inf},
        {"start": [{"w": 1}], "epoch": math.nan},
    ],
)
def test_anything_else_is_nothing(sent):
    assert understood(lambda: place(sent)) is None


def test_an_error_of_ours_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        understood(lambda: 1 // 0)
