"""Runs that take longer than a moment: by a worker, with their own numbers, kept, and refused in a sentence."""

import pytest

from core import Experiment, train
from core.experiment.cost import AT_ONCE_SECONDS, CACHED_SECONDS
from pages.session import runs
from pages.session.work import Bar
from server.workers import Lost, Unfinished
from tests.pages.app import open_page, shown, to_the_end, words

LONG = Experiment(data="xor", hidden=(8, 8), learning_rates=(0.1,), epochs=5_000)


def query(experiment: Experiment) -> dict[str, list[str]]:
    return {name: words for name, words in experiment.to_query().items() if name != "v"}


def by(monkeypatch: pytest.MonkeyPatch, problem: Exception) -> None:
    """From now on each worker ends with this problem."""

    class Broken:
        def do(self, *asked, **options):
            raise problem

    monkeypatch.setattr("pages.session.work.workers", Broken)


def test_another_long_run_is_shown_with_its_own_numbers():
    app = open_page("lab/network/page.py", **query(LONG))
    for seed in (LONG.seed, 1):
        to_the_end(app.number_input(key="seed").set_value(seed).run())
        assert not app.exception
        experiment = shown(app)
        assert (experiment.seed, experiment.epochs) == (seed, LONG.epochs)
        assert experiment.seconds() > AT_ONCE_SECONDS
        final = float(train(experiment).loss[0, -1])
        assert repr(final) in " ".join(block.body for block in app.get("html"))


def test_a_run_that_needs_too_much_is_refused_in_a_sentence_and_the_page_goes_on(monkeypatch):
    by(monkeypatch, Unfinished("it needs more memory than the 1,500 MB that there are for one visitor"))
    app = open_page("lab/network/page.py", **query(LONG) | {"seed": "77"})
    assert "it needs more memory than the 1,500 MB that there are for one visitor. Take fewer epochs" in words(app)
    monkeypatch.undo()
    to_the_end(app.number_input(key="epochs").set_value(100).run())
    assert not app.exception
    assert "can't be done here" not in words(app)


@pytest.mark.parametrize("name", ["lab/compare/page.py", "lab/network/page.py"])
def test_what_one_session_trained_is_there_for_the_next(monkeypatch, name):
    experiment = LONG if "network" in name else Experiment(learning_rates=(0.01,), epochs=20_000)
    asked = query(experiment) | {"seed": "5"}
    open_page(name, **asked)
    by(monkeypatch, AssertionError("it is there"))
    open_page(name, **asked)


def test_a_worker_that_is_lost_is_told_with_a_way_to_try_again(monkeypatch):
    by(monkeypatch, Lost("the process that worked on it has ended"))
    app = open_page("lab/network/page.py", **query(LONG) | {"seed": "78"})
    assert "the process that worked on it has ended. Try it once more." in words(app)
    monkeypatch.undo()
    to_the_end(next(button for button in app.button if button.label == "Try again").click().run())
    assert not app.exception
    assert "can't be done here" not in words(app)


def test_what_was_stopped_stays_so_until_it_is_to_go_on(monkeypatch):
    bars = []
    monkeypatch.setattr(runs, "Bar", lambda *said: bars.append(said) or Bar(*said))
    sweep = {"rates": "40", "seeds": "2", "epochs": "3000", "data": "xor", "hidden": "3", "seed": "4"}
    app = open_page("lab/sweep/page.py", **sweep)
    (what, seconds, stop) = bars[-1]
    assert what == "all 80 runs" and seconds > CACHED_SECONDS and stop is not None
    app.session_state["stopped-work"] = stop.args[0]
    app.run()
    assert "Stopped. What was done so far is kept." in words(app)
    assert "So far: 40 of 40 learning rates, 2 of 2 seeds." in words(app), "and is shown"
    next(button for button in app.button if button.label == "Go on").click().run()
    assert not app.exception
    assert "Stopped." not in words(app) and "So far" not in words(app)


def test_how_long_it_takes_is_told_by_what_it_has_taken(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("pages.session.work.time.monotonic", lambda: now[0])
    bar, said = Bar("500 epochs", 10.0), []
    bar._say = lambda done, text: said.append(text)
    for now[0], done in ((0.0, 0.0), (2.0, 0.02), (12.0, 0.5)):
        bar.tell(done)
    assert said == [
        "Working on 500 epochs, about 10 s to go",
        "2% of 500 epochs, about 9.8 s to go",
        "50% of 500 epochs, about 12 s to go",
    ]
