"""One of the Streamlit processes behind nginx, and how it is."""

import http.client
import subprocess
import sys
import threading
import time
from contextlib import closing

from deploy.children import Children

ANSWER_WITHIN = 5.0  # seconds for /healthz, which takes a thousandth of that where nothing is wrong
MOST_MISSES = 3  # in a row: once is a machine that was busy with something else
PAUSE = 1.0  # seconds between two questions
PATIENCE = 180.0  # seconds to be ready: a small machine takes its time over PyTorch


class Instance:
    """One Streamlit process at a port of its own, which only this machine can reach.

    It is asked how it is in a thread of its own, so that one that hangs keeps nobody from asking the others.
    """

    def __init__(self, number: int, port: int, children: Children, stop: threading.Event) -> None:
        self.number = number
        self.port = port
        self._children = children
        self._start()
        threading.Thread(target=self._ask_until, args=[stop], daemon=True).start()

    def start_again(self) -> None:
        """End what is left of it, and begin again."""
        self._children.end([self._process], last_words=0)
        self._start()

    @property
    def pid(self) -> int:
        """The number of the process it runs in now."""
        return self._process.pid

    def is_ready(self) -> bool:
        """Whether it said, when it was last asked, that it is warm."""
        return self._status == 200

    def trouble(self) -> str:
        """Why it must be started again, after "it"; "" where it runs."""
        if self._process.poll() is not None:
            return "had ended"
        if self._was_ready:
            return "did not answer" if self._misses >= MOST_MISSES else ""
        return "did not start" if time.monotonic() - self._begun > PATIENCE else ""

    def _start(self) -> None:
        options = [f"--server.port={self.port}", "--server.address=127.0.0.1", "--server.headless=true"]
        command = [sys.executable, "-m", "streamlit", "run", "app.py", *options]
        self._begun, self._status, self._was_ready, self._misses = time.monotonic(), 0, False, 0
        self._process = self._children.start(command, subprocess.DEVNULL)

    def _ask_until(self, stop: threading.Event) -> None:
        while not stop.wait(PAUSE if self.is_ready() else PAUSE / 5):
            asked = self._process
            status = self._ask()
            if asked is self._process:  # else the answer was that of the one before
                self._status = status
                self._was_ready |= status == 200
                self._misses = 0 if status else self._misses + 1

    def _ask(self) -> int:
        """The status of its answer; 0 where there is none in time."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_WITHIN)) as connection:
            try:
                connection.request("GET", "/healthz")
                return connection.getresponse().status
            except (OSError, http.client.HTTPException):
                return 0
