"""A served lab: the real processes behind the real nginx. Where nginx is missing this fails; nothing is skipped."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from email.message import Message
from pathlib import Path

import psutil
import pytest
from websockets.sync.client import ClientConnection, connect

from benchmarks.browser import free_port
from deploy import front, serve

ROOT = Path(__file__).parents[2]
COOKIE = "lab_process"
Front = Callable[..., int]


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for something to become true; fail where it doesn't."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def are_gone(processes: list[psutil.Process]) -> bool:
    """Whether all have ended, even where nobody has asked yet how."""

    def is_gone(process: psutil.Process) -> bool:
        with suppress(psutil.NoSuchProcess):
            return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
        return True

    return all(map(is_gone, processes))


class Lab:
    """python -m deploy.serve as a process, and what a visitor can ask of it."""

    def __init__(self, processes: int, folder: Path) -> None:
        self.port = free_port()
        self.folder, self.log = folder, folder.parent / f"{folder.name}.log"
        command = [sys.executable, "-m", "deploy.serve", f"--processes={processes}", f"--port={self.port}"]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env={**os.environ, "TMPDIR": str(folder)}, stdout=log, stderr=log
            )
        try:
            until(lambda: "the lab is at" in self.said() or self.process.poll() is not None, 90)
            assert self.process.poll() is None, self.said()
        except AssertionError:
            self.end()
            raise

    def said(self) -> str:
        """All it printed until now."""
        return self.log.read_text()

    def pids(self) -> dict[int, int]:
        """Process number -> the pid it was last started with."""
        return {int(number): int(pid) for number, pid in re.findall(r"process (\d+) .* pid (\d+)", self.said())}

    def family(self) -> list[psutil.Process]:
        """All its children and theirs."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def get(self, path: str, **headers: str) -> tuple[int, Message, bytes]:
        """Status, headers and body; a header's underscores stand for hyphens."""
        return self._ask("GET", path, None, headers)

    def put(self, path: str, body: bytes, **headers: str) -> int:
        """The status of an upload."""
        return self._ask("PUT", path, body, headers)[0]

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, Message, bytes]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            body,
            {name.replace("_", "-"): value for name, value in headers.items()},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def socket(self, cookie: str | None = None, origin: str | None = "") -> ClientConnection:
        """An open socket, as from a page of this server ("") or of another origin."""
        own = f"http://127.0.0.1:{self.port}"
        headers = {"Cookie": f"{COOKIE}={cookie}"} if cookie is not None else {}
        return connect(
            f"ws://127.0.0.1:{self.port}/_stcore/stream",
            origin=own if origin == "" else origin,
            subprotocols=["streamlit"],
            additional_headers=headers,
            open_timeout=20,
        )

    def end(self) -> int:
        """Press Ctrl-C and wait."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


@pytest.fixture(scope="module")
def open_folder() -> Iterator[Callable[[], Path]]:
    """Makes folders that nobody, as whom nginx reads when root started it, may enter; pytest's own are private."""
    with tempfile.TemporaryDirectory() as parent:
        Path(parent).chmod(0o755)

        def make() -> Path:
            folder = Path(tempfile.mkdtemp(dir=parent))
            folder.chmod(0o755)
            return folder

        yield make


@pytest.fixture(scope="module")
def lab(open_folder: Callable[[], Path]) -> Iterator[Lab]:
    """Two processes, for all tests of a file."""
    served = Lab(2, open_folder())
    yield served
    served.end()


@pytest.fixture
def nginx(open_folder) -> Iterator[Front]:
    """Starts the real one in front of these ports, some words of its configuration changed; returns its own port."""
    with ExitStack() as running:

        def start(*processes: int, **changed: str) -> int:
            folder, port = open_folder(), free_port()
            text = front.configuration("127.0.0.1", port, processes, folder)
            for name, value in changed.items():
                text, times = re.subn(rf"(\b{name}[ =])[^\s;]+", rf"\g<1>{value}", text)
                assert times == 1, name
            settings = folder / "nginx.conf"
            settings.write_text(text)
            command = [serve._nginx(), "-e", "stderr", "-p", str(folder), "-c", str(settings)]
            process = running.enter_context(subprocess.Popen(command))
            running.callback(process.terminate)
            until(lambda: serve._listens("127.0.0.1", port), 10)
            return port

        yield start
