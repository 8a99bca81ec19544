"""Pictures at many values of one number, as one set of tables."""

from __future__ import annotations

import pandas as pd

from core.drawing.stops import Stop, around, joined


def test_each_row_says_to_which_stop_it_belongs_and_what_is_alike_everywhere_is_sent_once() -> None:
    curve = pd.DataFrame({"w": [0.0, 1.0]})
    dots = [pd.DataFrame({"w": [0.5]}), pd.DataFrame({"w": []}), pd.DataFrame({"w": [2.5, 3.5]})]
    tables = joined([Stop(k, {"curve": curve.copy(), "dots": at}, "") for k, at in enumerate(dots)])
    assert tables["curve"].equals(curve)
    assert tables["dots"]["stop"].tolist() == [0, 2, 2]
    assert tables["dots"]["w"].tolist() == [0.5, 2.5, 3.5]


def test_ones_own_value_is_a_stop_and_none_is_there_twice() -> None:
    assert around((0.1, 0.2), 0.15) == (0.1, 0.15, 0.2)
    assert around((0.1, 0.2), 0.2) == (0.1, 0.2)
