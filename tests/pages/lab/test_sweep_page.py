"""The sweep page as a server runs it, without a browser."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core import SWEEP_PRESETS
from tests.pages.app import open_page, shown, words

QUICK = {"data": "article", "epochs": "50", "lr": ["0.001", "1"], "rates": "20", "seeds": "2"}


def test_without_a_link_it_sweeps_its_first_preset():
    app = open_page("lab/sweep/page.py")
    assert shown(app) == next(iter(SWEEP_PRESETS.values()))
    assert "40 learning rates of 3 seeds" in words(app)


def test_a_line_and_a_network_are_both_swept_here_and_the_checks_are_said_with_their_numbers():
    app = open_page("lab/sweep/page.py", **QUICK)
    said = words(app)
    assert "y = w·x + b" in said
    for part in ("At the edge?", "Enough points?", "More than luck?", "A cliff above?", "Same for less time?"):
        assert part in said
    assert "the run explodes" in said
    assert "20 learning rates of 2 seeds" in said
    assert way(app) == ""  # the compare page is the first one
    app.number_input(key="rates").set_value(30).run()
    assert not app.exception
    assert "30 learning rates of 2 seeds" in words(app)
    assert app.query_params["rates"] == "30"
    app = open_page("lab/sweep/page.py", **(QUICK | {"data": "moons", "hidden": ["3", "2"]}))
    assert "A network 2–3–2–1" in words(app)
    assert way(app) == "network"


def way(app: AppTest) -> str:
    """The page that the best rate leads to."""
    (found,) = (link.proto for link in app.get("page_link") if "side by side" in link.proto.label)
    assert "lr=" in found.query_string
    return str(found.page)


@pytest.mark.parametrize(("rates", "seeds", "view"), [("0", "many", "5"), ("1e9", "-3", "<b>")])
def test_hostile_numbers_of_rates_and_seeds_give_the_usual_ones_and_a_hostile_view_the_rate_alone(rates, seeds, view):
    said = words(open_page("lab/sweep/page.py", **(QUICK | {"rates": rates, "seeds": seeds, "map": view})))
    assert "40 learning rates of 3 seeds" in said
    assert "Enough points?" in said


def test_a_sweep_from_a_higher_to_a_lower_rate_is_refused_and_changes_nothing():
    app = open_page("lab/sweep/page.py", **QUICK)
    app.number_input(key="lr-lowest").set_value(5.0).run()
    assert not app.exception
    assert "must go from a lower to a higher rate" in words(app)
    assert shown(app).learning_rates == (0.001, 1.0)


def test_a_sweep_that_would_take_minutes_is_refused_in_words():
    said = words(
        open_page("lab/sweep/page.py", data="digits", hidden=["64", "64"], batch_size="16", epochs="200", seeds="20")
    )
    assert "can't be trained" in said or "take fewer epochs, rates or seeds" in said


def test_one_rate_in_a_link_is_told_to_be_too_few_for_a_sweep():
    app = open_page("lab/sweep/page.py", **(QUICK | {"lr": "0.01"}))
    assert "two different rates" in words(app)


def test_the_batch_size_and_the_width_are_crossed_with_the_rate():
    small = {"data": "moons", "hidden": "2", "epochs": "3", "lr": ["0.01", "1"], "rates": "20", "seeds": "1"}
    for word, said in (("1", "at batch size 1 to"), ("2", "at width 1 to")):
        app = open_page("lab/sweep/page.py", **small, map=word)
        assert said in words(app)


def test_a_model_without_hidden_layers_has_no_width_and_is_told_so():
    assert "must have a hidden layer" in words(open_page("lab/sweep/page.py", **QUICK, map="2"))


def test_the_update_rules_are_raced_each_at_its_own_rate():
    said = words(open_page("lab/sweep/page.py", **(QUICK | {"hidden": "2", "data": "moons"}), map="3"))
    assert "each at its own rate" in said
    assert "at each update rule" in said


def test_schedules_are_raced_each_at_its_own_rate():
    said = words(open_page("lab/sweep/page.py", **(QUICK | {"batch_size": "2"}), map="4"))
    assert "each at its own rate" in said and "at each schedule" in said
