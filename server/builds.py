"""What many may ask for together, built once: a quick one here, others by workers, and none that nobody waits for."""

import asyncio
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

from starlette.requests import Request

from server.browsers import browser
from server.buckets import Buckets, address
from server.worker_process import Job
from server.workers import Unfinished, workers

_RATE, _BURST = 0.2, 3.0  # seconds of building in this process that an address gets a second, and at once
_MOST, _OF_AN_ADDRESS = 32, 8  # that wait for a worker or are built by one: of all, and for one address
_BEAT = 0.2  # seconds between two looks at whether a reader is still there
_TIMES, _LEAST = 5, 20.0  # of the estimated seconds, and seconds, that a worker may take


class Left(Exception):
    """Whoever asked has left."""


@dataclass(eq=False)
class _Build:
    """Something being built. home: for which address, where by a worker.  readers: how many wait for it, of whom the
    first is there before it begins.
    """

    home: str = ""
    readers: int = 1
    result: asyncio.Future[Any] = field(init=False)

    def go_on(self, _: float) -> None:
        """Raises Left where all who wanted it have."""
        if not self.readers:
            raise Left


class Builds:
    """What is being built now, for the readers of one process."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, _Build] = {}
        self._here, self._by_workers = ThreadPoolExecutor(1), ThreadPoolExecutor(_MOST)
        self._seconds = Buckets(_RATE, _BURST)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()  # of addresses; gone with the last

    async def result(
        self, task: Callable[..., Any], asked: tuple[Any, ...], request: Request, *, seconds: float, megabytes: float
    ) -> Any:
        """What task(*asked), a function of core, gives.

        seconds, megabytes: what it takes, by estimate.  Raises Unfinished, with a reason, where it can't be built;
        Left where the reader has.
        """
        key = (task, asked)
        build = self._under_way.get(key)
        if build is None:
            build = self._under_way[key] = self._begun(task, asked, request, seconds, megabytes)
        else:
            build.readers += 1
        try:
            while not build.result.done():
                await asyncio.wait({build.result}, timeout=_BEAT)
                if not build.result.done() and await request.is_disconnected():
                    raise Left
            return build.result.result()
        finally:
            build.readers -= 1
            if not build.readers:
                build.result.cancel()
                del self._under_way[key]

    def _begun(
        self, task: Callable[..., Any], asked: tuple[Any, ...], request: Request, seconds: float, megabytes: float
    ) -> _Build:
        """A quick one here; others, and those of an address that asks for very many, by workers."""
        from core.experiment.cost import AT_ONCE_SECONDS  # here: the server answers before core is loaded

        build, home = _Build(), address(request.scope)
        if seconds <= AT_ONCE_SECONDS and self._seconds.of(home).take(seconds):
            build.result = asyncio.ensure_future(self._in_turn(home, partial(task, *asked)))
            return build
        homes = [other.home for other in self._under_way.values() if other.home]
        if len(homes) >= _MOST or homes.count(home) >= _OF_AN_ADDRESS:
            raise Unfinished("too much is asked for at once: ask again in a second")
        build.home = home or "unknown"
        job = Job(task, asked, max(_TIMES * seconds, _LEAST))
        options: dict[str, Any] = {"visitor": browser(request.cookies) or home, "megabytes": megabytes}
        do = partial(workers().do, job, progress=build.go_on, waiting=build.go_on, **options)
        build.result = asyncio.get_running_loop().run_in_executor(self._by_workers, do)
        return build

    async def _in_turn(self, home: str, do: Callable[[], Any]) -> Any:
        """One at a time, of each address in turn: who asks for many waits behind everybody else."""
        turn = self._turns.setdefault(home, asyncio.Lock())
        async with turn:
            return await asyncio.get_running_loop().run_in_executor(self._here, do)
