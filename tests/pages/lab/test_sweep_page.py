"""The sweep page as a server runs it, without a browser."""

from __future__ import annotations

import pytest

from core import SWEEP_PRESETS
from tests.pages.app import open_page, shown, words

QUICK = {"data": "article", "epochs": "50", "lr": ["0.001", "1"], "rates": "20", "seeds": "2"}


def test_without_a_link_it_sweeps_its_first_preset():
    app = open_page("lab/sweep/page.py")
    assert shown(app) == next(iter(SWEEP_PRESETS.values()))
    assert "40 learning rates of 3 seeds" in words(app)


def test_a_line_and_a_network_are_both_swept_here():
    assert "y = w·x + b" in words(open_page("lab/sweep/page.py", **QUICK))
    network = QUICK | {"data": "moons", "hidden": ["3", "2"]}
    assert "A network 2–3–2–1" in words(open_page("lab/sweep/page.py", **network))


def test_the_checks_are_said_with_their_numbers():
    said = words(open_page("lab/sweep/page.py", **QUICK))
    for part in ("At the edge?", "Enough points?", "More than luck?", "A cliff above?", "Same for less time?"):
        assert part in said
    assert "the run explodes" in said


def test_the_numbers_of_rates_and_seeds_are_part_of_the_link():
    app = open_page("lab/sweep/page.py", **QUICK)
    assert "20 learning rates of 2 seeds" in words(app)
    app.number_input(key="rates").set_value(30).run()
    assert not app.exception
    assert "30 learning rates of 2 seeds" in words(app)
    assert app.query_params["rates"] == "30"


@pytest.mark.parametrize("value", ["0", "-3", "1e9", "many", "9" * 400, "<b>"])
@pytest.mark.parametrize("name", ["rates", "seeds"])
def test_a_hostile_number_of_rates_or_seeds_gives_the_usual_one(name: str, value: str):
    said = words(open_page("lab/sweep/page.py", **(QUICK | {name: value})))
    assert ("40 learning rates" if name == "rates" else "of 3 seeds") in said


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


def test_the_best_rate_leads_to_the_lab_that_shows_its_model():
    def way(**more: str) -> str:
        links = open_page("lab/sweep/page.py", **(QUICK | more)).get("page_link")
        (found,) = (link.proto for link in links if "side by side" in link.proto.label)
        assert "lr=" in found.query_string
        return str(found.page)

    assert way() == ""  # the compare page is the first one
    assert way(data="moons") == "network"


def test_the_batch_size_and_the_width_are_crossed_with_the_rate():
    small = {"data": "moons", "hidden": "2", "epochs": "3", "lr": ["0.01", "1"], "rates": "20", "seeds": "1"}
    for word, said in (("1", "at batch size 1 to"), ("2", "at width 1 to")):
        app = open_page("lab/sweep/page.py", **small, map=word)
        assert said in words(app)


def test_a_model_without_hidden_layers_has_no_width_and_is_told_so():
    assert "must have a hidden layer" in words(open_page("lab/sweep/page.py", **QUICK, map="2"))


@pytest.mark.parametrize("value", ["5", "-1", "batch", "<b>"])
def test_an_unknown_view_in_a_link_shows_the_rate_alone(value: str):
    assert "Enough points?" in words(open_page("lab/sweep/page.py", **QUICK, map=value))


def test_the_update_rules_are_raced_each_at_its_own_rate():
    said = words(open_page("lab/sweep/page.py", **(QUICK | {"hidden": "2", "data": "moons"}), map="3"))
    assert "each at its own rate" in said
    assert "at each update rule" in said


def test_schedules_are_raced_each_at_its_own_rate():
    said = words(open_page("lab/sweep/page.py", **(QUICK | {"batch_size": "2"}), map="4"))
    assert "each at its own rate" in said and "at each schedule" in said
