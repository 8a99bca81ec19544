"""The real nginx, with our configuration, in front of stand-ins for the processes: who waits for whom, and how long."""

from __future__ import annotations

import re
import select
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest

from tests.deploy.conftest import until
from tests.deploy.stand_ins import answering, hanging


def page(port: int) -> tuple[bytes, str, float]:
    """What a newcomer gets, from which process, and the seconds it took."""
    begun = time.monotonic()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60) as answer:
        (process,) = re.findall(r"lab_process=(\d)", answer.headers["Set-Cookie"])
        return answer.read(), process, time.monotonic() - begun


def test_newcomers_do_not_wait_for_a_process_that_hangs(nginx):
    with hanging() as stopped, answering() as well:
        body, process, seconds = page(nginx(stopped, well))
        assert (body, process) == (b"here", "1") and seconds < 10  # half a second where nothing else runs


@pytest.mark.slow
def test_where_one_hangs_and_the_other_was_slow_once_that_one_is_asked_again(nginx):
    with hanging() as stopped, answering(slow=1) as slow:
        body, process, seconds = page(nginx(stopped, slow))
        assert (body, process) == (b"here", "1") and seconds < 10


@pytest.mark.slow
def test_where_all_are_slow_newcomers_wait(nginx):
    with answering(slow=9) as first, answering(slow=9) as second:
        assert page(nginx(first, second))[0] == b"here"


@contextmanager
def sockets(port: int, number: int, address: str) -> Iterator[list[socket.socket]]:
    """So many of them, opened as by a browser of this address behind a proxy of this machine."""
    with ExitStack() as opened:
        callers = [opened.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(number)]
        for caller in callers:
            words = f"GET /_stcore/stream HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {address}\r\n"
            caller.sendall(f"{words}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n".encode())
        yield callers


def refused(callers: list[socket.socket]) -> int:
    """How many of them have been answered with 429."""
    return sum(caller.recv(12) == b"HTTP/1.1 429" for caller in select.select(callers, [], [], 0)[0])


def test_one_address_has_its_share_of_sockets_and_others_theirs(nginx, monkeypatch):
    monkeypatch.setenv("LAB_MAX_SESSIONS_PER_ADDRESS", "20")
    with hanging() as process:
        port = nginx(process)
        with sockets(port, 20, "10.0.0.1") as first, sockets(port, 20, "10.0.0.2") as others:
            with sockets(port, 5, "10.0.0.1") as more:
                until(lambda: len(select.select(more, [], [], 0)[0]) == 5, 10)
                assert refused(more) == 5
            assert refused(first) == refused(others) == 0
            page = urllib.request.Request(f"http://127.0.0.1:{port}/", headers={"X-Forwarded-For": "10.0.0.1"})
            with pytest.raises(urllib.error.HTTPError, match="429") as told:
                urllib.request.urlopen(page, timeout=10)
            with told.value:
                assert b"all the visitors it can hold from your address" in told.value.read()


def test_a_school_behind_one_address_gets_in_and_who_takes_more_is_refused(nginx):
    with hanging() as process:
        port = nginx(process)
        with sockets(port, 400, "10.0.0.1") as school, sockets(port, 1, "10.0.0.2") as other:
            with sockets(port, 1, "10.0.0.1") as more:
                until(lambda: select.select(more, [], [], 0)[0] == more, 10)
                assert refused(more) == 1
            assert refused(school) == refused(other) == 0


def dropped(caller: socket.socket, do: Callable[[], object]) -> None:
    """Wait until nginx has reset a connection on which this is done again and again."""
    poll = select.poll()
    poll.register(caller, select.POLLERR | select.POLLHUP)

    def is_over() -> bool:
        with suppress(ConnectionError):
            do()
        return poll.poll(0) != []

    until(is_over)


def test_a_body_ends_when_its_process_no_longer_waits_for_it(nginx):
    """As each does after a minute: nginx hands it on byte by byte, and then the answer back."""
    with socket.create_server(("127.0.0.1", 0)) as process:
        port = nginx(process.getsockname()[1])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as caller:
            caller.sendall(b"PUT /_stcore/upload_file/a/b HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
            connection, _ = process.accept()
            with connection:
                connection.settimeout(10)
                for _ in range(3):
                    caller.sendall(b"x")
                    until(lambda: connection.recv(1000).endswith(b"x"))
                connection.sendall(b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
                connection.shutdown(socket.SHUT_WR)
                assert caller.recv(1000).startswith(b"HTTP/1.1 408 ")
                assert caller.recv(1000) == b""
                assert connection.recv(1000) == b""


def test_a_line_of_a_header_beyond_72_kb_is_refused(nginx):
    with socket.create_server(("127.0.0.1", 0)) as process, ExitStack() as opened:
        process.settimeout(10)
        port = nginx(process.getsockname()[1])
        short, long = (
            opened.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10)) for _ in range(2)
        )
        for caller, length in ((short, 72_000), (long, 74_000)):
            caller.sendall(f"GET /_stcore/health?{'x' * length} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert long.recv(1000).startswith(b"HTTP/1.1 414 ")
        connection, _ = process.accept()
        with connection:
            assert connection.recv(1000).startswith(b"GET /_stcore/health?xxx")


@pytest.mark.slow
def test_a_body_of_which_nothing_comes_is_not_waited_for(nginx):
    with hanging() as process:
        port = nginx(process, client_body_timeout="1s")
        with socket.create_connection(("127.0.0.1", port)) as caller:
            caller.sendall(b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nx")
            dropped(caller, lambda: None)


@pytest.mark.slow
def test_who_sends_a_header_a_byte_at_a_time_is_let_go(nginx):
    with answering() as process:
        port = nginx(process, client_header_timeout="1s")
        with socket.create_connection(("127.0.0.1", port)) as caller:
            caller.sendall(b"GET / HTTP/1.1\r\nX: ")
            dropped(caller, lambda: caller.sendall(b"x"))


@pytest.mark.slow
def test_who_reads_a_byte_at_a_time_is_let_go(nginx):
    with answering(body=b"x" * 50_000_000) as process:
        port = nginx(process, send_timeout="1s")
        with socket.create_connection(("127.0.0.1", port)) as caller:
            caller.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            dropped(caller, lambda: caller.recv(1))
