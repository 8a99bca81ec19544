"""The network page while its run is trained: what there is so far, a way to pause it, and the verdict at the end."""

from __future__ import annotations

import re
import time
import zlib
from dataclasses import replace
from typing import Any

import psutil
import pytest

from core import Experiment, diagnose, train
from core.instruments.network.scene import NetworkScene, trained_network_scene
from pages.widgets import network_controls
from server import under_way
from tests.pages.app import fresh, to_the_end, words

PAGE = "lab/network/page.py"
LONG = Experiment(data="xor", hidden=(8, 8), learning_rates=(0.1, 0.3), epochs=4_000)


@pytest.fixture
def experiment(request: pytest.FixtureRequest) -> Experiment:
    """One that no other test has trained: all sessions of a process share what is trained."""
    return replace(LONG, seed=zlib.crc32(request.node.name.encode()) % 10_000)


@pytest.fixture
def held(experiment: Experiment, monkeypatch: pytest.MonkeyPatch) -> under_way.Run:
    """A run that stays where it is, early on."""
    seen: list[NetworkScene] = []

    def show(make: Any) -> None:
        if not seen:
            seen.append(make())

    trained_network_scene(experiment, show=show)
    run = under_way.Run()
    run.seen, run.done = seen[0], 0.25
    monkeypatch.setattr("pages.session.live.begin", lambda *asked, seconds, more: run)
    return run


def opened(experiment: Experiment) -> Any:
    link = {name: texts for name, texts in experiment.to_query().items() if name != "v"}
    app = fresh(**link).switch_page(PAGE).run()
    assert not app.exception
    return app


def button(app: Any, label: str) -> Any:
    return next(each for each in app.button if each.label == label)


def html(app: Any) -> str:
    return " ".join(block.body for block in app.get("html"))


def test_it_is_begun_before_the_page_is_drawn(
    experiment: Experiment, held: under_way.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[str] = []

    def begin(*asked: Any, seconds: float, more: Any) -> under_way.Run:
        happened.append("begun")
        return held

    monkeypatch.setattr("pages.session.live.begin", begin)
    monkeypatch.setattr(network_controls, "sidebar", lambda: happened.append("sidebar"))
    opened(experiment)
    assert happened[:2] == ["begun", "sidebar"]


def test_what_there_is_so_far_is_shown_and_no_verdict_is_final(experiment: Experiment, held: under_way.Run) -> None:
    app = opened(experiment)
    assert words(app).count("So far. It may change until all epochs are trained.") == len(LONG.learning_rates)
    assert "loss now" in html(app) and "final loss" not in html(app)
    assert repr(float(held.seen.history.loss[0, -1])) in html(app)
    labels = [each.label for each in app.button]
    assert "Pause" in labels and "Test this diagnosis" not in labels
    advice = [lane.diagnosis.advice for lane in held.seen.lanes]
    assert not any(sentence in words(app) for sentence in advice)


def test_paused_it_keeps_what_there_is_until_it_is_to_go_on(
    experiment: Experiment, held: under_way.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = button(opened(experiment), "Pause").click().run()
    assert not app.exception
    stopped_at = f"Paused at epoch {held.seen.history.done:,} of {experiment.epochs:,}."
    assert stopped_at in words(app) and "loss now" in html(app)
    assert stopped_at in words(app.run()), "a click elsewhere does not begin it anew"
    monkeypatch.undo()
    app = to_the_end(button(app, "Go on").click().run())
    assert not app.exception
    finished = train(experiment)
    assert repr(float(finished.loss[0, -1])) in html(app) and "final loss" in html(app)
    assert all(found.title in words(app) for found in diagnose(finished))


def test_who_comes_back_while_a_run_ends_for_want_of_lookers_begins_it_anew(
    experiment: Experiment, held: under_way.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    ending = under_way.Run()
    ending.problem, ending.ended = under_way.Unseen(), 1.0
    runs = iter((ending, ending, held))  # before the page, where its lanes are drawn, and there anew
    monkeypatch.setattr("pages.session.live.begin", lambda *asked, seconds, more: next(runs))
    assert "loss now" in html(opened(experiment))


def test_a_run_whose_worker_is_killed_stands_with_what_was_seen_and_goes_on(experiment: Experiment) -> None:
    experiment = replace(experiment, epochs=20_000)
    app = opened(experiment)
    while "loss now" not in html(app):
        app.run()
    for each in psutil.Process().children():
        each.kill()
    while not app.warning and not app.exception:
        time.sleep(0.1)
        app.run()
    told = words(app)
    assert "The process that trained this has ended. What you see is the run so far" in told
    assert re.search(r"It can go on from epoch [\d,]+, the last one that was kept", told) and "loss now" in html(app)
    app = to_the_end(button(app, "Go on").click().run())
    assert not app.exception
    finished = train(experiment)
    assert repr(float(finished.loss[0, -1])) in html(app) and "final loss" in html(app)


def test_before_the_first_epochs_there_is_the_bar_alone(experiment: Experiment, held: under_way.Run) -> None:
    held.seen = None
    app = opened(experiment)
    assert [each.label for each in app.button if each.label == "Pause"] == ["Pause"]
    assert "loss now" not in html(app)
