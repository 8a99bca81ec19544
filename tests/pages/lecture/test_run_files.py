"""What a run is taken away as, and brought back from. The files themselves are tested in tests/core/export."""

from __future__ import annotations

import pytest

from core import Experiment
from core.export.experiment_json import to_json
from tests.pages.app import open_takeaway, shown, words


def brought(app, text):
    """The page after this text was put into the field and opened."""
    app.text_area(key="json-experiment").set_value(text)
    next(button for button in app.button if button.label == "Open it").click()
    app.run()
    assert not app.exception
    return app


def labels(app):
    return {block.label for block in app.get("download_button")}


def test_both_labs_offer_code_numbers_and_the_experiment():
    for page in ("lab/compare/page.py", "lab/network/page.py"):
        assert {"Python script", "Notebook", "CSV", "Parquet", "Experiment as JSON"} <= labels(open_takeaway(page))


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ("lab/sweep/page.py", "Of these three: "),
        ("lab/schedules/page.py", "Of the noisy run with the schedule, at its best rate"),
    ],
)
def test_a_page_of_many_runs_offers_the_code_of_the_one_worth_having(page, told):
    app = open_takeaway(page)
    assert told in words(app)
    assert {"Python script", "Notebook"} <= labels(app)


def test_an_experiment_comes_back_from_its_json():
    other = Experiment(data="noisy-line", learning_rates=(0.02, 0.3), epochs=77)
    app = brought(open_takeaway("lab/compare/page.py"), to_json(other))
    assert shown(app) == other
    assert "77 epochs" in words(app)


def test_of_an_experiment_of_more_rates_than_a_page_shows_the_first_are_shown_and_the_rest_told():
    rates = tuple(place / 1000 for place in range(1, 13))
    app = brought(open_takeaway("lab/compare/page.py"), to_json(Experiment(learning_rates=rates, epochs=20)))
    assert shown(app).learning_rates == rates[:8]
    assert "lr=(12 values): a page shows at most 8 of them; using the first 8." in words(app)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "this is not JSON"),
        ("[1]", "must be a JSON object"),
        ('{"lr": 3}', "is no field of an experiment"),
        ('{"epochs": -1}', "epochs must be"),
        ('{"data": "<img src=x>"}', "data must be one of"),
    ],
)
def test_what_is_no_experiment_is_told_and_changes_nothing(text, told):
    app = open_takeaway("lab/compare/page.py")
    before = shown(app)
    app = brought(app, text)
    assert shown(app) == before
    said = " ".join(block.value for block in app.text)
    assert "Nothing was changed" in said and told in said


def test_code_that_would_take_too_long_by_the_other_trainer_is_refused_in_words(monkeypatch):
    def refuse(*_):
        raise ValueError("epochs must be <= 28,062 for 1 learning rates of this kind, got 200,000: take fewer epochs")

    monkeypatch.setattr("pages.lecture.run_files.by_engine", refuse)
    app = open_takeaway("lab/compare/page.py")
    assert "No code by NumPy: epochs must be <= 28,062" in words(app)
    assert "Python script" not in labels(app) and "CSV" in labels(app)
