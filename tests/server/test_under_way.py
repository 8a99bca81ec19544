"""Runs under way: one for all who look, seen as it goes, ended when nobody looks any more."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from server import under_way
from server.under_way import Run, Runs, Unseen


class Slow:
    """A run that counts until it is let go. begun: how often it was."""

    def __init__(self) -> None:
        self.begun, self.let_go = 0, threading.Event()

    def __call__(self, run: Run) -> str:
        self.begun += 1
        count = 0
        while not self.let_go.wait(0.01):
            count += 1
            run.show(count)
            run.progress(min(1.0, count / 1000))
        return "done"


def ended(run: Run) -> Run:
    deadline = time.monotonic() + 30
    while not run.ended and time.monotonic() < deadline:
        time.sleep(0.01)
    assert run.ended
    return run


def test_all_who_look_see_one_run_and_its_result():
    runs, slow = Runs(), Slow()
    first, second = runs.look("key", "A", slow), runs.look("key", "B", slow)
    first.await_something(30)
    assert first is second and first.seen >= 1 and first.result is None
    slow.let_go.set()
    assert ended(second).result == "done"
    assert runs.look("key", "C", slow) is first
    assert slow.begun == 1


def test_another_key_is_another_run():
    runs, slow = Runs(), Slow()
    assert runs.look("one", "A", slow) is not runs.look("other", "A", slow)
    slow.let_go.set()


def test_it_ends_when_the_last_who_looked_leaves_and_who_comes_later_begins_anew():
    runs, slow = Runs(), Slow()
    run = runs.look("key", "A", slow)
    runs.look("key", "B", slow)
    run.await_something(30)
    runs.leave("key", "A")
    time.sleep(0.1)
    assert not run.ended
    runs.leave("key", "B")
    assert isinstance(ended(run).problem, Unseen)
    assert runs.look("key", "A", slow) is not run
    slow.let_go.set()


def test_a_tab_that_was_closed_looks_no_more_and_its_run_ends(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(under_way, "_UNSEEN", 0.2)
    runs, slow = Runs(), Slow()
    run = runs.look("key", "A", slow)
    for _ in range(20):
        time.sleep(0.02)
        runs.look("key", "A", slow)
    assert not run.ended
    assert isinstance(ended(run).problem, Unseen)


def test_a_run_pauses_for_the_only_one_who_looks_and_for_nobody_else():
    runs, slow = Runs(), Slow()
    assert not runs.pause("key", "A"), "there is none"
    run = runs.look("key", "A", slow)
    runs.look("key", "B", slow)
    run.await_something(30)
    assert not runs.pause("key", "A") and run.progress(0.5) is False
    runs.leave("key", "B")
    assert runs.pause("key", "A") and run.progress(0.5) is True
    slow.let_go.set()
    run.await_end(30)
    assert run.result == "done"


def test_a_problem_is_there_until_it_is_forgotten():
    def refuse(run: Run) -> Any:
        raise ValueError("no")

    runs, slow = Runs(), Slow()
    run = ended(runs.look("key", "A", refuse))
    assert str(run.problem) == "no" and runs.look("key", "A", slow) is run
    runs.forget("key")
    assert runs.look("key", "A", slow) is not run
    slow.let_go.set()


def test_a_result_that_nobody_fetches_goes_after_a_while(monkeypatch: pytest.MonkeyPatch):
    runs = Runs()
    run = ended(runs.look("key", "A", lambda run: "large"))
    monkeypatch.setattr(under_way, "_KEPT", 0.0)
    time.sleep(0.01)
    assert runs.look("key", "A", lambda run: "again") is not run
