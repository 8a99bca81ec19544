"""TensorBoard's event files as records, by the `tensorboard` package where that is installed."""

import struct
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd

from .records import Records, Values
from .text import UnreadableLog

_VERSION = b"brain.Event:"  # which the first event of each file says
_HEAD, _TAIL = 12, 4  # bytes around an event: its length and two checksums
_MOST_EVENTS = 500_000


def is_event_file(content: bytes) -> bool:
    """Whether these are TensorBoard's events."""
    return _VERSION in content[:100]


def read_events(content: bytes) -> Records:
    """A row for each scalar: its tag, its step and its value.

    Raises UnreadableLog where the `tensorboard` package is missing, or the file holds no scalars.
    """
    if find_spec("tensorboard") is None:
        raise UnreadableLog(
            "This is an event file of TensorBoard, which needs the tensorboard package to be read, and that is not "
            "installed here: download the curve as CSV in TensorBoard, under Show data download links."
        )
    rows = list(_scalars(content))
    if not rows:
        raise UnreadableLog("This event file of TensorBoard holds no scalars: choose the one with the losses.")
    tags, steps, values = zip(*rows, strict=True)
    there = np.ones(len(rows), bool)
    numbers = [Values(np.array(each, dtype=np.float64), there) for each in (steps, values)]
    return Records(
        names=["tag", "step", "value"],
        columns=[pd.Series(tags, dtype="str"), *numbers],
        rows=len(rows),
        source="table",
    )


def _scalars(content: bytes) -> Iterator[tuple[str, int, float]]:
    """(tag, step, value) of each scalar in the file; what is cut off at its end is left out."""
    event_class: Any = import_module("tensorboard.compat.proto.event_pb2").Event
    for data in _events(content):
        try:
            event = event_class.FromString(data)
        except Exception:  # of a library whose errors are its own: a damaged event
            raise UnreadableLog("This event file of TensorBoard is damaged: copy it again.") from None
        for value in event.summary.value:
            if value.HasField("simple_value"):
                yield value.tag, event.step, value.simple_value
            elif value.HasField("tensor") and (number := _number(value.tensor)) is not None:
                yield value.tag, event.step, number


def _events(content: bytes) -> Iterator[bytes]:
    place = count = 0
    while place + _HEAD <= len(content):
        (length,) = struct.unpack_from("<Q", content, place)
        end = place + _HEAD + length
        if end > len(content):
            return
        yield content[place + _HEAD : end]
        place, count = end + _TAIL, count + 1
        if count > _MOST_EVENTS:
            raise UnreadableLog(f"The event file has over {_MOST_EVENTS:,} events: log every tenth step, say.")


def _number(tensor: Any) -> float | None:
    """The one number of a tensor, None where it holds another thing."""
    if len(tensor.float_val) == 1:
        return float(tensor.float_val[0])
    if len(tensor.double_val) == 1:
        return float(tensor.double_val[0])
    sizes = {1: "<f", 2: "<d"}
    if tensor.dtype in sizes and len(tensor.tensor_content) == struct.calcsize(sizes[tensor.dtype]):
        return float(struct.unpack(sizes[tensor.dtype], tensor.tensor_content)[0])
    return None
