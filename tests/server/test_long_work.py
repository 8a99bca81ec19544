"""What takes long, or is meant to hurt, makes its sender wait and nobody else, and memory stays bounded."""

from __future__ import annotations

import asyncio

import psutil
import pytest

from benchmarks.load import never_seen
from benchmarks.visitor import Answer, Visitor
from tests.server.conftest import Lab, run
from tests.server.test_attacks import CLICKS, LONGER, clicks, visitor_of

pytestmark = pytest.mark.slow

MOST_MB = 1500  # of any process
RATES = "&".join(f"lr={rate}" for rate in (0.01, 0.011, 0.012, 0.013, 0.014, 0.015, 0.016, 0.017))
LOGS = {
    "a regular expression in the names of columns": "1" * 131_000 + "x,b\n1,2\n",
    "one long cell in 20,000 rows": "step,loss\n0," + "x" * 131_000 + "\n" + "1,2\n" * 20_000,
    "commas": "," * 1_900_000,
    "blank lines": "\n" * 1_900_000 + "step,loss\n1,2\n2,1\n",
    "200 runs": "run,step,loss\n" + "".join(f"r{k % 200},{k // 200},{k % 7}\n" for k in range(100_000)),
    "no numbers": "+-5,1\n²,2\n",
}


async def beside(lab: Lab, attack: asyncio.Future[list[Answer]], calm: Visitor) -> tuple[float, float]:
    """(seconds that 95 in 100 clicks of another visitor take at most meanwhile, MB of the largest process)."""
    waits: list[float] = []
    largest = 0.0
    while True:
        answer = await calm.rest(never_seen())
        assert answer.problem == ""
        waits.append(answer.seconds)
        for process in (lab.process, *lab.process.children(recursive=True)):
            try:
                largest = max(largest, process.memory_info().rss / 2**20)
            except psutil.NoSuchProcess:
                continue
        if attack.done() and len(waits) >= CLICKS:
            return sorted(waits)[int(0.95 * (len(waits) - 1))], largest


def hurt(lab: Lab, *attackers: tuple[Visitor, str, str]) -> tuple[list[Answer], float, float, float]:
    """(what the attackers are answered, another's wait alone, and beside them, MB of the largest process)."""

    async def one(visitor: Visitor, key: str, text: str) -> Answer:
        await visitor.connect()
        answer = await visitor.open()
        return await visitor.set(key, text) if key else answer

    async def all_of_it() -> tuple[list[Answer], float, float, float]:
        calm = await visitor_of(lab)
        alone = await clicks(calm)
        attack = asyncio.gather(*(one(*attacker) for attacker in attackers))
        slowest, largest = await beside(lab, attack, calm)
        for visitor, _, _ in attackers:
            await visitor.leave()
        await calm.leave()
        return await attack, alone, slowest, largest

    return run(all_of_it())


def test_twelve_tabs_of_the_longest_runs_are_served_one_after_another(lab: Lab) -> None:
    asked = [f"{RATES}&epochs=500000&start={k}&start=1" for k in range(12)]
    tabs = [Visitor(address=lab.address, query=each, patience=600) for each in asked]
    answers, alone, slowest, largest = hurt(lab, *((tab, "", "") for tab in tabs))
    assert [answer.problem for answer in answers] == [""] * 12
    assert slowest < alone + LONGER
    assert largest < MOST_MB


@pytest.mark.parametrize("name", LOGS)
def test_a_log_that_is_meant_to_hurt_hurts_nobody(lab: Lab, name: str) -> None:
    sender = Visitor(address=lab.address, page="diagnose")
    answers, alone, slowest, largest = hurt(lab, (sender, "log-text", LOGS[name]))
    assert len(answers) == 1
    assert slowest < alone + LONGER
    assert largest < MOST_MB
