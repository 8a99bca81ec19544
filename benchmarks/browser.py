"""A real server and a real browser: what the benchmarks and the screenshot share."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psutil
from playwright.sync_api import Browser, sync_playwright

DRAWN_CHART = ":is([data-testid=stVegaLiteChart], .stage .chart) :is(canvas, svg.marks)"
_START_SECONDS = 60


@contextmanager
def server(script: str) -> Iterator[str]:
    """Start `streamlit run script` on a free port; its address, once it listens."""
    with process(script) as (address, _):
        yield address


@contextmanager
def process(script: str) -> Iterator[tuple[str, psutil.Process]]:
    """The same, with the process that serves."""
    port = free_port()
    options = ["--server.port", str(port), "--server.headless", "true"]
    command = [sys.executable, "-m", "streamlit", "run", script, *options]
    serving = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port, serving)
        yield f"http://localhost:{port}", psutil.Process(serving.pid)
    finally:
        serving.terminate()
        serving.wait()


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium where there is one, else Playwright's own."""
    with sync_playwright() as playwright:
        # No sandbox: in a container's root account Chromium starts with none.
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with closing(socket.socket()) as probe:
        probe.bind(("localhost", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("localhost", port)) == 0:
                return
        time.sleep(0.01)
    raise RuntimeError(f"no server on port {port}: see `streamlit run`")
