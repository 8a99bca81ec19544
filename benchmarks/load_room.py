"""A class room of 300: how fast it joins, votes and trains, what it costs while nothing happens, and what a kill loses.

    python -m benchmarks.load_room

Serves the app on this machine by two processes as `make serve` does, on loopback; the phones take their share of the
same processors. LAB_DATABASE may name a PostgreSQL instead of the usual SQLite.
"""

import asyncio
import json
import os
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx2

from benchmarks.load import House, house, within
from benchmarks.table import WIDTHS, Row, at_most, information

SEATS = 300
_IDLE = 20.0  # seconds of a quiet room that are measured
_AGAIN = 0.5  # seconds until a phone sends again what was not acknowledged


@dataclass(slots=True)
class Phone:
    """A seat. heard: the newest it was told."""

    client: httpx2.AsyncClient
    code: str
    heard: dict[str, Any] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def join(self) -> float:
        """Seconds until it has a seat."""
        begun = time.perf_counter()
        (await self.client.post(f"/room/{self.code}/join", json={})).raise_for_status()
        return time.perf_counter() - begun

    async def answer(self, step: int, value: Any, round: int = 1) -> float:
        """Seconds until the answer is acknowledged, sent again until it is."""
        begun, asked = time.perf_counter(), {"step": step, "round": round, "value": value}
        while True:
            with suppress(httpx2.HTTPError):
                answer = await self.client.post(f"/room/{self.code}/answer", json=asked)
                if answer.status_code == 204:
                    return time.perf_counter() - begun
            await asyncio.sleep(_AGAIN)

    async def train(self, step: int) -> float:
        """Seconds from the press of Train until its own curve is there."""
        begun = time.perf_counter()
        await self.answer(step, None)
        mine = (await self.client.get(f"/room/{self.code}/mine")).raise_for_status().json()
        assert mine["curve"]["points"]
        return time.perf_counter() - begun

    async def listen(self) -> None:
        """Hear what is told, for ever, and connect again where the line breaks."""
        while True:
            with suppress(httpx2.HTTPError):
                async with self.client.stream("GET", f"/room/{self.code}/live", timeout=60) as stream:
                    async for line in stream.aiter_lines():
                        if line.startswith("data: "):
                            self.heard = json.loads(line.removeprefix("data: "))
                            self.changed.set()
            self.heard = {}
            await asyncio.sleep(_AGAIN)

    async def until(self, **told: Any) -> None:
        """Wait until it was told this."""
        while not told.items() <= self.heard.items():
            self.changed.clear()
            await self.changed.wait()


class Host:
    """Who opened the room, and does what comes next."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.client, self.code = client, ""

    async def open_room(self, plan: list[str]) -> None:
        answer = await self.client.post("/room", json={"plan": plan})
        self.code = answer.raise_for_status().json()["code"]

    async def do(self, *actions: str) -> None:
        for action in actions:
            (await self.client.post(f"/room/{self.code}/do", json={"action": action})).raise_for_status()


@asynccontextmanager
async def class_room(home: House, plan: list[str]) -> AsyncIterator[tuple[Host, list[Phone]]]:
    """A host and so many phones, none of which has joined; they listen until the block ends."""
    async with AsyncExitStack() as all_of_them:

        async def client() -> httpx2.AsyncClient:
            one = httpx2.AsyncClient(base_url=f"http://{home.address}", timeout=30, trust_env=False)
            return await all_of_them.enter_async_context(one)

        host = Host(await client())
        await host.open_room(plan)
        phones = [Phone(await client(), host.code) for _ in range(SEATS)]
        listening = [asyncio.create_task(phone.listen()) for phone in phones]
        try:
            yield host, phones
        finally:
            for each in listening:
                each.cancel()
            await asyncio.gather(*listening, return_exceptions=True)


def p95(name: str, goal: float, seconds: Sequence[float | BaseException]) -> Row:
    """A row of the 95th percentile, in ms; where one failed it is not reached."""
    failed = [each for each in seconds if isinstance(each, BaseException)]
    times = sorted(1000 * each for each in seconds if not isinstance(each, BaseException)) or [float("inf")]
    details = f"p50 {times[len(times) // 2]:.0f}, {len(times)} answers, {len(failed)} errors"
    row = at_most(f"{name}: p95", goal, times[min(len(times) - 1, round(0.95 * len(times)))], "ms", details)
    return row if not failed else Row(name=row.name, goal=row.goal, measured=row.measured, reached=False)


async def rows_of_a_lesson(home: House) -> list[Row]:
    """A vote, a sweep and a pause of 300."""
    alone = await idle(home)
    rows = []
    async with class_room(home, ["run:lr=1", "sweep:lr=0.00001&lr=1"]) as (host, phones):
        rows.append(p95("300 join within 10 s", 1000, await within(9.0, [phone.join for phone in phones])))
        await host.do("open")
        await asyncio.gather(*(phone.until(phase="open", step=0) for phone in phones))
        begun = time.perf_counter()
        complete = asyncio.gather(*(phone.until(count=SEATS) for phone in phones))
        voted = await within(1.0, [lambda phone=one: phone.answer(0, 2) for one in phones])  # type: ignore[misc]
        rows.append(p95("300 vote within 1 s: acknowledged", 1000, voted))
        await complete
        done = 1000 * (time.perf_counter() - begun - 1.0)
        rows.append(at_most("all 300 screens have all 300 votes, after the last", 2000, done, "ms"))
        await host.do("close", "reveal", "next", "open")
        await asyncio.gather(*(phone.until(phase="open", step=1) for phone in phones))
        trained = await within(5.0, [lambda phone=one: phone.train(1) for one in phones])  # type: ignore[misc]
        rows.append(p95("300 train within 5 s: their own curve", 1500, trained))
        await host.do("close", "reveal")
        await asyncio.sleep(3)
        seated = await idle(home)
    details = f"{alone:.2f} % without a room, {seated:.2f} % with it"
    return [*rows, at_most("300 idle seats, of a core", 1.0, seated - alone, "%", details)]


async def idle(home: House) -> float:
    """The processes' part of a core, in %, while nobody does anything."""
    before = home.processor()
    await asyncio.sleep(_IDLE)
    return 100 * (home.processor() - before) / _IDLE


async def rows_of_a_kill(home: House) -> list[Row]:
    """A process dies in the middle of a vote."""
    async with class_room(home, ["run:lr=1"]) as (host, phones):
        await asyncio.gather(*(phone.join() for phone in phones))
        await host.do("open")
        await asyncio.gather(*(phone.until(phase="open") for phone in phones))

        async def kill() -> float:
            await asyncio.sleep(0.5)
            home.processes[0].send_signal(signal.SIGKILL)
            return time.perf_counter()

        killed, voted = await asyncio.gather(
            kill(),
            within(1.0, [lambda phone=one: phone.answer(0, 2) for one in phones]),  # type: ignore[misc]
        )
        await asyncio.gather(*(phone.until(count=SEATS) for phone in phones))
        back = time.perf_counter() - killed
        told = (await phones[0].client.get(f"/room/{host.code}/mine")).json()
    lost = sum(isinstance(each, BaseException) for each in voted) + (told["answers"] != {"1": 2})
    return [
        at_most("a process killed in a vote: answers lost", 0, lost, ""),
        at_most("all seats are told of all votes after the kill", 5, back, "s"),
    ]


def rows() -> Iterator[Row]:
    """All of the table."""
    yield information("database", os.environ.get("LAB_DATABASE", "SQLite").partition(":")[0])
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LAB_DATA"] = folder
        with house(2) as home:
            time.sleep(15)  # until PyTorch is loaded
            yield from asyncio.run(rows_of_a_lesson(home))
            yield from asyncio.run(rows_of_a_kill(home))


def main() -> None:
    """Print each row as soon as it is measured."""
    headings = [title.ljust(width) for title, width in zip(("what", "goal", "measured"), WIDTHS, strict=True)]
    print("  ".join([*headings, "verdict"]))
    print("-" * (sum(WIDTHS) + 17))
    for row in rows():
        print(row, flush=True)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main()
