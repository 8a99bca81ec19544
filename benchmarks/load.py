"""A class at the door: how fast the compare page answers up to 300 visitors, and what that costs.

    python -m benchmarks.load

Serves the app on this machine as `make serve` does and visits it by Streamlit's own websocket protocol, on loopback
only and for about eight minutes. The visitors take their share of the same processors: a server of its own is faster.
"""

import asyncio
import itertools
import random
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import TypeVar

import httpx2
import psutil
from websockets.exceptions import ConnectionClosed

from benchmarks.browser import free_port
from benchmarks.table import WIDTHS, Row, at_most, information
from benchmarks.visitor import Answer, Visitor
from core import Experiment
from core.drawing.deck import family

T = TypeVar("T")
_START_SECONDS = 180
_TORCH_SECONDS = 15  # after the start until PyTorch is loaded too
_AT_ONCE = 10  # pages opened at a time where it is not their opening that is measured
_PAUSE = 5.0  # seconds between the clicks of somebody who reads what a click has done
_LESSON = 30.0  # seconds of a natural class that are measured
_FLOOD, _FLOODED = 100, 10.0  # messages a second, and for so many seconds
_MIB, _KB = 2**20, 1000
_chance = random.Random(0)
_lanes = itertools.combinations(family(Experiment()).learning_rates, 3)


def never_seen() -> tuple[float, ...]:
    """Three stops of the stage's sliders that no visitor has had together yet."""
    return next(_lanes)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A running lab. address: as 127.0.0.1:8501.  processes: those of Streamlit."""

    address: str
    processes: tuple[psutil.Process, ...]

    def memory(self) -> float:
        """MiB in memory, on average over the processes."""
        return float(statistics.mean(process.memory_info().rss for process in self.processes)) / _MIB

    def processor(self) -> float:
        """Seconds of processor time that all processes have used so far."""
        return float(sum(sum(process.cpu_times()[:2]) for process in self.processes))


@contextmanager
def house(processes: int) -> Iterator[House]:
    """Serve the lab by so many processes until the block ends."""
    port = free_port()
    command = [sys.executable, "-m", "deploy.serve", "--address", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen([*command, "--processes", str(processes)], stdout=subprocess.DEVNULL)
    try:
        until_ready(f"http://127.0.0.1:{port}/healthz", server)
        children = psutil.Process(server.pid).children(recursive=True)
        labs = tuple(child for child in children if "streamlit" in child.cmdline())
        yield House(address=f"127.0.0.1:{port}", processes=labs)
    finally:
        server.terminate()
        server.wait()


def until_ready(url: str, server: subprocess.Popen[bytes]) -> None:
    """Wait for the server of this process to say at its /healthz that it is warm."""
    deadline = time.monotonic() + _START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), urllib.request.urlopen(url, timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError("the lab does not start: see `make serve`")


async def arrive(home: House, browser: httpx2.AsyncClient) -> tuple[Visitor, Answer]:
    """Open the lab in a new browser: its page, its socket, all that the first run tells, and the deck that it draws."""
    start = time.perf_counter()
    page = await browser.get(f"http://{home.address}/", headers={"Accept": "text/html"})
    page.raise_for_status()
    visitor = Visitor(address=home.address, cookie=page.headers.get("set-cookie", "").partition(";")[0])
    await visitor.connect()
    answer = await visitor.open()
    deck = await browser.get(f"http://{home.address}/{visitor.deck}")
    deck.raise_for_status()
    size = answer.size + deck.num_bytes_downloaded
    return visitor, Answer(seconds=time.perf_counter() - start, size=size, problem=answer.problem)


@asynccontextmanager
async def visitors(home: House, count: int) -> AsyncIterator[list[Visitor]]:
    """So many open pages, until the block ends."""
    there: list[Visitor] = []
    async with httpx2.AsyncClient(timeout=60, trust_env=False) as browser:
        while len(there) < count:
            some = min(_AT_ONCE, count - len(there))
            there += [visitor for visitor, _ in await asyncio.gather(*(arrive(home, browser) for _ in range(some)))]
            browser.cookies.clear()
    try:
        yield there
    finally:
        await asyncio.gather(*(visitor.leave() for visitor in there))


async def within(seconds: float, what: Sequence[Callable[[], Awaitable[T]]]) -> list[T | BaseException]:
    """Do each at a moment of its own within so many seconds, and wait for them all."""

    async def one(do: Callable[[], Awaitable[T]]) -> T:
        await asyncio.sleep(_chance.uniform(0, seconds))
        return await do()

    return list(await asyncio.gather(*(one(do) for do in what), return_exceptions=True))


async def clicks(home: House, count: int) -> list[Answer | BaseException]:
    """So many visitors who all move a rate within a second, each to an experiment that nobody has seen."""
    async with visitors(home, count) as there:
        return await within(1.0, [lambda visitor=one: visitor.rest(never_seen()) for one in there])  # type: ignore[misc]


async def lesson(there: Sequence[Visitor], seconds: float, pause: float) -> list[Answer | BaseException]:
    """Visitors who click now and then, each time for an experiment that nobody has seen."""
    end = time.monotonic() + seconds

    async def one(visitor: Visitor) -> list[Answer]:
        answers = []
        await asyncio.sleep(_chance.uniform(0, pause))
        while time.monotonic() < end:
            answers.append(await visitor.rest(never_seen()))
            await asyncio.sleep(_chance.uniform(0.5, 1.5) * pause)
        return answers

    found = await asyncio.gather(*map(one, there), return_exceptions=True)
    return [answer for each in found for answer in ([each] if isinstance(each, BaseException) else each)]


async def first_loads(home: House, count: int, seconds: float) -> list[Answer | BaseException]:
    """So many new browsers that open the lab within so many seconds."""
    async with httpx2.AsyncClient(timeout=60, trust_env=False) as browser:
        found = await within(seconds, [lambda: arrive(home, browser)] * count)
    await asyncio.gather(*(each[0].leave() for each in found if not isinstance(each, BaseException)))
    return [each if isinstance(each, BaseException) else each[1] for each in found]


async def beside_a_flooder(home: House) -> list[Answer | BaseException]:
    """What thirty calm visitors get while one sends a hundred messages a second."""
    async with visitors(home, 31) as (flooder, *calm):
        flooding = asyncio.create_task(flood(flooder))
        answers = await lesson(calm, _FLOODED, _PAUSE)
        flooding.cancel()
        await asyncio.gather(flooding, return_exceptions=True)
        return answers


async def flood(visitor: Visitor) -> None:
    """Send a hundred clicks a second, until cancelled or thrown out."""

    async def pour() -> None:
        while True:
            await visitor.send(visitor.rested(never_seen()))
            await asyncio.sleep(1 / _FLOOD)

    with suppress(ConnectionClosed):
        await asyncio.gather(pour(), visitor.listen())


def percentile(answers: Sequence[Answer | BaseException], share: float) -> float:
    """Milliseconds that this share of the answers took at most; inf where so many were none."""
    times = sorted(1000 * each.seconds if isinstance(each, Answer) else float("inf") for each in answers)
    return times[min(len(times) - 1, round(share * len(times)))]


def problems(answers: Sequence[Answer | BaseException]) -> int:
    """How many of the answers are none, or say on the page that something went wrong."""
    return sum(1 for each in answers if isinstance(each, BaseException) or each.problem)


def speed(name: str, goal: float, answers: Sequence[Answer | BaseException]) -> Row:
    """A row of the table: the 95th percentile against its goal, where no answer is missing."""
    failed = problems(answers)
    details = f"p50 {percentile(answers, 0.5):.0f}, {len(answers)} answers, {failed} errors"
    row = at_most(f"{name}: p95", goal, percentile(answers, 0.95), "ms", details)
    return row if not failed else Row(name=row.name, goal=row.goal, measured=row.measured, reached=False)


def memory_rows() -> Iterator[Row]:
    """One process before PyTorch is loaded, after it, and what a visitor adds."""
    with house(1) as home:
        yield at_most("memory of a process, before PyTorch", 260, home.memory(), "MiB")
        time.sleep(_TORCH_SECONDS)
        before = home.memory()
        yield information("memory of a process, PyTorch loaded", f"{before:.0f} MiB")

        async def stay() -> float:
            async with visitors(home, 300):
                return home.memory()

        yield at_most("memory a visitor adds", 0.3, (asyncio.run(stay()) - before) / 300, "MiB")


def one_process_rows() -> Iterator[Row]:
    """Thirty and a hundred clicks in a second, new browsers, a flooder; and what a click costs."""
    with house(1) as home:
        time.sleep(_TORCH_SECONDS)
        yield speed("30 clicks within a second", 150, asyncio.run(clicks(home, 30)))
        yield speed("100 clicks within a second", 500, asyncio.run(clicks(home, 100)))
        yield speed("200 first loads in 5 s", 1000, asyncio.run(first_loads(home, 200, 5.0)))
        yield speed("30 beside one who sends 100 messages a second", 500, asyncio.run(beside_a_flooder(home)))
        yield from asyncio.run(_cost(home))


def leak_rows() -> Iterator[Row]:
    """What stays in memory of 500 clicks, and of 1,000 visitors who have left."""

    async def click(count: int) -> None:
        async with visitors(home, 1) as (visitor,):
            for k in range(count):
                await visitor.rest((1e-6, (0.02, 0.025, 0.03, 0.04, 0.05)[k % 5], 1.0))

    async def come_and_go(count: int) -> None:
        for _ in range(count // _AT_ONCE):
            async with visitors(home, _AT_ONCE):
                pass

    with house(1) as home:
        time.sleep(_TORCH_SECONDS)
        asyncio.run(click(50))
        before = home.memory()
        asyncio.run(click(500))
        yield at_most("memory that 500 clicks leave behind", 40, home.memory() - before, "MiB")
        asyncio.run(come_and_go(200))  # Streamlit keeps the last sessions for two minutes, should they come back
        before = home.memory()
        asyncio.run(come_and_go(1000))
        yield at_most("memory that 1,000 visitors leave behind", 10, home.memory() - before, "MiB")


async def _cost(home: House) -> list[Row]:
    """What a click takes, of somebody alone: the hand rests at rates that nobody has had."""
    async with visitors(home, 1) as (visitor,):
        for _ in range(3):
            await visitor.rest(never_seen())
        before = home.processor()
        answers = [await visitor.rest(never_seen()) for _ in range(40)]
        took = 1000 * (home.processor() - before) / len(answers)
    size = statistics.mean(answer.size for answer in answers) / _KB
    return [at_most("processor a click", 10, took, "ms"), at_most("sent a click", 20, size, "kB")]


def two_processes_rows() -> Iterator[Row]:
    """Three hundred clicks in a second, and a natural class of three hundred."""
    with house(2) as home:
        time.sleep(_TORCH_SECONDS)
        yield speed("300 clicks within a second, two processes", 1500, asyncio.run(clicks(home, 300)))

        async def natural() -> list[Answer | BaseException]:
            async with visitors(home, 300) as there:
                return await lesson(there, _LESSON, _PAUSE)

        yield speed("a natural class of 300, two processes", 300, asyncio.run(natural()))


def main() -> None:
    """Print each row as soon as it is measured."""
    headings = [title.ljust(width) for title, width in zip(("what", "goal", "measured"), WIDTHS, strict=True)]
    print("  ".join([*headings, "verdict"]))
    print("-" * (sum(WIDTHS) + 17))
    for row in itertools.chain(memory_rows(), one_process_rows(), two_processes_rows(), leak_rows()):
        print(row, flush=True)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main()
