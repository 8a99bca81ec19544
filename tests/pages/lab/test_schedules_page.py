"""The schedules' page as a server runs it, without a browser. Its numbers are tested in tests/core/rates."""

from __future__ import annotations

import pytest

from core.methods.schedules import TITLES
from tests.pages.app import open_page, shown, words

PAGE = "lab/schedules/page.py"
QUICK = {"rates": "20", "seeds": "1", "data": "noisy-line", "batch_size": "4", "epochs": "30", "lr": ["0.001", "1"]}


def test_the_first_look_shows_that_decay_helps_where_there_is_noise_and_not_where_there_is_none():
    said = words(open_page(PAGE))
    assert "With noise: 4 points in a step" in said
    assert "Clean: all 40 points in each step" in said
    assert "Here the schedule pays where the steps are noisy, and only there." in said


@pytest.mark.parametrize("name", [name for name in TITLES if name != "constant"])
def test_every_schedule_can_be_chosen(name):
    app = open_page(PAGE, schedule=name, **QUICK)
    assert not app.warning
    assert f"{TITLES[name]}:" in words(app)


def test_a_choice_changes_the_experiment_and_the_constant_rate_alone_asks_for_one():
    app = open_page(PAGE, **QUICK)
    assert "Choose a schedule" in words(app)
    app.pills(key="shape").set_value("cosine").run()
    assert not app.exception
    assert shown(app).schedule == "cosine"
    assert "Cosine:" in words(app)


def test_what_would_take_too_long_or_overflows_is_told():
    app = open_page(PAGE, **QUICK | {"schedule": "linear", "lr": ["1e4", "1e6"], "epochs": "400"})
    assert "sweep lower ones" in words(app)
    app = open_page(PAGE, **QUICK | {"schedule": "linear", "rates": "500", "seeds": "20", "epochs": "20000"})
    assert "is the most here" in words(app) or "can't be trained" in words(app)


def test_one_point_in_a_step_is_one_point():
    assert "With noise: 1 point in a step" in words(
        open_page(PAGE, **QUICK | {"schedule": "linear", "batch_size": "1"})
    )


def test_a_refusal_is_gone_with_the_next_change():
    app = open_page(PAGE, **QUICK | {"schedule": "linear"})
    app.number_input(key="epochs").set_value(10**9).run()
    assert "Nothing was changed" in words(app)
    app.number_input(key="seeds").set_value(2).run()
    assert not app.exception
    assert "Nothing was changed" not in words(app)
