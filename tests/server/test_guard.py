"""The guard on an app of two lines: what comes through, what does not, and how its socket ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.types import Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.web.server.starlette.starlette_app_utils import generate_xsrf_token_string

from server import guard
from server.crowd import MOST_OF_A_BROWSER
from server.guard import MOST_COOKIES, MOST_FILES, Guard
from server.settings import Settings
from tests.server.conftest import run


def message(fill: Callable[[BackMsg], Any]) -> bytes:
    made = BackMsg()
    fill(made)
    return made.SerializeToString()


RERUN = message(lambda made: made.rerun_script.SetInParent())
HEARTBEAT = message(lambda made: setattr(made, "app_heartbeat", True))
DROPPED = {
    "clear_cache": message(lambda made: setattr(made, "clear_cache", True)),
    "set_run_on_save": message(lambda made: setattr(made, "set_run_on_save", True)),
    "load_git_info": message(lambda made: setattr(made, "load_git_info", True)),
    "debug_shutdown_runtime": message(lambda made: setattr(made, "debug_shutdown_runtime", True)),
    "debug_disconnect_websocket": message(lambda made: setattr(made, "debug_disconnect_websocket", True)),
    "install_skills": message(lambda made: made.backend_operation_request.install_skills.SetInParent()),
    "dismiss_skills_nudge": message(lambda made: made.backend_operation_request.dismiss_skills_nudge.SetInParent()),
    "nothing": b"",
}
KEPT = {
    "stop_script": message(lambda made: setattr(made, "stop_script", True)),
    "file_urls_request": message(lambda made: made.file_urls_request.SetInParent()),
    "deferred_file": message(lambda made: made.backend_operation_request.deferred_file.SetInParent()),
    "dataframe_chunk": message(lambda made: made.backend_operation_request.dataframe_chunk.SetInParent()),
}


class Socket:
    """A socket that says these frames and then nothing, in front of an app that listens to the end."""

    def __init__(
        self, frames: Iterable[bytes | str], headers: Mapping[str, str] | None = None, **settings: Any
    ) -> None:
        self.headers = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
        self.said: list[Message] = [{"type": "websocket.connect"}]
        self.said += [{"type": "websocket.receive", _kind(frame): frame} for frame in frames]
        self.said.append({"type": "websocket.disconnect", "code": 1000})
        self.heard: list[Message] = []
        self.sent: list[Message] = []
        self.guard = Guard(self.app, Settings(**settings))

    def scope(self) -> dict[str, Any]:
        return {"type": "websocket", "path": "/_stcore/stream", "headers": self.headers}

    async def app(self, scope, receive, send) -> None:
        while not self.heard or self.heard[-1]["type"] != "websocket.disconnect":
            self.heard.append(await receive())

    async def receive(self) -> Message:
        return self.said.pop(0)

    async def send(self, sent: Message) -> None:
        self.sent.append(sent)

    def status(self) -> int | None:
        """The answer in place of a socket; None where there is one."""
        return next((sent["status"] for sent in self.sent if sent["type"] == "websocket.http.response.start"), None)

    def run(self) -> list[bytes]:
        """The frames that came through."""
        run(asyncio.wait_for(self.guard(self.scope(), self.receive, self.send), 20))
        return [each["bytes"] for each in self.heard if each["type"] == "websocket.receive"]


def _kind(frame: bytes | str) -> str:
    return "text" if isinstance(frame, str) else "bytes"


def test_what_a_reader_asks_for_comes_through_in_order():
    frames = [RERUN, HEARTBEAT, *KEPT.values(), RERUN]
    assert Socket(frames).run() == frames


def test_the_first_run_of_a_socket_is_of_the_whole_page_and_later_ones_may_be_of_a_part():
    part = message(lambda made: setattr(made.rerun_script, "fragment_id", "lanes"))
    assert Socket([HEARTBEAT, part, part]).run() == [HEARTBEAT, RERUN, part]


@pytest.mark.parametrize("name", DROPPED)
def test_what_clears_caches_or_changes_the_server_is_dropped_and_the_page_goes_on(name):
    socket = Socket([DROPPED[name], RERUN])
    assert socket.run() == [RERUN]
    assert socket.sent == []


def test_every_kind_of_message_is_judged_here():
    """A new kind in a newer Streamlit is dropped until somebody has looked at it."""
    kinds = {field.name for field in BackMsg.DESCRIPTOR.fields}
    inner = {field.name for field in BackMsg.DESCRIPTOR.fields_by_name["backend_operation_request"].message_type.fields}
    seen = DROPPED.keys() | KEPT.keys() | {"rerun_script", "app_heartbeat", "backend_operation_request"}
    assert kinds | inner - {"request_id", "session_id"} == seen - {"nothing"}


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\xff\xff\xff", 1002),
        (b"<script>alert(1)</script>", 1002),
        ("a text", 1003),
        (b"\x00" * 100_001, 1009),
    ],
)
def test_a_frame_that_can_not_be_closes_its_socket_with_the_right_code(frame, code, caplog):
    socket = Socket([RERUN, frame, RERUN], max_frame_kb=100)
    assert socket.run() == [RERUN]
    assert socket.sent == [{"type": "websocket.close", "code": code}]
    assert socket.heard[-1] == {"type": "websocket.disconnect", "code": code}
    assert all(record.exc_info is None for record in caplog.records)
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    ("origin", "hosts", "lets_in"),
    [
        ("http://lab.example.edu:8501", (), True),  # its own page
        ("https://lab.example.edu:8501", (), True),  # behind a proxy that speaks https
        ("http://evil.example", (), False),
        ("http://lab.example.edu:8501.evil.example", (), False),
        ("http://lab.example.edu", (), False),  # another port is another site
        ("null", (), False),  # a page from a file, or in a sandbox
        ("not an address", (), False),
        ("http://[", (), False),
        ("https://course.example.org", ("course.example.org",), True),  # a proxy that calls the lab by another name
        ("https://course.example.org", ("*.example.org",), True),
        ("https://evilexample.org", ("*.example.org",), False),
    ],
)
def test_a_page_of_another_site_can_not_open_a_socket(origin, hosts, lets_in):
    socket = Socket([RERUN], {"host": "lab.example.edu:8501", "origin": origin}, allowed_hosts=hosts)
    assert socket.run() == ([RERUN] if lets_in else [])
    assert socket.status() == (None if lets_in else 403)


def test_a_frame_as_large_as_may_be_comes_through():
    frame = message(lambda made: setattr(made.rerun_script, "query_string", "x" * 99_000))
    assert Socket([frame], max_frame_kb=100).run() == [frame]


def test_messages_beyond_the_burst_wait_and_all_come_through(monkeypatch):
    waited = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    assert len(Socket([RERUN] * 50, messages_per_second=10, message_burst=20).run()) == 50
    assert waited[:20] == [0.0] * 20
    assert waited[20:] == sorted(waited[20:])
    assert waited[-1] == pytest.approx(3.0, abs=0.5), "30 too many at 10 a second"


def visit(*already: dict[str, str], newcomer: dict[str, str], **settings: Any) -> tuple[int | None, int | None]:
    """What a newcomer's socket is answered while these are in, and after they left; None: it is let in.

    Each is its headers, as a browser sends them, and its "client": its address.
    """
    free = asyncio.Event()

    async def app(scope, receive, send) -> None:
        await free.wait()

    async def asked() -> tuple[int | None, int | None]:
        door = Guard(app, Settings(**settings))
        inside = [asyncio.create_task(door(_scope(one), _connect, _into([]))) for one in already]
        await asyncio.sleep(0)
        sent: list[list[Message]] = [[], []]
        first = asyncio.create_task(door(_scope(newcomer), _connect, _into(sent[0])))
        await asyncio.sleep(0)
        free.set()
        await asyncio.gather(first, *inside)
        await door(_scope(newcomer), _connect, _into(sent[1]))
        assert not door._crowd._open, "nobody is in, and nobody is remembered"
        return tuple(each[0]["status"] if each else None for each in sent)  # type: ignore[return-value]

    return run(asked())


def _scope(one: dict[str, str]) -> dict[str, Any]:
    headers = [(name.encode(), value.encode()) for name, value in one.items() if name != "client"]
    return {"type": "websocket", "headers": headers, "client": (one.get("client", "192.0.2.1"), 5000)}


def test_a_full_house_refuses_sockets_until_somebody_leaves():
    assert visit({}, newcomer={"client": "192.0.2.2"}, max_sessions=1) == (503, None)
    assert visit({}, newcomer={"client": "192.0.2.2"}, max_sessions=2) == (None, None)


def test_one_address_leaves_room_for_the_others():
    alike = [{}] * 3
    assert visit(*alike, newcomer={}, max_sessions_per_address=3) == (429, None)
    assert visit(*alike, newcomer={"client": "192.0.2.2"}, max_sessions_per_address=3) == (None, None)


def test_a_household_counts_as_one_whichever_of_its_addresses_it_takes():
    homes = [{"client": f"2001:db8::{number:x}"} for number in range(1, 4)]
    assert visit(*homes, newcomer={"client": "2001:db8::ff:1"}, max_sessions_per_address=3) == (429, None)
    assert visit(*homes, newcomer={"client": "2001:db8:0:1::1"}, max_sessions_per_address=3) == (None, None)


def test_one_browser_leaves_room_for_the_others_behind_its_address():
    given = [f"_streamlit_xsrf={generate_xsrf_token_string(b'a' * 16, 1)}" for _ in range(MOST_OF_A_BROWSER + 1)]
    assert len(set(given)) > 1, "the cookie looks new with every answer"
    tabs = [{"cookie": cookie} for cookie in given[1:]]
    assert visit(*tabs, newcomer={"cookie": f"lab_process=1; {given[0]}"}) == (429, None)
    other = f"_streamlit_xsrf={generate_xsrf_token_string(b'b' * 16, 1)}"
    assert visit(*tabs, newcomer={"cookie": other}) == (None, None)
    assert visit(*tabs, newcomer={"cookie": "_streamlit_xsrf=2||00|1"}) == (None, None), "no cookie of ours"
    assert visit(*tabs, newcomer={}) == (None, None)


def test_what_an_outsider_says_of_their_address_counts_for_nothing():
    liars = [{"x-forwarded-for": f"198.51.100.{number}"} for number in range(3)]
    assert visit(*liars, newcomer={"x-forwarded-for": "203.0.113.1"}, max_sessions_per_address=3) == (429, None)


class Silent(Socket):
    """A socket that says these frames, and then no word more."""

    async def receive(self) -> Message:
        if len(self.said) > 1:
            return self.said.pop(0)
        return await asyncio.Event().wait()  # type: ignore[return-value]


def test_a_socket_that_asks_for_no_page_is_closed_whatever_else_it_says(monkeypatch, caplog):
    monkeypatch.setattr(guard, "PATIENCE", 0.02)
    socket = Silent([HEARTBEAT, KEPT["file_urls_request"]])
    socket.run()
    assert socket.sent == [{"type": "websocket.close", "code": 1008}]
    assert "it asked for no page within" in caplog.text


def test_a_socket_whose_page_has_run_may_be_silent(monkeypatch):
    monkeypatch.setattr(guard, "PATIENCE", 0.02)

    async def some_time(socket: Socket) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(socket.guard(socket.scope(), socket.receive, socket.send), 0.2)

    socket = Silent([RERUN])
    run(some_time(socket))
    assert socket.sent == []


def test_a_page_that_takes_up_its_session_again_has_nothing_to_ask_for(monkeypatch):
    monkeypatch.setattr(guard, "PATIENCE", 0.02)
    monkeypatch.setattr(guard, "Runtime", Sessions("mine"))

    async def some_time(socket: Socket, session: str) -> None:
        scope = socket.scope() | {"subprotocols": ["streamlit", "token", session]}
        await asyncio.wait_for(socket.guard(scope, socket.receive, socket.send), 0.2)

    with pytest.raises(TimeoutError):
        run(some_time(Silent([]), "mine"))
    gone = Silent([])
    run(some_time(gone, "long gone"))
    assert gone.sent == [{"type": "websocket.close", "code": 1008}]


class Sessions:
    """Streamlit's runtime, in which these sessions are active."""

    def __init__(self, *active: str) -> None:
        self.active = active

    def exists(self) -> bool:
        return True

    def instance(self) -> Sessions:
        return self

    def is_active_session(self, session: str) -> bool:
        return session in self.active


def test_more_addresses_for_files_than_a_page_needs_are_not_given():
    def asked(count: int) -> bytes:
        return message(lambda made: made.file_urls_request.file_names.extend(["x"] * count))

    assert Socket([asked(MOST_FILES + 1), asked(MOST_FILES)]).run() == [asked(MOST_FILES)]


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_cookies_too_long_to_be_read_are_not_read(kind, monkeypatch):
    monkeypatch.setattr("starlette.requests.cookie_parser", lambda cookies: pytest.fail("they were read"))
    cookies = [(b"cookie", b"a=" + b"\\" * (MOST_COOKIES // 2)), (b"cookie", b"b=" + b"x" * (MOST_COOKIES // 2))]
    sent: list[Message] = []
    scope = {"type": kind, "path": "/", "method": "GET", "headers": cookies, "client": None}
    run(Guard(_hello, Settings())(scope, _connect, _into(sent)))
    assert sent[0]["status"] == 431
    assert b"4,096 bytes" in sent[1]["body"]


async def _connect() -> Message:
    return {"type": "websocket.connect"}


def _into(sent: list[Message]) -> Callable[[Message], Any]:
    async def send(message: Message) -> None:
        sent.append(message)

    return send


async def _hello(scope, receive, send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


def test_a_page_of_a_full_house_says_so_and_looks_again_by_itself():
    door = Guard(_hello, Settings(max_sessions=1))
    door._crowd._open["all"] = 1
    visitor = TestClient(door)
    page = visitor.get("/sweep", headers={"accept": "text/html,*/*"})
    assert page.status_code == 503
    assert page.headers["retry-after"] == "10"
    assert "A full house" in page.text
    assert 'http-equiv="refresh" content="10"' in page.text
    assert visitor.get("/static/js/x.js", headers={"accept": "*/*"}).text == "hello", "pages that are open go on"


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/agent/openapi.json", "/_stcore/agent/mcp"])
def test_sums_over_the_server_and_its_agents_door_are_closed(path):
    assert TestClient(Guard(_hello, Settings())).get(path).status_code == 404
    assert TestClient(Guard(_hello, Settings())).get("/_stcore/health").text == "hello"
