"""A store of its own for each test, and a real PostgreSQL of Debian's for those that ask for one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from benchmarks.browser import free_port
from room.ready import ready
from room.rooms import Rooms
from room.routes import Routes
from room.store import Store, in_folder

PLAN = ready()["The class finds the rate"]  # a run, a sweep, a limit


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(in_folder(tmp_path))) as opened:
        yield opened


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def kept(request: pytest.FixtureRequest, tmp_path) -> Iterator[Callable[[], Store]]:
    """Makes stores of one and the same database, as each process of a lab has one."""
    address = in_folder(tmp_path) if request.param == "sqlite" else request.getfixturevalue("postgres")
    with ExitStack() as all_of_them:
        yield lambda: all_of_them.enter_context(closing(Store(address)))


@pytest.fixture
def rooms(store: Store) -> Rooms:
    return Rooms(store)


@pytest.fixture
def client(rooms: Rooms) -> TestClient:
    return TestClient(Starlette(routes=Routes(lambda: rooms).all()))


class Postgres:
    """A PostgreSQL of Debian's in a folder. Its programs refuse to run as root."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port = folder, free_port()
        self._programs = max(Path("/usr/lib/postgresql").glob("*/bin/initdb")).parent
        self._as_somebody: list[str] = []
        if os.geteuid() == 0:
            self._as_somebody = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            shutil.chown(folder, "postgres", "postgres")
            for above in (folder, *folder.parents[:3]):
                above.chmod(above.stat().st_mode | 0o011)
        made = [self._programs / "initdb", "-D", folder / "data", "-U", "lab", "--auth=trust", "--no-sync"]
        subprocess.run([*self._as_somebody, *made], check=True, capture_output=True, cwd=folder)
        self.address = f"postgresql+psycopg://lab@127.0.0.1:{self._port}/postgres"

    @contextmanager
    def running(self) -> Iterator[str]:
        """Its address, while it runs; what it holds stays for the next time."""
        options = ["-D", self._folder / "data", "-p", str(self._port), "-k", self._folder]
        options += ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
        command = [*self._as_somebody, self._programs / "postgres", *options]
        with (self._folder / "log").open("a") as log:
            server = subprocess.Popen(command, cwd=self._folder, stdout=log, stderr=log)
        ready = [self._programs / "pg_isready", "-h", "127.0.0.1", "-p", str(self._port)]
        while server.poll() is None and subprocess.run(ready, capture_output=True).returncode:
            time.sleep(0.1)
        try:
            yield self.address
        finally:
            server.send_signal(signal.SIGINT)  # it ends at once, whoever is still connected
            server.wait(60)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL that runs until the session ends."""
    with Postgres(tmp_path_factory.mktemp("postgres")).running() as address:
        yield address
