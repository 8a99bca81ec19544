"""Values that no widget of the lab ever sends, of each kind that Streamlit's protocol has."""

from __future__ import annotations

import math
from typing import Any

from streamlit.proto.WidgetStates_pb2 import WidgetState

_NUMBERS = [1.5, 0.0, -1.0, 1e308, -1e308, math.nan, math.inf, -math.inf]
_CLICKS = [  # of charts: selections that are none, or of what the charts do not hold
    '{"selection": null}',
    '{"selection": 5}',
    '{"selection": {"rate": 1, "start": 5, "box": []}}',
    '{"selection": {"rate": [], "start": {}, "box": {}}}',
    '{"selection": {"rate": [5], "start": [[]], "box": {"first": [1, 2, 3], "second": [1, 2]}}}',
    '{"selection": {"rate": [{}], "start": [{}], "box": {"first": [], "second": []}}}',
    '{"selection": {"rate": [{"rate": "x"}], "start": [{"w": "a"}], "box": {"first": ["a", 1], "second": null}}}',
    '{"selection": {"rate": [{"rate": 1e400}], "start": [{"w": NaN, "b": 0}], "box": {"first": [NaN], "second": 1}}}',
    '{"selection": {"rate": [{"rate": -5}], "start": [{"w": 1e300, "b": null}], "box": {"first": [0, 0]}}}',
]
_EDITS = [  # of a table: of rows and columns that are not there, and of no numbers
    '{"edited_rows": [], "added_rows": 3}',
    '{"edited_rows": {"999": {"x": 1}}, "added_rows": [], "deleted_rows": [77]}',
    '{"edited_rows": {"a": {"x": 1}}, "added_rows": [], "deleted_rows": []}',
    '{"edited_rows": {"0": {"x": "a"}}, "added_rows": [[]], "deleted_rows": [-1]}',
    '{"edited_rows": {"0": {"zzz": 1}}, "added_rows": [{"q": 1}], "deleted_rows": ["a"]}',
    '{"edited_rows": {"0": {"x": 1e400, "y": {}}}, "added_rows": [{"x": [1]}], "deleted_rows": [{}]}',
    '{"edited_rows": {"0": 5}, "added_rows": null, "deleted_rows": null}',
]
_SENT = [  # by components of ours: points that are none, and places in a network that are not there
    '{"points": 5}',
    '{"points": "ab"}',
    '{"points": {"a": 1}}',
    '{"points": [1, 2]}',
    '{"points": [[1]]}',
    '{"points": [["a", "b"]]}',
    '{"points": [[null, 1e400]]}',
    '{"points": [[NaN, 2]]}',
    '{"chosen": 5}',
    '{"chosen": "x"}',
    '{"chosen": {}}',
    '{"chosen": {"place": [1], "epoch": "x"}}',
    '{"chosen": {"place": [99, -5, 3], "epoch": -1}}',
    '{"chosen": {"place": [1, 0, -77], "epoch": 1}}',
    '{"chosen": {"place": [1e99, 0, 0], "epoch": NaN}}',
    '{"leave": 5}',
]
_TOLD = [  # by the stage: no rates, places that are none, links and pins of nothing
    f'[{{"event": "{event}", "value": {value}}}]'
    for event, values in {
        "rested": ["null", "5", '"1e-3"', "{}", "[]", "[[]]", "[null]", "[NaN, 1]", "[-1]", "[1e400]", str([1] * 9)],
        "start": ["null", "5", '"ab"', "[]", "[1]", "[null, 1]", "[NaN, 0]", "[1e400, 0]", "[1e308, -1e308]"],
        "pin": ["null", '"x"', "[]", "0.5", "NaN", "1e400"],
        "unpin": ["null", '"x"', "[]", "-1", "1e99", "1e400"],
        "link": ["null", "5", "[]", '"lr=nan"', '"data=upload:01"', '"data=circles&hidden=4"', '"pin=pin%3Dx&pin="'],
        "no such": ["1"],
    }.items()
    for value in values
]
_TOLD += ["[5]", "[[[]]]", '[{"event": "rested"}]', '[{"event": 5, "value": 1}]', '[{"event": ["rested"], "value": 1}]']
_JSON = ["", "null", "{", "{}", "[]", "5", '"x"', "NaN", "[" * 5000]
_PLAIN: dict[str, list[Any]] = {
    "trigger_value": [True],
    "bool_value": [True, False],
    "double_value": _NUMBERS,
    "int_value": [0, -1, 2**62, -(2**62)],
    "string_value": ["x", "x" * 100_000, "\x00", *_JSON, *_CLICKS, *_EDITS],
    "json_value": [*_JSON, *_SENT],
    "json_trigger_value": [*_JSON, *_TOLD, '[{"event": "points", "value": 3}]', '{"event": 3}'],
    "bytes_value": [b"x"],
}
_ARRAYS: dict[str, list[list[Any]]] = {
    "double_array_value": [[], [math.nan], [1.0, 2.0, 3.0], [1e308], [-5.0]],
    "int_array_value": [[], [-1], [10**9], [0, 0]],
    "string_array_value": [[], ["no such"], ["x"] * 1000],
}


def wrong_values() -> dict[str, WidgetState]:
    """Each under what it is called, without the id of a widget."""
    made = {
        f"{kind} {value!r:.60}": WidgetState(**{kind: value}) for kind, values in _PLAIN.items() for value in values
    }
    for kind, values in _ARRAYS.items():
        for value in values:
            state = made[f"{kind} {value!r:.60}"] = WidgetState()
            getattr(state, kind).SetInParent()
            getattr(state, kind).data.extend(value)
    for kind in ("arrow_value", "file_uploader_state_value", "string_trigger_value", "chat_input_value"):
        state = made[f"{kind}, empty"] = WidgetState()
        getattr(state, kind).SetInParent()
    state = made["a file that is not there"] = WidgetState()
    state.file_uploader_state_value.uploaded_file_info.add(file_id="none", name="x", size=2**40)
    made["nothing"] = WidgetState()
    return made
