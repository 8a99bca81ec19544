"""Long and untrusted work, done by processes with limits of memory and time: one visitor's never makes another wait.

The process that serves pages hands a function of core and its arguments to `work` and waits; what is too large or takes
too long ends with the worker that does it, and another one takes its place. Workers are processes of their own rather
than a library's pool, as there each must be stopped alone, at once, and answer through a pipe that no other shares: a
worker that is killed while it sends must not keep a lock that the rest need.
"""

import atexit
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar

from server import settings
from server.worker_process import CROWDED, Done, Failed, Job, Kept, Pause, Progress, Seen, Stop

T = TypeVar("T")
_ROOT = Path(__file__).parents[1]
_BEAT = 0.05  # seconds between two looks at whether the visitor is still there
_STOPPING = 0.1  # seconds a job has to stop by itself, so that its worker can go on
_STARTING = 60.0  # seconds that a worker may take to load what it needs, on a slow machine
_MOST_JOBS = 200  # of a worker, which then is replaced: what leaks in it is gone
_ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class Unfinished(Exception):
    """Why a job was ended before it was done, in words that a visitor understands."""


class Lost(Unfinished):
    """The worker ended, and nobody knows why: another try may well succeed.

    kept: what the job kept last, to go on from; None where it kept nothing.
    """

    def __init__(self, words: str, kept: Any = None) -> None:
        super().__init__(words)
        self.kept = kept


class Worker:
    """One worker process; it does one job at a time."""

    def __init__(self, megabytes: int) -> None:
        ours, its = socket.socketpair()
        with its:
            # By import, not as __main__: classes of messages would be others there.
            start = f"from server.worker_process import main; main({its.fileno()}, {megabytes})"
            command = [sys.executable, "-c", start]
            self._process = subprocess.Popen(
                command, cwd=_ROOT, env=os.environ | _ONE_THREAD, pass_fds=[its.fileno()], stdin=subprocess.DEVNULL
            )
        self._pipe = Connection(ours.detach())
        self._megabytes, self._jobs = megabytes, 0
        self.is_free = True

    def do(self, job: Job, progress: Callable[[float], object], seen: Callable[[Any], object]) -> Any:
        """The job's result. progress: told every moment how much is done; what it raises ends the job, and where it
        says True the job is asked to pause.  seen: told now and then what the result is like so far, of a job that
        shows it.
        """
        self.is_free, self._jobs, done, paused = False, self._jobs + 1, 0.0, False
        kept: Any = None
        deadline = time.monotonic() + CROWDED * job.seconds + _STARTING
        try:
            self._pipe.send(job)
            while True:
                if progress(done) and not paused:
                    paused = True
                    self._pipe.send(Pause())
                if time.monotonic() > deadline:
                    self._process.kill()
                if not self._pipe.poll(_BEAT):
                    continue
                match self._pipe.recv():
                    case Progress(fraction=done):
                        pass
                    case Seen(value=value):
                        seen(value)
                    case Kept(value=kept):
                        pass
                    case Done(result=result):
                        self.is_free = True
                        return result
                    case Failed(error=error):
                        self.is_free = not isinstance(error, MemoryError)
                        raise error
        except (EOFError, ConnectionError, MemoryError) as lost:
            raise self._why(job, lost, kept) from None
        finally:
            if not self.is_free:
                self._stop()

    def _why(self, job: Job, lost: Exception, kept: Any) -> Unfinished:
        if isinstance(lost, MemoryError):
            return Unfinished(f"it needs more memory than the {self._megabytes:,} MB that there are for one visitor")
        self.end()
        if self._process.returncode in (-signal.SIGALRM, -signal.SIGPROF):
            return Unfinished(f"it took longer than the {job.seconds:.0f} seconds that there are for it")
        return Lost("the process that worked on it has ended", kept)

    def _stop(self) -> None:
        """Stop what it does: it is free where it has answered soon, and else it is ended."""
        deadline = time.monotonic() + _STOPPING
        with suppress(EOFError, OSError):  # it has ended by itself
            self._pipe.send(Stop())
            while not self.is_free and self._pipe.poll(max(0.0, deadline - time.monotonic())):
                self.is_free = isinstance(self._pipe.recv(), Done | Failed)
        if not self.is_free:
            self.end()

    def is_fit(self) -> bool:
        """Whether it can take another job; it is ended where it can't."""
        if self.is_free and self._jobs >= _MOST_JOBS:
            self.end()
        return self.is_free and self._jobs < _MOST_JOBS

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        self._pipe.close()


@dataclass(eq=False, kw_only=True)
class _Ticket:
    """A job in the queue or at work. key: of its result, so that nobody computes what somebody else computes now."""

    visitor: Hashable
    key: Hashable
    megabytes: float


class Workers:
    """The workers of one process, and the queue in front of them."""

    def __init__(self, most: int, megabytes: int) -> None:
        self._most, self._megabytes = most, megabytes
        self._changed = threading.Condition()
        self._waiting: list[_Ticket] = []
        self._running: list[_Ticket] = []
        self._free: list[Worker] = []

    def warm_up(self) -> None:
        """Start a worker, so that the first job finds it ready."""
        with self._changed:
            if not self._free and not self._running:
                self._free.append(Worker(self._megabytes))

    def do(
        self,
        job: Job,
        *,
        visitor: Hashable,
        key: Hashable = None,
        already: Callable[[], Any] = lambda: None,
        megabytes: float = 0.0,
        progress: Callable[[float], object],
        waiting: Callable[[int], object],
        seen: Callable[[Any], object] = lambda _: None,
    ) -> Any:
        """The job's result, by a worker, in turn.

        visitor: of each one job runs at a time.  key: of two jobs of one key the second waits for the first.
        already: asked when the turn has come; what it gives, if not None, is the result.
        megabytes: of memory it will need, by estimate.  waiting: told every moment how many jobs come before it, 0
        where it is an own one that must end first; what it or `progress` raises ends the job.
        seen: told now and then what the result is like so far, of a task that takes `show`.
        Where `progress` says True, so does that of the task: one that can pauses.
        Raises what the job raises; Unfinished where it was ended.
        """
        with self._turn(_Ticket(visitor=visitor, key=key, megabytes=megabytes), waiting):
            if (found := already()) is not None:
                return found
            worker = self._take()
            try:
                return worker.do(job, progress, seen)
            finally:
                self._give(worker)

    @contextmanager
    def _turn(self, ticket: _Ticket, waiting: Callable[[int], object]) -> Iterator[None]:
        with self._changed:
            self._waiting.append(ticket)
        try:
            while (before := self._before(ticket)) is not None:
                waiting(before)
                with self._changed:
                    self._changed.wait(_BEAT)
            yield
        finally:
            with self._changed:
                for tickets in (self._waiting, self._running):
                    if ticket in tickets:
                        tickets.remove(ticket)
                self._changed.notify_all()

    def _before(self, ticket: _Ticket) -> int | None:
        """How many jobs come before this one; None where its turn has come, and it is among those that run."""
        with self._changed:
            ahead = self._waiting[: self._waiting.index(ticket)]
            blocked = [each for each in ahead if not self._must_wait_for_another(each)]
            if not blocked and not self._must_wait_for_another(ticket) and self._has_room(ticket):
                self._waiting.remove(ticket)
                self._running.append(ticket)
                return None
            if any(ticket.visitor == each.visitor for each in self._running):
                return 0
            return len(self._running) + len(blocked)

    def _must_wait_for_another(self, ticket: _Ticket) -> bool:
        """Whether a job that runs is the same visitor's, or has the same result: others pass it meanwhile."""
        return any(
            ticket.visitor == each.visitor or (ticket.key is not None and ticket.key == each.key)
            for each in self._running
        )

    def _has_room(self, ticket: _Ticket) -> bool:
        if not self._running:
            return True
        needed = sum(each.megabytes for each in (*self._running, ticket))
        return len(self._running) < self._most and needed <= self._megabytes

    def _take(self) -> Worker:
        with self._changed:
            return self._free.pop() if self._free else Worker(self._megabytes)

    def _give(self, worker: Worker) -> None:
        with self._changed:
            # One that was ended is replaced now, and loads what it needs before the next job comes.
            self._free.append(worker if worker.is_fit() else Worker(self._megabytes))

    def end(self) -> None:
        """End all that do nothing."""
        with self._changed:
            while self._free:
                self._free.pop().end()


@cache
def workers() -> Workers:
    """Those of this process, as its settings have them; they end with it."""
    asked = settings.read()
    ours = Workers(asked.workers or os.cpu_count() or 1, asked.worker_mb)
    atexit.register(ours.end)
    return ours
