"""A real server, visited by Streamlit's own protocol; no browser."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psutil
import pytest

from benchmarks.browser import free_port
from benchmarks.load import until_ready

T = TypeVar("T")
ROOT = Path(__file__).parents[2]


def run(visit: Coroutine[Any, Any, T]) -> T:
    """asyncio.run in a thread of its own: browser tests of the same process keep a loop running in theirs."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, visit).result()


@dataclass(frozen=True, kw_only=True)
class Lab:
    """A server of the app. address: as 127.0.0.1:8501.  log: the file of all it has said."""

    address: str
    process: psutil.Process
    log: Path

    def memory(self) -> float:
        """MiB in memory."""
        return self.process.memory_info().rss / 2**20


@contextmanager
def serve(log: Path, **settings: str) -> Iterator[Lab]:
    """Serve the app under these settings of the environment until the block ends."""
    address = f"127.0.0.1:{free_port()}"
    options = ["--server.port", address.rpartition(":")[2], "--server.headless", "true"]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", *options]
    with log.open("w") as file:
        server = subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=file, env=os.environ | settings)
    try:
        until_ready(f"http://{address}/healthz", server)
        yield Lab(address=address, process=psutil.Process(server.pid), log=log)
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with serve(tmp_path_factory.mktemp("server") / "log.txt") as served:
        yield served
