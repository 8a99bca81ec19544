"""One experiment on several pages: a link takes it along, and the page says what it took and what it left."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from core import Experiment
from core.experiment.experiment import RATE_LIMITS
from tests.pages.app import fresh, open_page, to_the_end, words

NETWORK = Experiment(
    data="xor", hidden=(4,), learning_rates=(0.1, 0.3, 1.0), batch_size=32, seed=5, epochs=40, sharpness=3
)
LINE = Experiment(learning_rates=(0.01,), epochs=30, batch_size=2, seed=2)
FILES = {"Sweep": "lab/sweep/page.py", "Range test": "lab/range_test/page.py", "Schedules": "lab/schedules/page.py"}
FILES |= {"Network": "lab/network/page.py", "Compare": "lab/compare/page.py"}
SMALL = {"rates": "5", "seeds": "1"}


def of(experiment: Experiment) -> dict[str, Any]:
    return {name: texts for name, texts in experiment.to_query().items() if name != "v"}


def ways(app: AppTest) -> dict[str, Experiment]:
    """Where the page's links take its experiment, and what they say of it."""
    links = [each.proto for each in app.main.get("page_link") if each.proto.label in FILES]
    return {link.label: Experiment.from_query(parse_qs(link.query_string))[0] for link in links}


def go(app: AppTest, label: str) -> AppTest:
    """Click the link: the same session, on the other page."""
    query = next(each.proto.query_string for each in app.main.get("page_link") if each.proto.label == label)
    app.query_params.clear()
    for name, texts in (parse_qs(query) | ({} if label in ("Network", "Compare") else SMALL)).items():
        app.query_params[name] = texts
    app = to_the_end(app.switch_page(FILES[label]).run())
    assert not app.exception
    return app


@pytest.mark.parametrize(("file", "experiment"), [("network", NETWORK), ("compare", LINE)])
def test_data_model_batch_and_seed_come_along_to_every_page_that_can_show_them(
    file: str, experiment: Experiment
) -> None:
    found = ways(open_page(f"lab/{file}/page.py", **of(experiment)))
    assert set(found) == {"Sweep", "Range test", "Schedules"}
    for other in found.values():
        same = replace(
            other,
            learning_rates=experiment.learning_rates,
            schedule="constant",
            sharpness=experiment.sharpness,
        )
        assert same == experiment
    assert {other.schedule for label, other in found.items() if label != "Schedules"} == {"constant"}
    assert found["Schedules"].schedule != "constant"


def test_the_rates_become_the_ends_of_a_sweep_two_decades_apart_at_least() -> None:
    near = open_page("lab/network/page.py", **of(NETWORK))
    assert ways(near)["Sweep"].learning_rates == pytest.approx((0.01, 10.0))
    far = open_page("lab/compare/page.py", **of(replace(LINE, learning_rates=(1e-6, 0.01, 1.0))))
    assert ways(far)["Sweep"].learning_rates == (1e-6, 1.0)
    largest = open_page("lab/compare/page.py", **of(replace(LINE, learning_rates=(RATE_LIMITS[1],))))
    assert ways(largest)["Sweep"].learning_rates == (RATE_LIMITS[1] / 10, RATE_LIMITS[1])


def test_there_and_back_it_is_what_it_was() -> None:
    app = open_page("lab/compare/page.py", **of(LINE))
    there = go(app, "Sweep")
    assert "Taken from Compare" in words(there).replace("*", "")
    assert ways(there)["Compare"] == LINE
    back = go(there, "Compare")
    assert back.session_state["experiment"] == LINE


def test_what_a_page_can_not_take_is_said_until_something_is_changed() -> None:
    app = go(open_page("lab/network/page.py", **of(NETWORK)), "Sweep")
    said = words(app)
    assert "Taken from **Network**" in said and "Not taken: measuring the sharpness." in said
    assert app.session_state["experiment"].sharpness == 0
    app = app.number_input(key="lr-highest").set_value(2.0).run()
    assert "Taken from" not in words(app)


def test_a_page_that_is_opened_by_its_name_has_taken_nothing() -> None:
    app = open_page("lab/compare/page.py", **of(LINE))
    app.query_params.clear()
    app = app.switch_page("lab/sweep/page.py").run()
    assert "Taken from" not in words(app)
    other = fresh(**of(LINE), **SMALL).switch_page("lab/sweep/page.py").run()
    assert "Taken from" not in words(other)


def test_the_schedules_do_not_claim_the_batch_as_they_draw_batches_where_there_were_none() -> None:
    app = go(open_page("lab/compare/page.py", **of(replace(LINE, batch_size=None))), "Schedules")
    assert "Taken from **Compare**: the same data, model, epochs and seed." in words(app)


def test_another_penalty_is_another_model_and_nothing_was_taken() -> None:
    app = open_page("lab/network/page.py", **of(NETWORK))
    app.query_params.clear()
    for name, texts in (of(replace(NETWORK, l2=0.01, learning_rates=(0.01, 1.0))) | SMALL).items():
        app.query_params[name] = texts
    app = to_the_end(app.switch_page("lab/sweep/page.py").run())
    assert not app.exception and "Taken from" not in words(app)


def test_a_way_back_to_more_lanes_takes_as_many_epochs_as_they_may_have() -> None:
    long = Experiment(learning_rates=(0.001, 0.1), epochs=2_000_000)  # the most of two rates
    found = ways(open_page("lab/sweep/page.py", **of(long), **SMALL))
    assert found["Compare"].epochs == found["Compare"].largest_epochs() < long.epochs
