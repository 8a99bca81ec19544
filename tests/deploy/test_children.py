"""What serve starts goes with it, however it ends; a folder that was left is removed by the next start."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
import pytest

from deploy import children, serve
from deploy.children import PREFIX, together
from tests.deploy.conftest import ROOT, are_gone, free_port, until

TWO = ["sh", "-c", "sleep 1000 & wait"]  # a process, and one that it started
STARTER = f"""
import time
from deploy.children import together
with together() as group:
    group.start({TWO})
    print(group.folder, flush=True)
    time.sleep(1000)
"""


@pytest.fixture(autouse=True)
def temporary(monkeypatch, tmp_path) -> Path:
    """The folder in which the shared one is made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def those_below(process: int) -> list[psutil.Process]:
    """All that a process started, and what these did; once the two of TWO are there."""
    until(lambda: [each.name() for each in psutil.Process(process).children(recursive=True)].count("sleep") == 1)
    return psutil.Process(process).children(recursive=True)


def test_all_of_it_goes_when_its_process_is_killed(temporary):
    environment = {**os.environ, "TMPDIR": str(temporary)}
    with subprocess.Popen(
        [sys.executable, "-c", STARTER], cwd=ROOT, env=environment, stdout=subprocess.PIPE
    ) as starter:
        assert starter.stdout is not None
        folder = Path(starter.stdout.readline().decode().strip())
        started = those_below(starter.pid)
        assert sorted(each.name() for each in started) == ["sh", "sh", "sleep"] and (folder / "lock").exists()
        starter.kill()
    until(lambda: are_gone(started) and not folder.exists())


def test_all_of_it_goes_when_it_ends(temporary):
    before = psutil.Process().children(recursive=True)  # workers that other tests of this process have started
    with together() as group:
        group.start(TWO)
        started = [each for each in those_below(os.getpid()) if each not in before]
    until(lambda: are_gone(started))
    assert list(temporary.iterdir()) == []


def test_what_it_writes_to_its_temporary_folder_goes_too(temporary):
    with together() as group:
        group.start(["sh", "-c", "mktemp"]).wait()
        assert list(temporary.iterdir()) == [group.folder]
        assert any(path.name.startswith("tmp.") for path in group.folder.iterdir())
    assert list(temporary.iterdir()) == []


def test_who_does_not_end_when_asked_is_made_to_and_what_it_started_with_it():
    with together() as group:
        deaf = group.start(["sh", "-c", "trap '' TERM; sleep 1000 & wait; wait"])
        started = those_below(deaf.pid)
        begun = time.monotonic()
        group.end([deaf], last_words=0.1)
        assert time.monotonic() - begun < 5
        until(lambda: are_gone(started))


def test_a_keeper_that_is_killed_is_replaced_by_one_that_knows_who_runs(temporary):
    with together() as group:
        started = [group.start(["sleep", "1000"]), group.start(["sleep", "1000"])]
        group._keeper.kill()
        group._keeper.wait()
        group.end(started[:1])
        group.keep()
        group._input.close()  # as if this process were killed
        assert started[1].wait(10) == -signal.SIGKILL
        group._keeper.wait()
        group.keep()
    assert list(temporary.iterdir()) == []


def test_a_folder_that_was_left_is_removed_by_the_next_start_and_none_in_use(temporary):
    left, other = temporary / f"{PREFIX}left", temporary / f"{PREFIX}being-made"
    for folder in (left, other):
        folder.mkdir()
    for name in ("lock", "nginx.conf"):
        (left / name).touch()
    with together() as first, together() as second:
        assert set(temporary.iterdir()) == {first.folder, second.folder, other}
    assert list(temporary.iterdir()) == [other]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_temporary_folder_that_can_not_be_written_to_is_named(monkeypatch, number):
    def refuse(*_, **__) -> str:
        raise OSError(number, os.strerror(number), "/somewhere")

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    monkeypatch.setattr(serve, "_nginx", lambda: "nginx")
    said = (
        rf"can't write to the temporary folder\. {os.strerror(number)}: /somewhere\. Make room there, or name another"
    )
    with pytest.raises(serve.CannotServe, match=said):
        serve.serve(1, "127.0.0.1", free_port(), threading.Event())


def test_nothing_outside_is_removed_by_a_link_that_looks_like_a_folder_that_was_left(temporary):
    own = temporary / "own"
    own.mkdir()
    (own / "lock").touch()
    (temporary / f"{PREFIX}link").symlink_to(own)
    with together():
        assert (own / "lock").exists()


def test_nothing_is_left_of_a_folder_that_can_not_be_written_to(monkeypatch, temporary):
    def full(folder: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(children, "_locked", full)
    with pytest.raises(OSError, match="No space left"), together():
        pass
    assert list(temporary.iterdir()) == []
