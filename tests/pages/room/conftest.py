"""A room of a class on a database of its own, in this process, led by this browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pages.room import told
from room.rooms import Rooms
from room.store import Store, in_folder
from server import class_room
from tests.pages.room.classes import Class


@pytest.fixture
def one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Class]:
    """A class of 12."""
    store = Store(in_folder(tmp_path))
    found = Class(Rooms(store))
    found.come_in(12)
    monkeypatch.setattr(class_room, "rooms", lambda: found.rooms)
    monkeypatch.setattr(told, "secret", lambda code: found.secret)
    yield found
    store.engine.dispose()
