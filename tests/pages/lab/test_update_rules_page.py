"""The update rules' page as a server runs it, without a browser. Its numbers are tested in tests/core/rates."""

from __future__ import annotations

import pytest

from core.data.surfaces import ALL_NAMES
from core.methods.optimizers import UPDATE_RULES
from tests.pages.app import open_page, words

PAGE = "lab/update_rules/page.py"


def titles(app):
    return {block.value.removeprefix("#### ") for block in app.markdown if block.value.startswith("#### ")}


def test_the_first_look_is_a_fair_race_of_four_rules_of_which_one_is_left():
    app = open_page(PAGE)
    assert {"Gradient descent", "Momentum", "RMSprop", "Adam", "The race"} <= titles(app)
    assert "first at the bottom" in words(app)
    assert "at one rate for all the race would only show which rule that rate suits" in words(app)
    assert not app.warning
    app.pills(key="rules").set_value([]).run()
    assert not app.exception
    assert "Gradient descent" in titles(app)


@pytest.mark.parametrize("name", ALL_NAMES)
def test_every_landscape_races_every_rule(name):
    app = open_page(PAGE, surface=name, rules=[rule.title for rule in UPDATE_RULES.values()])
    assert {rule.title for rule in UPDATE_RULES.values()} <= titles(app)


def test_one_rate_for_all_and_rates_of_ones_own_are_kept_in_the_link():
    app = open_page(PAGE, **{"whose-rate": "One for all", "rate-all": "0.01"})
    assert app.number_input(key="rate-all").value == 0.01
    assert "more about the rates than about the rules" in words(app)
    app = open_page(PAGE, **{"whose-rate": "My own", "rate-sgd": "5"})
    assert "Overflows at step" in words(app)
