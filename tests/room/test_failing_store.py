"""A server whose store can't write, or is gone: it says so, goes on, and loses nothing that it had acknowledged."""

from __future__ import annotations

import json
import resource
import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import pytest

from tests.room.conftest import Postgres
from tests.server.conftest import Lab, serve

pytestmark = pytest.mark.slow

VOTE = "vote:one_step/one-step-bounce:0"


class Visitor:
    """Somebody with a cookie jar."""

    def __init__(self, lab: Lab) -> None:
        self._base = f"http://{lab.address}"
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar())).open

    def ask(self, path: str, body: Any = None) -> tuple[int, Any]:
        """(status, answer) of a GET, or of a POST of this body."""
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._base + path, content, {"Content-Type": "application/json"})
        try:
            with self._open(request, timeout=60) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as refusal:
            status, text = refusal.code, refusal.read()
        return status, json.loads(text) if text.startswith(b"{") else text


class Room:
    """A vote that is open, and its seats."""

    def __init__(self, lab: Lab, seats: int) -> None:
        self.host = Visitor(lab)
        self.code = self.host.ask("/room", {"plan": [VOTE]})[1]["code"]
        self.seats = [Visitor(lab) for _ in range(seats)]
        for seat in self.seats:
            assert seat.ask(f"/room/{self.code}/join", {})[0] == 200
        assert self.host.ask(f"/room/{self.code}/do", {"action": "open"})[0] == 204

    def vote(self, seat: int, value: int) -> tuple[int, Any]:
        return self.seats[seat].ask(f"/room/{self.code}/answer", {"step": 0, "round": 1, "value": value})

    def kept(self) -> dict[int, int | None]:
        """What each seat is told to have answered."""
        told = [seat.ask(f"/room/{self.code}/mine")[1]["answers"] for seat in self.seats]
        return {place: answers.get("1") for place, answers in enumerate(told)}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lab, Path]]:
    """A server with a SQLite file, and the folder of that."""
    folder = tmp_path_factory.mktemp("failing")
    with serve(folder / "log.txt", LAB_DATA=str(folder / "data")) as served:
        yield served, folder / "data" / "room.db"


@contextmanager
def locked(lab: Lab, file: Path) -> Iterator[None]:
    """Another program holds the writer's lock."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def full(lab: Lab, file: Path) -> Iterator[None]:
    """No file of the server's may grow beyond what SQLite's has, as on a full disk."""
    most = file.with_name("room.db-wal").stat().st_size
    before = lab.process.rlimit(resource.RLIMIT_FSIZE)
    lab.process.rlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        lab.process.rlimit(resource.RLIMIT_FSIZE, before)


def test_nothing_acknowledged_is_lost(lab):
    served, file = lab
    for trouble in (locked, full):
        room = Room(served, 4)
        assert [room.vote(seat, seat % 3)[0] for seat in (0, 1)] == [204, 204]
        with trouble(served, file):
            status, said = room.vote(2, 2)
            assert status == 503 and "can't be used now" in said["error"], trouble
            assert room.kept() == {0: 0, 1: 1, 2: None, 3: None}, "what is there can be read"
            assert Visitor(served).ask("/")[0] == 200, "the lab goes on"
        assert room.vote(2, 2)[0] == 204, "sent again"
        assert room.vote(2, 1)[0] == 204
        assert room.kept() == {0: 0, 1: 1, 2: 1, 3: None}
        assert "Traceback" not in served.log.read_text()


def test_a_database_that_is_gone_for_a_while_is_found_again(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gone")
    database = Postgres(tmp_path_factory.mktemp("postgres"))
    with serve(folder / "log.txt", LAB_DATABASE=database.address) as served:
        with database.running():
            room = Room(served, 3)
            assert [room.vote(seat, seat)[0] for seat in (0, 1)] == [204, 204]
        for _ in range(2):
            status, said = room.vote(2, 2)
            assert status == 503 and "can't be used now" in said["error"]
        assert Visitor(served).ask("/")[0] == 200
        with database.running():
            until = time.monotonic() + 30
            while room.vote(2, 2)[0] != 204:
                assert time.monotonic() < until
            assert room.kept() == {0: 0, 1: 1, 2: 2}
        assert "Traceback" not in (folder / "log.txt").read_text()
