"""What a room is told, as it changes: one stream of server-sent events for each phone and screen.

Processes do not speak to each other: each looks at the store five times a second, while somebody listens, and tells its
own listeners what has changed, whoever has changed it. Who is slow gets the newest, and misses what was between.
"""

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any

from starlette.concurrency import run_in_threadpool

from .rooms import Rooms
from .store import Unstored

_LOG = logging.getLogger("lab")
LOOKS = 0.2  # seconds between two looks at the store
_BEAT = 15.0  # seconds of silence after which a line shows proxies that the stream is alive
_AGAIN = 1.0  # seconds until it tries again to reach the store
_EXPIRES = 600.0  # seconds between two looks at what has expired


class _Listener:
    """The newest that one of them has not been sent yet."""

    def __init__(self) -> None:
        self.news: str | None = None
        self.there = asyncio.Event()

    def tell(self, news: str) -> None:
        self.news = news
        self.there.set()


class Live:
    """The listeners of one process, and the one that looks for them."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._listeners: dict[str, set[_Listener]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None
        self._known: dict[str, Any] = {}

    async def listen(self, code: str) -> AsyncIterator[str]:
        """What the room is told, now and whenever that changes, as lines of text/event-stream. Raises NoRoom."""
        mine = _Listener()
        mine.tell(await self._told(code))
        self._listeners[code].add(mine)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look())
        try:
            while True:
                try:
                    await asyncio.wait_for(mine.there.wait(), _BEAT)
                except TimeoutError:
                    yield ": beat\n\n"
                    continue
                mine.there.clear()
                yield f"data: {mine.news}\n\n"
        finally:
            self._listeners[code].discard(mine)
            if not self._listeners[code]:
                del self._listeners[code]
                self._known.pop(code, None)

    async def _look(self) -> None:
        """Tell what changes, until nobody listens."""
        while self._listeners:
            try:
                await self._look_until_lost()
            except Unstored as trouble:
                _LOG.warning("class room: %s", trouble)
                self._known.clear()  # all is told anew once the store is back
                self._tell_all(json.dumps({"trouble": str(trouble)}))
                await asyncio.sleep(_AGAIN)

    async def _look_until_lost(self) -> None:
        clock = asyncio.get_running_loop().time
        before, expired = None, 0.0
        with self._rooms.store.watch() as changed:
            while self._listeners:
                await asyncio.sleep(LOOKS)
                if clock() - expired > _EXPIRES:
                    expired = clock()
                    await run_in_threadpool(self._rooms.store.expire)
                if (now := changed()) != before or set(self._known) != set(self._listeners):
                    await self._tell()
                    before = now

    async def _tell(self) -> None:
        codes = list(self._listeners)
        marks = await run_in_threadpool(self._rooms.store.counts, codes)
        for code in codes:
            if code not in marks:
                self._send(code, json.dumps({"code": code, "phase": "ended", "gone": True}))
            elif self._known.get(code) != marks[code]:
                self._known[code] = marks[code]
                self._send(code, await self._told(code))

    async def _told(self, code: str) -> str:
        return json.dumps(await run_in_threadpool(self._rooms.told, code), ensure_ascii=False)

    def _send(self, code: str, news: str) -> None:
        for each in self._listeners.get(code, ()):
            each.tell(news)

    def _tell_all(self, news: str) -> None:
        for code in list(self._listeners):
            self._send(code, news)
