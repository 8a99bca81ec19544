"""What would take too long is refused, with the most epochs that would be taken, by a button."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.experiment import cost
from core.instruments.sweep.sweep import seconds
from pages.widgets import affordable
from tests.pages.app import open_page, shown, to_the_end, words

LONG = {"data": "article", "lr": ["0.001", "0.1"], "epochs": "100000", "rates": "20", "seeds": "3"}


@pytest.mark.parametrize("view", ["0", "3"])
def test_a_refused_sweep_offers_the_most_epochs_that_it_takes(monkeypatch: pytest.MonkeyPatch, view: str):
    for module in (cost, affordable):
        monkeypatch.setattr(module, "MAX_SECONDS", 1.0)
    app = open_page("lab/sweep/page.py", **LONG, map=view)
    assert "would take about" in words(app)
    to_the_end(app.button(key="fewer-epochs").click().run())
    assert not app.exception
    assert "would take about" not in words(app)
    taken = shown(app).epochs
    assert int(app.query_params["epochs"]) == taken < 100_000
    if view == "0":
        rates = (0.01,) * 20
        assert (
            seconds(shown(app), rates, range(3))
            <= 1.0
            < seconds(replace(shown(app), epochs=taken + 1), rates, range(3))
        )


def test_where_fewer_epochs_do_not_help_or_are_locked_there_is_no_button():
    app = open_page("lab/sweep/page.py", **LONG | {"epochs": "10", "map": "2"})  # a line has no width
    assert "can't be trained" in words(app)
    assert "fewer-epochs" not in [button.key for button in app.button]
    app = open_page("lab/sweep/page.py", **LONG | {"epochs": "2000000", "lock": "epochs"})
    assert "can't be trained" in words(app)
    assert "fewer-epochs" not in [button.key for button in app.button]
