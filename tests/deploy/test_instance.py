"""A process is started again where it has ended, hangs or does not start, and not where it is busy for a while."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator

import pytest

from deploy import instance
from deploy.instance import Instance
from tests.deploy.conftest import free_port, until
from tests.deploy.stand_ins import answering, hanging


class Sleepers:
    """Children that answer nothing themselves: a stand-in has the port."""

    def __init__(self) -> None:
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self, command: list[str], stdout: int) -> subprocess.Popen[bytes]:
        self.started.append(subprocess.Popen(["sleep", "1000"]))
        return self.started[-1]

    def end(self, processes: list[subprocess.Popen[bytes]], last_words: float = 0) -> None:
        for process in processes:
            process.kill()
            process.wait()


@pytest.fixture
def sleepers(monkeypatch) -> Iterator[Sleepers]:
    """Children of instances that are asked often, and told to stop at the end."""
    monkeypatch.setattr(instance, "PAUSE", 0.01)
    monkeypatch.setattr(instance, "ANSWER_WITHIN", 0.1)
    sleepers = Sleepers()
    yield sleepers
    sleepers.end(sleepers.started)


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    """Set at the end of a test."""
    event = threading.Event()
    yield event
    event.set()


def test_one_that_hangs_is_found_and_is_another_one_afterwards(sleepers, stop):
    with answering() as port:
        one = Instance(0, port, sleepers, stop)
        until(one.is_ready)
        assert one.trouble() == ""
    with hanging(port):
        until(lambda: one.trouble() == "did not answer")
        before = one.pid
        one.start_again()
        assert one.pid != before and one.trouble() == "" and not one.is_ready()


def test_one_that_answers_again_is_left_alone(sleepers, stop):
    with answering() as port:
        one = Instance(0, port, sleepers, stop)
        until(one.is_ready)
        one._misses = instance.MOST_MISSES - 1
        assert one.trouble() == ""
        until(lambda: one._misses == 0)


def test_one_that_has_ended_is_found(sleepers, stop):
    one = Instance(0, free_port(), sleepers, stop)
    assert one.trouble() == ""
    sleepers.end(sleepers.started)
    assert one.trouble() == "had ended"


def test_one_that_is_never_ready_is_started_again_after_its_time(sleepers, stop, monkeypatch):
    one = Instance(0, free_port(), sleepers, stop)
    until(lambda: one._misses > 5)
    assert one.trouble() == ""
    monkeypatch.setattr(instance, "PATIENCE", 0.0)
    assert one.trouble() == "did not start"


def test_it_is_asked_at_its_own_port_whatever_proxy_the_shell_names(sleepers, stop, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with answering() as port:
        until(Instance(0, port, sleepers, stop).is_ready)
