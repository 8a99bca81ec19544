"""The compare page as a server runs it, without a browser."""

from __future__ import annotations

import sys
from dataclasses import replace
from urllib.parse import parse_qs

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core import Experiment, diagnose, train
from core.data.datasets import LINES
from core.experiment.experiment import MAX_RATES, trimmed
from core.words import typed
from tests.pages.app import open_page, shown, stage, tell, words


def page(**query: str | list[str]) -> AppTest:
    """The first page, at this link from the beginning."""
    return open_page("lab/compare/page.py", **query)


def test_the_first_screen_shows_the_articles_experiment_and_its_three_verdicts():
    app = page()
    assert shown(app) == Experiment()
    drawn = stage(app)
    assert drawn.data["rates"] == [1e-6, 0.01, 1.0]
    assert [words.heading for words in drawn.words()] == ["Too low", "Learns slowly", "Too high"]
    assert "15.9 million epochs" in drawn.said()
    assert "The loss grew 514-fold an epoch and overflowed at epoch 113" in drawn.said()
    assert "the limit for this data is 0.08452" in drawn.said()
    assert "predicted 2/λ = 0.08452, measured 0.08452" in drawn.said()
    assert "mean of (y − y_pred)², not half of it" in words(app)
    assert "This lab began from an article that explains gradient descent" in words(app)
    assert not app.warning


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"data": "penguins", "standardize": "on", "epochs": "80"},
        {"data": "noisy-line", "batch_size": "25", "epochs": "40"},
        {"optimizer": "nesterov", "momentum": "0.9", "lr": ["0.0123", "0.07"], "epochs": "200"},
        {"precision": "float32", "start": ["3", "-2"], "epochs": "150"},
    ],
    ids=["the article's", "standardized", "mini-batches", "nesterov", "float32"],
)
def test_what_the_stage_says_and_draws_of_every_rate_is_the_run_of_that_rate(query):
    app = page(**query)
    deck = stage(app).deck
    alone = replace(shown(app), learning_rates=tuple(deck.rates.tolist()))
    assert set(shown(app).learning_rates) <= set(alone.learning_rates)
    history = train(alone)
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(deck.loss, history.loss[:, deck.moments].astype(np.float32))
    for said, diagnosis in zip(deck.words, diagnose(history), strict=True):
        assert (said.title, said.reason, said.evidence, said.advice) == (
            diagnosis.title,
            diagnosis.reason,
            diagnosis.evidence,
            diagnosis.advice,
        )


@pytest.mark.parametrize("epochs", ["1", "100"])
def test_a_start_at_the_minimum_itself_is_shown_with_a_loss_of_nothing(epochs):
    drawn = stage(page(start=["2", "0"], epochs=epochs))
    assert "It started at the minimum: no gradient, so no step." in drawn.said()
    assert (drawn.deck.final == 0).all()


def test_the_look_alikes_get_opposite_advice():
    edge, slow = stage(page(lr=["0.0845", "2.4311e-05"], epochs="100")).words()
    assert "At the limit: lower the rate" in edge.advice
    assert "Too slow: raise the rate" in slow.advice


@pytest.mark.parametrize(("place", "data"), [*enumerate(LINES)])
def test_every_data_set_is_shown_at_rates_far_too_low_and_far_too_high(place, data):
    rule = {"momentum": "0.9", "batch_size": "4", "precision": "float32"} if place % 2 else {}
    standardize = ("on", "on", "off", "off")[place % 4]
    app = page(data=data, standardize=standardize, lr=["1e-12", "0.01", "1e6"], epochs="60", **rule)
    assert shown(app).data == data
    assert len(shown(app).learning_rates) == 3


def test_penguins_say_why_one_hundredth_explodes_and_give_both_limits():
    said = words(page(data="penguins", lr=["1e-8", "0.01"], epochs="100"))
    assert "Units decide." in said
    assert "2.47\u00a0×\u00a010⁻⁵" in said
    assert "is 2.47\u00a0×\u00a010⁻⁵ with flipper length as measured and 1 with flipper length standardized" in said


def test_rates_at_which_the_hand_has_rested_become_the_experiments_and_are_drawn():
    app = page(epochs="20")
    for rates in ([1e-6, 0.0333, 1.0], [1e-12, 0.05, 1e6], [0.3, 0.1], [0.001 * (lane + 1) for lane in range(8)]):
        tell(app, "rested", rates)
        assert shown(app).learning_rates == tuple(rates)
        assert stage(app).data["rates"] == rates
        assert set(rates) <= set(stage(app).deck.rates.tolist())
        assert not app.warning


def test_a_place_in_the_contour_becomes_the_start_of_all_lanes():
    app = page(epochs="20")
    tell(app, "start", [3.5, -1.0])
    assert shown(app).start == (3.5, -1.0)
    assert "from w = 3.5, b = −1" in words(app)
    assert stage(app).header["places"]["w"][0] == 3.5
    tell(app, "start", [0, 0])
    assert shown(app).start == ()


# Of each thing that the stage tells, what it never would.
WRONG = {
    "rested": [None, 5, "x", "1e-3", {}, [], [[]], [None], ["x"], [float("nan")], [-1.0], [0.0], [1e400], [1e7, 0.1]],
    "start": [
        None,
        5,
        "x",
        "ab",
        {},
        [],
        [1.0],
        [None, 1.0],
        ["a", 1.0],
        [float("nan"), 0.0],
        [1e400, 0.0],
        [1e300, 0],
    ],
    "pin": [None, "x", [], {}, 0.5, float("nan"), -1, [0.01]],
    "unpin": [None, "x", [], {}, 5, -1, 1e400, float("nan")],
    "link": [
        None,
        [],
        {},
        "",
        "x",
        "lr=nan&epochs=-5",
        "pin=pin%3Dpin",
        "data=upload-0123456789abcdef",
        "data=circles&hidden=4",
        "%ff" * 99,
    ],
}


@pytest.mark.parametrize("event", WRONG)
def test_what_the_stage_never_tells_changes_no_rate_and_runs_into_no_error(event):
    app = page(epochs="20")
    for value in WRONG[event]:
        tell(app, event, value)
        assert shown(app).learning_rates == (1e-6, 0.01, 1.0), value
        assert (shown(app).start, shown(app).data) == ((), "article"), value
        assert stage(app).data["pins"] == [], value


def test_more_lanes_than_a_page_shows_are_not_taken():
    app = page(epochs="20")
    tell(app, "rested", [0.001 * (lane + 1) for lane in range(50)])
    assert shown(app).learning_rates == (1e-6, 0.01, 1.0)


def test_what_a_lecturer_has_locked_no_hand_moves():
    app = page(epochs="20", lock="lr,start")
    assert stage(app).data["locks"] == {"rates": True, "start": True}
    for event, value in (("rested", [0.1, 0.2]), ("start", [1.0, 1.0]), ("link", "lr=0.5&epochs=20")):
        tell(app, event, value)
        assert (shown(app).learning_rates, shown(app).start) == ((1e-6, 0.01, 1.0), ()), event


def test_undo_leads_back_to_all_that_a_link_said():
    app = page(epochs="20")
    tell(app, "link", "epochs=30&lr=0.02&lr=0.03&momentum=0.9&optimizer=momentum")
    run = shown(app)
    assert (run.epochs, run.learning_rates, run.momentum) == (30, (0.02, 0.03), 0.9)
    assert "2(1 + 0.9)/λ" in stage(app).said()


def test_a_change_that_costs_too_much_is_refused_with_the_largest_legal_value():
    app = page()
    app.number_input(key="epochs").set_value(900_000_000).run()
    assert "epochs must be <= " in app.warning[0].value
    assert shown(app) == Experiment()
    app.number_input(key="epochs").set_value(500).run()
    assert not app.warning


def test_what_the_page_cannot_tell_the_truth_of_is_repaired_and_the_widgets_do_not_offer_it():
    for rule in ("adagrad", "rmsprop", "adam", "adamw"):
        app = page(optimizer=rule, momentum="0.9", schedule="warm-up-cosine", epochs="20")
        assert (shown(app).optimizer, shown(app).momentum, shown(app).schedule) == ("sgd", 0.0, "constant")
        repairs = " ".join(block.value for block in app.text)
        assert f"optimizer={rule}: the network lab has it, this page does not yet; using sgd." in repairs
        assert "schedule=warm-up-cosine: the network lab has it, this page does not yet; using constant." in repairs
        assert app.selectbox(key="optimizer").options == ["Gradient descent", "Momentum", "Nesterov momentum"]


def test_nesterov_shows_its_own_limit_predicted_and_measured():
    app = page(optimizer="nesterov", momentum="0.9", lr=["0.01", "0.05", "0.1"], epochs="300")
    said = stage(app).said()
    # 2 (1 + m) / (1 + 2 m) over lmax = 12 + sqrt(136)
    assert "predicted 2(1 + 0.9)/((1 + 2·0.9)λ) = 0.05736, measured 0.05736" in said
    assert "the limit for this data is 0.05736" in said
    assert "Nesterov momentum 0.9" in words(app)
    assert not app.warning


def test_momentum_and_back():
    app = page()
    app.selectbox(key="optimizer").set_value("momentum").run()
    assert shown(app).momentum == 0.9
    assert "2(1 + 0.9)/λ" in stage(app).said()
    app.selectbox(key="optimizer").set_value("sgd").run()
    assert shown(app).momentum == 0.0


def test_another_data_set_starts_anew_with_its_own_batch_and_start():
    app = page(data="penguins", batch_size="300", start=["5", "5"], epochs="20")
    app.selectbox(key="data").set_value("article").run()
    assert not app.warning
    assert (shown(app).batch_size, shown(app).start) == (None, ())


def test_both_trainers_draw_the_page_and_the_receipt_says_how_far_they_agree():
    import core.training.torch_trainer  # noqa: F401  a warm server has it

    app = page(engine="torch", epochs="50")
    assert shown(app).engine == "torch"
    receipt = next(block.value for block in app.markdown if "Parity receipt" in block.value)
    difference = float(typed(receipt.split("agree to **")[1].split("**")[0]))
    assert 0 <= difference < 1e-12


def test_without_pytorch_the_page_works_and_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "core.training.torch_trainer", raising=False)
    app = page(engine="torch", epochs="50")
    assert shown(app).engine == "numpy"
    assert "pip install torch==2.13.0" in words(app)
    assert app.selectbox(key="engine").options == ["NumPy, from scratch"]


HOSTILE = {
    "lr": ["abc", "-1", "nan", "<img src=x>"],
    "epochs": ["0", "-5", "2.5", "many"],
    "batch_size": ["0", "-1", "1e9", "half"],
    "momentum": ["1", "2", "-1", "nan"],
    "start": ["1", "nan", "1e300", "x"],
    "seed": ["-1", "1e30", "seed"],
    "data": ["nothing", "../../etc/passwd", "[link](http://example.org)"],
    "hidden": ["deep"],
    "engine": ["tensorflow"],
    "schedule": ["cosine"],
    "optimizer": ["adam", "lion"],
    "sharpness": ["60"],
    "v": ["99"],
    "**bold**": ["x"],
}


@pytest.mark.parametrize("place", range(4))
def test_a_hostile_link_shows_the_nearest_experiment_and_names_each_repair(place):
    link = {name: values[place % len(values)] for name, values in HOSTILE.items()}
    app = page(**link)
    assert "This link asked for what can't be" in words(app)
    told = " ".join(block.value for block in app.text)
    assert [name for name in link if name[:40] not in told] == []


def test_five_thousand_rates_become_eight():
    link = trimmed("&".join(f"lr={0.001 * (lane + 1)}" for lane in range(5000)) + "&epochs=20")
    assert len(parse_qs(link)["lr"]) == MAX_RATES + 1
    app = page(**parse_qs(link))
    assert shown(app).learning_rates == tuple(0.001 * (lane + 1) for lane in range(8))
    assert "at most 8" in words(app)


def test_text_from_a_link_is_never_markdown():
    app = page(data="**bold** ![x](http://example.org/x.png)")
    assert "example.org" in app.text[0].value
    assert not any("example.org" in block.value for block in [*app.markdown, *app.caption, *app.warning])


def test_the_table_and_the_download_hold_the_run():
    app = page(epochs="20")
    next(toggle for toggle in app.toggle if "table" in toggle.label).set_value(True).run()
    table = app.dataframe[0].value
    assert set(table.columns) == {"lane", "learning_rate", "epoch", "loss", "gradient_norm", "meter", "w", "b"}
    assert table["loss"].iloc[0] == 44
