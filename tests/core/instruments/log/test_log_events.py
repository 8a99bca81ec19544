"""TensorBoard's event files, written here byte by byte as its format says.

An event is its length (8 bytes), a checksum, a message of protocol buffers, a checksum; in the message a field is its
number and type in a byte, then the value: Event wall_time=1 (double), step=2 (varint), file_version=3 and summary=5 (of
bytes); Summary value=1; Value tag=1, simple_value=2 (float), tensor=8; TensorProto dtype=1 and float_val=5.
"""

from __future__ import annotations

import importlib.util
import struct
import sys
from types import ModuleType

import pytest

from core.instruments.log import events
from core.instruments.log.text import UnreadableLog
from core.instruments.log.training_log import read_log


def varint(number: int) -> bytes:
    low, rest = number & 127, number >> 7
    return bytes([low | 128]) + varint(rest) if rest else bytes([low])


def sized(field: int, content: bytes) -> bytes:
    """A field of bytes, text or another message."""
    return varint(field << 3 | 2) + varint(len(content)) + content


def event(step: int, *fields: bytes) -> bytes:
    data = struct.pack("<Bd", 1 << 3 | 1, 1.7e9 + step) + varint(2 << 3) + varint(step) + b"".join(fields)
    return struct.pack("<QI", len(data), 0) + data + struct.pack("<I", 0)


def scalar(step: int, tag: str, value: float) -> bytes:
    told = sized(1, tag.encode()) + struct.pack("<Bf", 2 << 3 | 5, value)
    return event(step, sized(5, sized(1, told)))


def tensor(step: int, tag: str, value: float) -> bytes:
    """As TensorFlow 2 writes a scalar: a tensor of one float."""
    content = varint(1 << 3) + varint(1) + sized(5, struct.pack("<f", value))
    return event(step, sized(5, sized(1, sized(1, tag.encode()) + sized(8, content))))


VERSION = event(0, sized(3, b"brain.Event:2"))
LOSSES = [2.5, 1.5, 0.75, 0.5]
FILE = VERSION + b"".join(
    scalar(10 * k, "train/loss", loss) + tensor(10 * k, "val/loss", loss + 1) + scalar(10 * k, "lr", 0.125)
    for k, loss in enumerate(LOSSES)
)


def fields(message: bytes) -> dict[int, list[int | bytes]]:
    """The fields of a message by their numbers, as protocol buffers are read."""
    found: dict[int, list[int | bytes]] = {}
    place = 0

    def number() -> int:
        nonlocal place
        value = shift = 0
        while True:
            byte = message[place]
            place, value, shift = place + 1, value | (byte & 127) << shift, shift + 7
            if byte < 128:
                return value

    while place < len(message):
        field, kind = divmod(number(), 8)
        if kind == 0:
            found.setdefault(field, []).append(number())
            continue
        size = {1: 8, 5: 4}.get(kind) or number()
        found.setdefault(field, []).append(message[place : place + size])
        place += size
    return found


class Message:
    """What the package's own classes give of an event, a value or a tensor."""

    def __init__(self, **said: object) -> None:
        self.__dict__.update(said)

    def HasField(self, name: str) -> bool:
        return name in self.__dict__

    @classmethod
    def FromString(cls, data: bytes) -> Message:
        read = fields(data)
        values = [fields(each) for each in fields(read[5][0]).get(1, [])] if 5 in read else []
        return cls(step=read.get(2, [0])[0], summary=cls(value=[cls._value(each) for each in values]))

    @classmethod
    def _value(cls, read: dict[int, list[int | bytes]]) -> Message:
        said: dict[str, object] = {"tag": read[1][0].decode()}
        if 2 in read:
            said["simple_value"] = struct.unpack("<f", read[2][0])[0]
        if 8 in read:
            inner = fields(read[8][0])
            floats = [struct.unpack("<f", each)[0] for each in inner.get(5, [])]
            said["tensor"] = cls(dtype=inner[1][0], float_val=floats, double_val=[], tensor_content=b"")
        return cls(**said)


@pytest.fixture
def package(monkeypatch):
    """The tensorboard package, or where it is missing one that reads the same bytes."""
    if importlib.util.find_spec("tensorboard") is None:
        stand_in = ModuleType("tensorboard.compat.proto.event_pb2")
        stand_in.Event = Message
        monkeypatch.setitem(sys.modules, stand_in.__name__, stand_in)
        monkeypatch.setattr(events, "find_spec", lambda name: True)


@pytest.mark.usefixtures("package")
def test_the_scalars_of_an_event_file_are_a_log():
    (run,) = read_log(FILE, "events.out.tfevents.1700000000.host").runs
    assert (run.axis, run.steps.tolist(), run.loss.tolist()) == ("step", [0, 10, 20, 30], LOSSES)
    assert run.validation.tolist() == [3.5, 2.5, 1.75, 1.5]
    assert run.rate == 0.125


@pytest.mark.usefixtures("package")
def test_an_event_that_is_cut_off_is_left_out_and_a_file_without_scalars_or_damaged_is_refused():
    assert read_log(FILE + scalar(40, "train/loss", 9.0)[:-9]).runs[0].loss.tolist() == LOSSES
    with pytest.raises(UnreadableLog, match="holds no scalars"):
        read_log(VERSION)
    with pytest.raises(UnreadableLog, match="damaged"):
        read_log(VERSION + struct.pack("<QI", 4, 0) + b"\x2a\x05\x0a\x09" + b"\0" * 4)


def test_where_the_package_is_missing_what_to_do_is_said(monkeypatch):
    monkeypatch.setattr(events, "find_spec", lambda name: None)
    with pytest.raises(UnreadableLog, match=r"needs the tensorboard package .* download the curve as CSV"):
        read_log(FILE)
