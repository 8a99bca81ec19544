"""The range test's page as a server runs it, without a browser."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from core import Experiment
from core.diagnosis.theory import stability_limit
from core.instruments.range_test.rules import RULES
from core.instruments.range_test.trial import TriedSeed, range_test, trial
from core.words import number
from tests.pages.app import open_page, shown, tables, words

PAGE = "lab/range_test/page.py"
QUICK = {"data": "article", "epochs": "50", "lr": ["0.0001", "0.08"], "rates": "20", "seeds": "2"}
LONG = {"data": "circles", "hidden": ["8", "8"], "batch_size": "32", "epochs": "200", "rates": "20", "seeds": "3"}


def test_without_a_link_it_tries_the_articles_line():
    app = open_page(PAGE)
    assert shown(app).data == "article"
    assert "range tests from 10⁻⁷ to 10" in words(app)


def test_it_says_what_a_range_test_is_and_the_table_has_every_rule_with_its_numbers():
    app = open_page(PAGE, **QUICK)
    said = words(app)
    assert "one short run whose learning rate rises at every step" in said
    blow_up, limit = range_test(Experiment()).blow_up, stability_limit(Experiment())
    assert f"blew up at {number(blow_up)}, and that is not the largest stable rate" in said
    assert f"true limit is {number(limit)}: **{blow_up / limit:.1f} times** lower" in said
    made = trial(Experiment(epochs=50), (0, 1), np.geomspace(1e-4, 0.08, 20))
    assert f"**{RULES[made.winner()].title}** did best here" in said
    assert "depends on the problem" in said
    table = {name: [row[name] for row in tables(app)[0]] for name in tables(app)[0][0]}
    assert table["Rule"] == [rule.title for rule in RULES.values()]
    for column, name in (("Suggests", "suggestion"), ("Times the best rate", "ratio"), ("Regret", "regret")):
        assert table[column] == [number(value) for value in made.standing()[name]]
    assert set(table["Answered"]) == {"2 of 2"}


def test_where_the_limit_is_not_known_no_ratio_is_claimed():
    said = words(open_page(PAGE, **(QUICK | {"batch_size": "2"})))
    assert "times** lower" not in said


def kept_seeds(app) -> set[int]:
    kept = app.session_state["kept-results"].values()
    return {id(entry.value) for entry in kept if isinstance(entry.value, TriedSeed)}


def test_a_trial_that_takes_long_is_kept_while_nothing_changes():
    app = open_page(PAGE, **LONG)
    first = kept_seeds(app)
    app.run()
    assert not app.exception and kept_seeds(app) == first
    app.number_input(key="range-high").set_value(1.0).run()
    assert not app.exception and len(kept_seeds(app)) == 2 * len(first) == 6
    assert "range tests from 10⁻⁷ to 1, " in words(app)


def test_the_ends_of_the_range_test_are_part_of_the_link_which_opens_the_same_trial():
    app = open_page(PAGE, **QUICK)
    app.number_input(key="range-low").set_value(3e-6).run()
    app.number_input(key="range-high").set_value(0.5).run()
    assert not app.exception
    assert (app.query_params["range-low"], app.query_params["range-high"]) == ("3e-06", "0.5")
    app.button(key="share").click().run()
    app.toggle(key="share-every").set_value(True)
    app.button(key="share").click().run()
    copied = parse_qs(urlsplit(app.code[0].value).query)
    assert copied["range-low"] == ["3e-06"] and copied["rates"] == ["20"] and "map" not in copied
    for query in (dict(app.query_params), copied):
        again = open_page(PAGE, **query)
        assert "range tests from 3\u00a0×\u00a010⁻⁶ to 0.5, a sweep of 20 rates with 2 seeds" in words(again)
        assert tables(again) == tables(app)


@pytest.mark.parametrize(("low", "high"), [("0", "many"), ("nan", "1e9"), ("-3", "inf")])
def test_hostile_ends_give_the_usual_ones(low, high):
    said = words(open_page(PAGE, **QUICK, **{"range-low": low, "range-high": high}))
    assert "range tests from 10⁻⁷ to 10, " in said


def test_an_end_that_was_emptied_is_filled_again():
    app = open_page(PAGE, **QUICK, **{"range-low": "0.001"})
    app.number_input(key="range-low").set_value(None).run()
    assert not app.exception and "range tests from 0.001 to 10, " in words(app)


def test_a_range_that_falls_and_one_rate_alone_are_refused_in_words():
    app = open_page(PAGE, **QUICK)
    app.number_input(key="range-low").set_value(20.0).run()
    assert not app.exception and "low below high, got 20 and 10" in words(app)
    assert "two different rates" in words(open_page(PAGE, **(QUICK | {"lr": "0.01"})))


def test_a_trial_that_would_take_minutes_is_refused_in_words():
    heavy = {"data": "digits", "hidden": ["64", "64"], "batch_size": "16", "epochs": "200", "seeds": "20"}
    said = words(open_page(PAGE, **heavy))
    assert "can't be trained" in said or "take fewer epochs, rates or seeds" in said


def test_where_all_overflow_nothing_is_claimed_best():
    said = words(open_page(PAGE, **(QUICK | {"lr": ["1", "2"], "epochs": "3000"})))
    assert "No rule did best here" in said
