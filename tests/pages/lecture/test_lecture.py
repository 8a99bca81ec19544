"""A lecturer's link: slides, hidden controls, questions; and Share, which makes such links."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from streamlit.testing.v1 import AppTest

from core import Experiment
from tests.pages.app import open_page, stage, words


def visit(page: str = "lab/compare/page.py", **query: str | list[str]) -> AppTest:
    """A fresh session that opens with this link."""
    return open_page(page, **query)


def style(app: AppTest) -> str:
    return " ".join(block.body for block in app.get("html") if "display: none" in block.body)


def share(app: AppTest) -> list[str]:
    """What the dialog offers to copy: the link, and the text."""
    app.button(key="share").click().run()
    assert not app.exception
    return [block.value for block in app.code if block.language != "python"]


def query(link: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(link).query)


def test_the_words_hold_for_the_session_and_stay_in_the_address_bar():
    app = visit(present="1", lock="lr,data", gate="0")
    app.switch_page("learn/one_step.py").run()
    assert {name: app.query_params[name] for name in ("present", "lock", "gate")} == {
        "present": "1",
        "lock": "lr,data",
        "gate": "0",
    }


def test_anything_but_1_is_no_slides():
    for word in ("0", "", "yes", "<b>"):
        assert visit(present=word).session_state["lecture-present"] is False


def test_a_hidden_control_is_out_of_sight_and_still_holds_and_is_stated():
    app = visit(lock="epochs", epochs="77")
    assert ".st-key-epochs" in style(app)
    assert ".st-key-seed" not in style(app)
    assert "77 epochs" in words(app)


def test_all_hides_every_control_that_edits_the_experiment():
    app = visit(lock="all")
    hidden = style(app)
    assert "stSidebar" in hidden
    for key in ("data", "epochs", "optimizer", "engine", "batch_size", "precision", "seed"):
        assert f".st-key-{key}" in hidden, key
    assert stage(app).data["locks"] == {"rates": True, "start": True}


def test_a_name_no_control_has_is_said_as_plain_text_and_ignored():
    app = visit(lock="epochs,**colour**,batch_size")
    assert [block.value for block in app.text] == ["The link asks to hide **colour**: there is no such control here."]
    assert ".st-key-epochs" in style(app)
    assert "colour" not in style(app)


def test_a_control_of_another_page_is_no_stranger():
    assert [block.value for block in visit(lock="hidden,rates").text] == []


def test_share_gives_the_link_of_the_address_bar_and_a_text_with_it():
    link, text = share(visit(lr=["0.02", "0.5"], epochs="50"))
    assert query(link) == {"lr": ["0.02", "0.5"], "epochs": ["50"]}
    assert link in text
    assert text.startswith("Learning-Rate Lab: two learning rates on one model")
    assert text.endswith("no account needed.")


def test_share_of_one_rate_speaks_of_one():
    assert "one learning rate on one model" in share(visit(lr="0.02"))[1]


def test_share_adds_what_the_link_should_do():
    app = visit(epochs="50")
    share(app)
    app.toggle(key="share-present").set_value(True)
    app.multiselect(key="share-lock").set_value(["lr", "data"])
    assert query(share(app)[0]) == {"epochs": ["50"], "present": ["1"], "lock": ["lr,data"]}


def test_share_can_name_every_setting_and_then_says_that_the_code_is_fine():
    rates = tuple(0.001234 + lane / 1000 for lane in range(8))
    app = visit(lr=list(map(str, rates)))
    share(app)
    app.toggle(key="share-every").set_value(True)
    link, _ = share(app)
    assert Experiment.from_query(urlsplit(link).query) == (Experiment(learning_rates=rates), ())
    assert query(link)["v"] == ["1"]
    assert any("too fine to be scanned from far" in block.value for block in app.caption)


def test_share_of_a_lesson_can_turn_its_questions_off():
    app = visit("learn/one_step.py")
    share(app)
    app.toggle(key="share-gate").set_value(False)
    link, text = share(app)
    assert query(link) == {"gate": ["0"]}
    assert "lesson 1. One step by hand" in text


def test_the_head_of_every_page_presents_shares_and_helps():
    for page in ("lab/compare/page.py", "lab/diagnose/page.py", "learn/one_step.py", "learn/glossary.py"):
        app = visit(page)
        assert {"Present", "Share"} <= {button.label for button in app.button}
        assert "Glossary of all terms" in [each.proto.label for each in app.get("page_link")]
        app.button(key="present-now").click().run()
        assert app.query_params["present"] == "1" and not app.exception
