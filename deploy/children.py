"""The processes of a served lab and the folder they share: all of it goes when serve ends, however that happens."""

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[1]
LAST_WORDS = 10.0  # seconds to end in peace
PREFIX = "learning-rate-lab-"
# Waits for the end of its input, which comes even when serve is killed, and then clears up after it. A shell, as that
# is there on every system, takes 1 MB, and has another name than what it looks after. It is told the groups that run
# as a line for each change.
_KEEPER = """trap "" HUP INT TERM
while read -r line; do groups=$line; done
for group in $groups; do kill -s KILL -- "-$group"; done
rm -rf -- "$1"
"""


@contextmanager
def together() -> Iterator["Children"]:
    """Children and their folder for as long as this lasts."""
    _remove_what_was_left()
    children = Children(Path(tempfile.mkdtemp(prefix=PREFIX)))
    try:
        with _locked(children.folder):
            children.folder.chmod(0o755)  # started by root, nginx reads as nobody
            yield children
    finally:
        children.close()


class Children:
    """Processes, and a folder for them; folder and keeper are there until close()."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._running: list[subprocess.Popen[bytes]] = []
        self._watch_over()

    def start(self, command: Sequence[str], stdout: int | None = None) -> subprocess.Popen[bytes]:
        """A process in a group of its own, out of reach of the terminal's Ctrl-C: who ends when is decided here."""
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "TMPDIR": str(self.folder)},  # PyTorch, for one, makes a folder there
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            start_new_session=True,
        )
        self._running.append(process)
        self._tell()
        return process

    def end(self, processes: Sequence[subprocess.Popen[bytes]], last_words: float = LAST_WORDS) -> None:
        """Ask each to end, and after so many seconds make it; what it started goes with it."""
        processes = list(processes)
        for process in processes:
            process.terminate()
        deadline = time.monotonic() + last_words
        for process in processes:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
            _end_group(process.pid)
            process.wait()
            self._running.remove(process)
        self._tell()

    def keep(self) -> None:
        """See that there is somebody to clear up."""
        if self._keeper.poll() is not None:
            self._input.close()
            self._watch_over()
            self._tell()

    def close(self) -> None:
        """End all of it."""
        self.end(self._running)
        self.keep()
        self._input.close()
        self._keeper.wait()  # it removes the folder

    def _watch_over(self) -> None:
        self._keeper = subprocess.Popen(
            ["sh", "-c", _KEEPER, "keeper", str(self.folder)],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert self._keeper.stdin is not None
        self._input = self._keeper.stdin

    def _tell(self) -> None:
        groups = " ".join(str(process.pid) for process in self._running)
        with suppress(BrokenPipeError):  # the next keep() starts another one
            self._input.write(f"{groups}\n".encode())


def _end_group(leader: int) -> None:
    with suppress(ProcessLookupError):  # nothing of it is left
        os.killpg(leader, signal.SIGKILL)


def _locked(folder: Path) -> IO[str]:
    """Its lock, which the system opens when this process ends: a folder that has one is in use as long as it holds."""
    new = (folder / "new").open("w")
    fcntl.flock(new, fcntl.LOCK_EX)
    (folder / "new").rename(folder / "lock")
    return new


def _remove_what_was_left() -> None:
    """The folders of those that were killed with their keeper, or by a power cut."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            if folder.lstat().st_uid != os.getuid():
                continue
            with (folder / "lock").open() as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            continue  # in use, or just being made
        shutil.rmtree(folder, ignore_errors=True)
