"""A store of its own for each test, and a real PostgreSQL of Debian's for those that ask for one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
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


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL that runs until the session ends. Its programs refuse to run as root."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin/initdb")).parent
    folder, port = tmp_path_factory.mktemp("postgres"), free_port()
    as_somebody: list[str] = []
    if os.geteuid() == 0:
        as_somebody = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        shutil.chown(folder, "postgres", "postgres")
        for above in (folder, *folder.parents[:3]):
            above.chmod(above.stat().st_mode | 0o011)
    data = folder / "data"

    made = [programs / "initdb", "-D", data, "-U", "lab", "--auth=trust", "--no-sync"]
    subprocess.run([*as_somebody, *made], check=True, capture_output=True, cwd=folder)
    options = ["-D", data, "-p", str(port), "-k", folder, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen([*as_somebody, programs / "postgres", *options], cwd=folder, stdout=log, stderr=log)
    ready = [programs / "pg_isready", "-h", "127.0.0.1", "-p", str(port)]
    while server.poll() is None and subprocess.run(ready, capture_output=True).returncode:
        time.sleep(0.1)
    yield f"postgresql+psycopg://lab@127.0.0.1:{port}/postgres"
    server.send_signal(signal.SIGINT)  # it ends at once, whoever is still connected
    server.wait(60)
