"""Workers: what they give back, how they end what is too large, too long or not wanted any more, and who waits."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from server.worker_process import Job
from server.workers import Lost, Unfinished, Worker, Workers
from tests.server import jobs

MOST_MB = 300


@pytest.fixture(scope="module")
def two() -> Iterator[Workers]:
    made = Workers(2, MOST_MB)
    yield made
    made.end()


def do(workers: Workers, task: Any, *arguments: Any, seconds: float = 30.0, **options: Any) -> Any:
    options = {"visitor": object(), "progress": lambda _: None, "waiting": lambda _: None, **options}
    return workers.do(Job(task, arguments, seconds), **options)


class Gone(BaseException):
    """What a page raises when its visitor clicks or leaves."""


def leave(_: float) -> None:
    raise Gone


def test_a_job_comes_back_with_its_result_and_the_worker_takes_the_next(two):
    assert do(two, jobs.double, 21) == 42
    assert do(two, jobs.pid) == do(two, jobs.pid) != os.getpid()
    assert do(two, jobs.large, 30) == bytes(30_000_000)


def test_what_a_job_raises_is_raised_here_with_the_place_where_it_was_raised(two):
    with pytest.raises(ValueError, match="three words here") as raised:
        do(two, jobs.refuse, "three words here")
    assert "jobs.py" in raised.value.__notes__[0]
    with pytest.raises(RuntimeError, match="Odd: first"):
        do(two, jobs.raise_odd)


def test_a_job_is_seen_now_and_then_and_what_nobody_sees_is_not_made(two):
    seen: list[int] = []
    asked = do(two, jobs.showing, 100, 0.01, seen=seen.append)
    assert seen == asked == sorted(asked)
    assert 2 <= len(asked) <= 20, "a second at five looks a second; a busy machine takes longer"
    assert seen[0] == 0


def test_a_job_that_is_asked_to_pause_gives_what_it_has_and_its_worker_takes_the_next(two):
    assert 0 < do(two, jobs.until_paused, 1000, 0.02, progress=lambda done: done > 0.002) < 1000
    # One that knows no pause goes on to its end, and a pause that came too late is for nobody.
    assert do(two, jobs.counting, 5, 0.06, progress=lambda done: True) == 5
    assert do(two, jobs.until_paused, 3, 0.06, progress=lambda done: False) == 3


def test_progress_rises_from_nothing(two):
    told: list[float] = []
    assert do(two, jobs.counting, 10, 0.06, progress=told.append) == 10
    assert told == sorted(told)
    assert told[0] == 0.0
    assert 0 < told[-1] < 1


def test_more_memory_than_allowed_ends_the_job_with_a_sentence_and_nothing_else(two):
    with pytest.raises(Unfinished, match="more memory than the 300 MB"):
        do(two, jobs.fill_memory)
    assert do(two, jobs.double, 1) == 2


def test_more_time_than_allowed_ends_the_job_even_within_one_call(two):
    with pytest.raises(Unfinished, match="longer than the 1 seconds"):
        do(two, jobs.endless_regular_expression, seconds=1.0)
    assert do(two, jobs.double, 1) == 2


def test_a_job_that_does_nothing_has_five_times_as_long(two):
    assert do(two, jobs.sleep, 0.4, seconds=0.2) is None
    with pytest.raises(Unfinished, match="longer than"):
        do(two, jobs.sleep, 60, seconds=0.2)


def test_a_worker_that_dies_is_replaced(two):
    with pytest.raises(Unfinished, match="has ended"):
        do(two, jobs.die)
    assert do(two, jobs.double, 1) == 2


def test_what_a_lost_job_kept_is_told_with_its_loss(two):
    with pytest.raises(Lost) as lost:
        do(two, jobs.keep_and_die)
    assert lost.value.kept == "this far"
    with pytest.raises(Lost) as lost:
        do(two, jobs.die)
    assert lost.value.kept is None


def test_who_leaves_ends_a_job_that_does_not_listen_at_once():
    workers = Workers(1, MOST_MB)
    try:
        before = do(workers, jobs.pid)
        with pytest.raises(Gone):
            do(workers, jobs.until_it_exists, "/no/such/file", progress=leave)
        assert not psutil.pid_exists(before)
        assert do(workers, jobs.pid) != before
    finally:
        workers.end()


def test_who_leaves_a_job_that_tells_how_far_it_is_leaves_its_worker_for_the_next():
    workers = Workers(1, MOST_MB)
    try:
        before = do(workers, jobs.pid)
        with pytest.raises(Gone):
            do(workers, jobs.counting, 10_000, 0.01, progress=lambda done: leave(done) if done else None)
        assert do(workers, jobs.pid) == before, "what it has loaded, PyTorch say, need not be loaded again"
    finally:
        workers.end()


def test_a_worker_ends_with_its_server():
    worker = Worker(MOST_MB)
    process = psutil.Process(worker._process.pid)
    worker._pipe.close()
    worker._process.wait(30)
    assert not process.is_running()


class Line:
    """Jobs that last until they are let go, and what each was told of its place in the queue."""

    def __init__(self, folder: Path, workers: Workers) -> None:
        self.folder, self.workers = folder, workers
        self.threads = ThreadPoolExecutor(20)
        self.waits: dict[str, list[int]] = {}
        self.began: list[str] = []

    def ask(self, name: str, visitor: str, **options: Any) -> Future[Any]:
        self.waits[name] = []
        asked = threading.Event()

        def progress(_: float) -> None:
            if name not in self.began:
                self.began.append(name)
            asked.set()

        def waiting(before: int) -> None:
            self.waits[name].append(before)
            asked.set()

        options |= {"visitor": visitor, "progress": progress, "waiting": waiting}
        future = self.threads.submit(do, self.workers, jobs.until_it_exists, str(self.folder / name), **options)
        assert asked.wait(60)
        return future

    def let_go(self, name: str, future: Future[Any]) -> None:
        (self.folder / name).touch()
        future.result(60)


@pytest.fixture
def line(tmp_path: Path, two: Workers) -> Iterator[Line]:
    made = Line(tmp_path, two)
    yield made
    made.threads.shutdown()


def until(claim: Any) -> None:
    deadline = time.monotonic() + 60
    while not claim():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_visitor_has_one_job_at_a_time_and_others_pass_meanwhile(line):
    first = line.ask("a1", "a")
    second = line.ask("a2", "a")
    assert line.waits["a2"][-1] == 0, "it waits for an own one"
    other = line.ask("b1", "b")
    assert line.began == ["a1", "b1"]
    third = line.ask("c1", "c")
    assert line.waits["c1"][-1] == 2, "two run; what waits for its own visitor's does not count"
    line.let_go("b1", other)
    until(lambda: "c1" in line.began)
    line.let_go("a1", first)
    until(lambda: "a2" in line.began)
    line.let_go("a2", second)
    line.let_go("c1", third)


def test_jobs_wait_in_the_order_they_were_asked_for(line):
    running = [line.ask("a", "a"), line.ask("b", "b")]
    waiting = [line.ask(name, name) for name in "cde"]
    assert [line.waits[name][-1] for name in "cde"] == [2, 3, 4]
    for name, future in zip("abcde", running + waiting, strict=True):
        line.let_go(name, future)
    assert line.began == list("abcde")


def test_who_gives_up_waiting_leaves_the_queue(line):
    running = [line.ask("a", "a"), line.ask("b", "b")]
    with pytest.raises(Gone):
        do(line.workers, jobs.double, 1, waiting=leave)
    last = line.ask("d", "d")
    assert line.waits["d"][-1] == 2
    for name, future in zip("abd", [*running, last], strict=True):
        line.let_go(name, future)


def test_the_same_result_is_waited_for_and_memory_is_shared_out(line):
    first = line.ask("a", "a", key="same", megabytes=200)
    same = line.ask("b", "b", key="same")
    assert line.waits["b"][-1] == 1
    large = line.ask("c", "c", megabytes=200)
    assert line.waits["c"][-1] == 1, "together they would need more than there is"
    line.let_go("a", first)
    until(lambda: {"b", "c"} <= set(line.began))
    line.let_go("b", same)
    line.let_go("c", large)
