"""The network page as a server runs it, without a browser."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core import NETWORK_PRESETS
from core.methods.schedules import TITLES
from tests.pages.app import FRAME, open_page, shown, stage, words


def page(name: str = "lab/network/page.py", **query: str | list[str]) -> AppTest:
    return open_page(name, **query)


def test_without_a_link_it_shows_its_first_preset():
    assert shown(page()) == NETWORK_PRESETS["circles"].experiment


def test_a_network_sent_to_the_compare_page_is_shown_here():
    app = AppTest.from_file(FRAME, default_timeout=60)
    app.query_params["hidden"] = ["4", "2"]
    app.query_params["epochs"] = "20"
    app.run()
    assert not app.exception
    assert shown(app).hidden == (4, 2)
    assert "The network lab" in words(app)


def test_a_word_alone_changes_the_networks_own_experiment_and_makes_no_line_of_it():
    app = page(epochs="50")
    assert shown(app) == replace(NETWORK_PRESETS["circles"].experiment, epochs=50)


def test_a_line_sent_here_is_compared():
    app = page(data="article", epochs="20")
    assert shown(app).data == "article"
    assert stage(app).header["experiment"]["epochs"] == 20


def test_every_update_rule_can_be_chosen_with_its_usual_momentum_and_says_what_ran():
    app = page(data="xor", hidden="4", epochs="20", lr=["0.01", "0.1"])
    ran = {
        "Nesterov momentum": ("nesterov", 0.9, "Nesterov momentum 0.9"),
        "Adagrad": ("adagrad", 0.0, "Adagrad,"),
        "RMSprop": ("rmsprop", 0.0, "RMSprop (alpha 0.99)"),
        "Adam": ("adam", 0.9, "Adam (beta1 0.9"),
        "AdamW": ("adamw", 0.9, "weight decay 0.01"),
        "Momentum": ("momentum", 0.9, "momentum 0.9"),
        "Gradient descent": ("sgd", 0.0, "gradient descent"),
    }
    assert set(app.selectbox(key="optimizer").options) == set(ran)
    for title, (rule, momentum, told) in ran.items():
        app.selectbox(key="optimizer").set_value(rule).run()
        assert not app.exception, title
        assert (shown(app).optimizer, shown(app).momentum) == (rule, momentum)
        assert told in words(app)
        sliders = [slider.key for slider in app.slider]
        assert ("momentum" in sliders) == (rule not in ("sgd", "adagrad"))


def test_every_schedule_can_be_chosen_and_says_what_ran():
    app = page(data="xor", hidden="4", epochs="20", lr=["0.01", "0.1"])
    box = app.selectbox(key="schedule")
    assert len(box.options) == len(TITLES) == 16
    for name, title in TITLES.items():
        app.selectbox(key="schedule").set_value(name).run()
        assert not app.exception, name
        assert shown(app).schedule == name
        assert (f"schedule: {title.lower()}" in words(app)) == (name != "constant")


@pytest.mark.parametrize(
    ("rule", "momentum", "told"),
    [
        ("sgd", "0", "gradient descent applies it"),
        ("nesterov", "0.9", "Nesterov's direction also remembers earlier gradients"),
        ("momentum", "0.9", "The velocity also remembers earlier gradients"),
        ("adagrad", "0", "Adagrad's direction also remembers earlier gradients, so it differs."),
        ("adamw", "0.9", "It holds 0.01 × the old value as well: each step shrinks every parameter."),
    ],
)
def test_a_weights_update_is_explained_in_the_words_of_its_rule(rule, momentum, told):
    app = AppTest.from_file(FRAME, default_timeout=60)
    app.run()
    app.session_state["weight"] = {"place": [1, 0, 0], "epoch": 3}
    for key, value in {"data": "xor", "hidden": "4", "epochs": "20", "optimizer": rule, "momentum": momentum}.items():
        app.query_params[key] = value
    app.switch_page("lab/network/page.py").run()
    assert not app.exception
    assert told in words(app)


HOSTILE = [
    {
        "optimizer": "lion",
        "schedule": "polynomial",
        "hidden": "1000x50",
        "epochs": "0",
        "batch_size": "0",
        "features": "z",
        "noise": "-1",
        "test": "1",
        "l2": "-1",
        "sharpness": "1000",
        "activation": "step",
        "gain": "-2",
    },
    {
        "hidden": "-1",
        "epochs": "many",
        "batch_size": "1e9",
        "features": "<b>",
        "noise": "loud",
        "test": "-1",
        "l2": "nan",
        "gain": "1e9",
    },
]


@pytest.mark.parametrize("link", HOSTILE)
def test_a_hostile_link_shows_the_nearest_network_and_names_each_repair(link):
    app = page(**({"data": "xor", "hidden": "4", "epochs": "20"} | link))
    assert "This link asked for what can't be" in words(app)
    told = " ".join(block.value for block in app.text)
    assert [name for name in link if name not in told] == []


def test_the_data_that_are_named_are_those_that_are_trained_though_they_are_a_lines():
    app = page(hidden="8", epochs="20")
    assert app.selectbox(key="data").value == shown(app).data == "article"
    app.number_input(key="epochs").set_value(30).run()
    assert shown(app).data == "article"


def test_a_tested_diagnosis_shows_the_runs_that_test_it_and_keeps_them_until_the_run_is_another():
    app = page(data="xor", hidden="3", lr=["0.1", "1"], epochs="40")
    assert trials(app) == []
    next(each for each in app.button if each.key == "ask-1").click().run()
    assert not app.exception
    assert "Loss at the end of each, median of its last tenth." in words(app)
    (drawn,) = trials(app)
    assert "of lane B as it was" in drawn.alt
    app.run()
    assert len(trials(app)) == 1
    app.number_input(key="epochs").set_value(41).run()
    assert trials(app) == []


def trials(app: AppTest) -> list[Any]:
    """The charts of runs that test a diagnosis."""
    return [each.proto for each in app.get("vega_lite_chart") if "test its diagnosis" in each.proto.alt]


def test_a_verdict_since_a_change_counts_no_epoch_from_the_start_of_the_run():
    blown = {"data": "xor", "hidden": "3", "epochs": "60", "lr": ["0.1", "1e5"], "loss": "mse"}
    said = words(open_page("lab/network/page.py", **blown))
    assert "the chart at epoch" in said
    said = words(open_page("lab/network/page.py", **blown | {"lr": ["0.1", "1"], "change": "B_30_lr_1e5"}))
    assert "Since its change at epoch 30" in said
    assert "the chart at epoch" not in said
