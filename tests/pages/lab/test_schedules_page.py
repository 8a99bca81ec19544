"""The schedules' page as a server runs it, without a browser. Its numbers are tested in tests/core/rates."""

from __future__ import annotations

from core.methods.schedules import TITLES
from tests.pages.app import open_page, shown, words

PAGE = "lab/schedules/page.py"
QUICK = {"rates": "20", "seeds": "1", "data": "noisy-line", "batch_size": "4", "epochs": "30", "lr": ["0.001", "1"]}


def test_the_first_look_shows_that_decay_helps_where_there_is_noise_and_not_where_there_is_none():
    said = words(open_page(PAGE))
    assert "With noise: 4 points in a step" in said
    assert "Clean: all 40 points in each step" in said
    assert "Here the schedule pays where the steps are noisy, and only there." in said


def test_a_schedule_can_be_chosen():
    app = open_page(PAGE, **QUICK)
    assert "Choose a schedule" in words(app)
    for name in list(TITLES)[1::3]:
        app.pills(key="shape").set_value(name).run()
        assert not app.exception and not app.warning, name
        assert shown(app).schedule == name
        assert f"{TITLES[name]}:" in words(app)


def test_what_would_take_too_long_or_overflows_is_told():
    app = open_page(PAGE, **QUICK | {"schedule": "linear", "lr": ["1e4", "1e6"], "epochs": "400"})
    assert "sweep lower ones" in words(app)
    app = open_page(PAGE, **QUICK | {"schedule": "linear", "rates": "500", "seeds": "20", "epochs": "20000"})
    assert "is the most here" in words(app) or "can't be trained" in words(app)


def test_a_refusal_is_gone_with_the_next_change_and_one_point_in_a_step_is_one_point():
    app = open_page(PAGE, **QUICK | {"schedule": "linear", "batch_size": "1"})
    assert "With noise: 1 point in a step" in words(app)
    app.number_input(key="epochs").set_value(10**9).run()
    assert "Nothing was changed" in words(app)
    app.number_input(key="seeds").set_value(2).run()
    assert not app.exception
    assert "Nothing was changed" not in words(app)
