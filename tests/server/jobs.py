"""Jobs for workers, of every kind that may come: they must be importable where the workers are."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def double(number: float) -> float:
    return 2 * number


def pid() -> int:
    return os.getpid()


def refuse(words: str) -> None:
    raise ValueError(words)


class Odd(Exception):
    """One that can't be put together again from its arguments."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(first)
        self.second = second


def raise_odd() -> None:
    raise Odd("first", "second")


def counting(steps: int, seconds: float, progress: Callable[[float], object]) -> int:
    for step in range(steps):
        progress(step / steps)
        time.sleep(seconds)
    return steps


def until_it_exists(file: str) -> str:
    while not Path(file).exists():
        time.sleep(0.01)
    return file


def endless_regular_expression() -> None:
    re.match(r"(a+)+b", "a" * 60)


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def fill_memory() -> int:
    return sum(len(bytes(100_000_000)) for _ in [bytearray(100_000_000 * n) for n in range(1, 100)])


def keep_and_die(keep: Callable[[Callable[[], Any]], Any]) -> None:
    keep(lambda: "this far")
    die()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def large(megabytes: int) -> bytes:
    return bytes(1_000_000 * megabytes)


def showing(count: int, seconds: float, show: Callable[[Callable[[], Any]], Any]) -> list[int]:
    """Offer to show so many numbers, one each so many seconds; which of them were asked for."""
    asked: list[int] = []
    for k in range(count):
        show(lambda k=k: asked.append(k) or k)
        time.sleep(seconds)
    return asked


def until_paused(steps: int, seconds: float, progress: Callable[[float], object]) -> int:
    """Count so far, and give the count where it is asked to pause."""
    for step in range(steps):
        if progress(step / steps):
            return step
        time.sleep(seconds)
    return steps
