"""The address bar: a link that is followed is taken at once, an echo of the link before it is not."""

from dataclasses import replace

from streamlit.testing.v1 import AppTest

from core import Experiment
from tests.pages.app import FRAME, open_page, shown, words

COMPARE, SCHEDULES = "lab/compare/page.py", "lab/schedules/page.py"
NAMED = {"v": ["1"]}  # what a link to the page that it stands on carries


def first_page(**link: str) -> AppTest:
    """The compare page as a fresh session sees it that opens with this link."""
    app = AppTest.from_file(FRAME, default_timeout=60)
    app.query_params.update(link)
    app.run()
    assert not app.exception
    return app


def arrive(app: AppTest, link: dict[str, list[str]]) -> AppTest:
    """The page run with this link in the address bar."""
    app.query_params.clear()
    app.query_params.update(link)
    app.run()
    assert not app.exception
    return app


def bar(app: AppTest) -> dict[str, list[str]]:
    return {name: [texts] if isinstance(texts, str) else list(texts) for name, texts in app.query_params.items()}


def with_epochs(epochs: int) -> tuple[AppTest, dict[str, list[str]], dict[str, list[str]]]:
    """(the compare page whose epochs were just changed, the link before that, the link since)."""
    app = first_page(lr="0.02")
    before = bar(app)
    app.number_input(key="epochs").set_value(epochs).run()
    assert shown(app).epochs == epochs and bar(app) != before
    return app, before, bar(app)


def test_a_link_to_another_page_is_taken_however_soon_it_is_followed():
    app = open_page(SCHEDULES)
    app.switch_page(COMPARE).run()
    app.query_params.update({"lr": ["0.001", "0.5"], "epochs": ["77"]})
    app.switch_page(SCHEDULES).run()
    assert (shown(app).learning_rates, shown(app).epochs) == ((0.001, 0.5), 77)


def test_a_link_never_seen_before_is_taken_however_soon_it_is_followed():
    app, _, _ = with_epochs(50)
    assert shown(arrive(app, {"lr": ["0.03"], "epochs": ["60"]})) == Experiment(learning_rates=(0.03,), epochs=60)


def test_a_click_made_before_the_browser_has_the_newest_link_takes_nothing_back():
    app, before, since = with_epochs(50)
    asked = shown(app)
    for link in (before, before, since):
        assert shown(arrive(app, link)) == asked
    app.number_input(key="epochs").set_value(40).run()
    for link in (since, since):  # of two changes the browser may still have the link before either
        assert shown(arrive(app, link)) == replace(asked, epochs=40)


def test_of_several_changes_on_their_way_none_is_taken_back():
    app, before, _ = with_epochs(50)
    app.query_params.clear()
    app.query_params.update(before)
    app.number_input(key="epochs").set_value(40).run()
    assert shown(app).epochs == 40
    assert shown(arrive(app, before)).epochs == 40


def test_a_link_the_browser_has_left_behind_is_a_new_one():
    app, before, since = with_epochs(50)
    assert shown(arrive(app, since)).epochs == 50
    assert shown(arrive(app, before)) == Experiment(learning_rates=(0.02,))


def test_a_link_to_the_page_it_stands_on_is_taken_even_where_it_asks_for_what_was_there_before():
    app, before, _ = with_epochs(50)
    assert shown(arrive(app, before | NAMED)) == Experiment(learning_rates=(0.02,))
    assert bar(app) == before
    presets = [link for link in app.get("page_link") if link.proto.label == "The article's three"]
    assert presets[0].proto.query_string == "v=1"


def test_repairs_of_a_link_stay_while_it_echoes():
    app = first_page(lr="0.02", momentum="2")
    assert "momentum=2" in words(app)
    assert "momentum=2" in words(arrive(app, {"lr": ["0.02"], "momentum": ["2"]}))


def test_a_number_beside_the_experiment_is_taken_from_a_new_link_and_not_from_an_echo():
    app = open_page("lab/range_test/page.py", lr=["0.01", "0.1"], epochs="5", rates="20", seeds="1")
    before = bar(app)
    app.number_input(key="rates").set_value(21).run()
    assert bar(app) == before | {"rates": ["21"]}
    assert arrive(app, before).number_input(key="rates").value == 21
    assert arrive(app, before | {"rates": ["22"]}).number_input(key="rates").value == 22
