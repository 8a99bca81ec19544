"""Runs under way that pages look at now and then: one for all who want the same, ended when nobody looks any more."""

import math
import threading
import time
from collections.abc import Callable, Hashable
from functools import cache
from typing import Any

_UNSEEN = 5.0  # seconds without a look after which a run ends; a page in the background looks once a second
_KEPT = 60.0  # seconds that a result waits for who looks again


class Unseen(Exception):
    """Nobody looks any more."""


class Run:
    """A run under way, as all who look at it see it.

    looks: when each who looks did so last.  done: the fraction, 0 to 1; first: the first that was told.
    before: how many jobs come before it while it waits for its turn, else None.
    seen: what its result is like so far, None before there is anything.  result, problem: one of them once it `ended`.
    pausing: whether it is asked to stop where it is.
    """

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.looks: dict[Hashable, float] = {}
        self.done = self.first = 0.0
        self.before: int | None = None
        self.seen: Any = None
        self.result: Any = None
        self.problem: Exception | None = None
        self.ended = 0.0
        self.pausing = False
        self._news = threading.Condition()

    def progress(self, done: float) -> bool:
        """So much is done. Says whether to pause; raises Unseen where nobody looks any more, which ends the job."""
        self.first = done if not self.done else self.first
        self.done, self.before = done, None
        self._look_around()
        return self.pausing

    def waiting(self, before: int) -> None:
        """It waits for its turn. Raises as `progress` does."""
        self.before = before
        self._look_around()

    def show(self, seen: Any) -> None:
        """Its result is like this so far."""
        with self._news:
            self.seen = seen
            self._news.notify_all()

    def await_something(self, seconds: float) -> None:
        """Wait so long at most for something to be seen."""
        with self._news:
            self._news.wait_for(lambda: self.seen is not None or self.ended, seconds)

    def await_end(self, seconds: float) -> None:
        """Wait so long at most for it to end."""
        with self._news:
            self._news.wait_for(lambda: self.ended, seconds)

    def _look_around(self) -> None:
        last = max(list(self.looks.values()), default=-math.inf)
        if time.monotonic() - last > _UNSEEN:
            raise Unseen

    def make(self, do: Callable[["Run"], Any]) -> None:
        """Do it, and keep what comes of it."""
        try:
            self.result = do(self)
        except Exception as problem:
            self.problem = problem
        with self._news:
            self.ended = time.monotonic()
            self._news.notify_all()


class Runs:
    """The runs under way of one process, by what decides their result."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: dict[Hashable, Run] = {}

    def look(self, key: Hashable, who: Hashable, do: Callable[[Run], Any]) -> Run:
        """The run of this key, as it is now; begun where there is none, by do(run) in a thread of its own."""
        with self._lock:
            now = time.monotonic()
            for each in [each for each, run in self._runs.items() if run.ended and now - run.ended > _KEPT]:
                del self._runs[each]
            run = self._runs.get(key)
            if run is None or isinstance(run.problem, Unseen):
                run = self._runs[key] = Run()
                run.looks[who] = now
                threading.Thread(target=run.make, args=(do,), daemon=True).start()
            run.looks[who] = now
            return run

    def leave(self, key: Hashable, who: Hashable) -> None:
        """Who looked at it wants it no longer: it ends where nobody else does."""
        with self._lock:
            if run := self._runs.get(key):
                run.looks.pop(who, None)

    def pause(self, key: Hashable, who: Hashable) -> bool:
        """Ask the run to stop where it is; False where others look at it too, or there is none that has begun."""
        with self._lock:
            run, now = self._runs.get(key), time.monotonic()
            if run is None or run.before is not None:
                return False
            run.pausing = all(other == who or now - last > _UNSEEN for other, last in run.looks.items())
            return run.pausing

    def forget(self, key: Hashable) -> None:
        """Who looks next begins anew."""
        with self._lock:
            self._runs.pop(key, None)


@cache
def runs() -> Runs:
    """Those of this process."""
    return Runs()
