"""A widget's change by hand is told from the echo of what it showed a moment ago."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from pages.session import shown

    def take() -> None:
        st.session_state.taken = [*st.session_state.get("taken", []), shown.sent("number")]

    if st.session_state.get("by_itself"):
        shown.note_by_itself()
        shown.learn()
    if st.session_state.get("drawn", True):
        shown.show("number", st.session_state.get("asked", 1))
        st.number_input("Number", key="number", on_change=take)


def given_another(value: int) -> AppTest:
    """The page with a part that runs by itself, whose widget was given another value, the browser having 1 before."""
    app = AppTest.from_function(page)
    app.session_state["by_itself"] = True
    app.run()
    app.session_state["asked"] = value
    app.run()
    assert app.number_input[0].value == value
    return app


def test_what_the_browser_had_before_is_no_change_and_anything_else_is() -> None:
    app = given_another(5)
    for _ in range(3):  # however long it takes until the browser has drawn the other value
        app.number_input[0].set_value(1).run()
        assert app.number_input[0].value == 5, "it shows what it is given"
    app.number_input[0].set_value(7).run()
    assert app.session_state["taken"] == [None, None, None, 7]


def test_a_slider_offers_what_the_browser_still_has_or_it_would_be_taken_for_the_first_stop() -> None:
    def sliding() -> None:
        import streamlit as st

        from pages.session import shown

        def take() -> None:
            st.session_state.taken = [*st.session_state.get("taken", []), shown.sent("rate")]

        shown.note_by_itself()
        shown.show("rate", st.session_state.get("asked", 0.13))
        st.select_slider("Rate", shown.options("rate", (0.01, 0.1, 1.0)), key="rate", on_change=take)

    app = AppTest.from_function(sliding).run()
    states = app._tree.get_widget_states()
    app.session_state["asked"] = 0.02
    app.run()
    app._run(states)  # as a browser that has not drawn the other rate yet
    assert app.session_state["taken"] == [None]
    assert app.select_slider[0].value == 0.02
    app.run()
    assert app.select_slider[0].options == ["0.01", "0.02", "0.1", "1.0"]


def test_once_the_browser_has_the_new_value_the_old_one_is_somebodys_wish() -> None:
    app = given_another(5)
    app.run()  # it sends the new one
    app.number_input[0].set_value(1).run()
    assert app.session_state["taken"] == [1]


def test_for_a_moment_after_the_last_run_by_itself_one_may_still_be_on_its_way(monkeypatch: pytest.MonkeyPatch) -> None:
    app = given_another(5)
    app.session_state["by_itself"] = False
    app.number_input[0].set_value(1).run()
    monkeypatch.setattr("pages.session.shown._LATE", 0.0)
    app.number_input[0].set_value(1).run()
    assert app.session_state["taken"] == [None, 1]


def test_a_widget_that_is_not_drawn_any_more_changes_nothing_by_what_it_showed_last() -> None:
    app = AppTest.from_function(page).run()
    states = app._tree.get_widget_states()
    app.session_state["drawn"] = False
    app.run()
    app._run(states)  # as a browser that has not heard of it yet
    assert app.session_state["taken"] == [None]


def test_what_was_changed_by_hand_can_be_changed_back_at_once() -> None:
    app = AppTest.from_function(page).run()
    for value in (3, 1, 3):
        app.session_state["asked"] = value
        app.number_input[0].set_value(value).run()
    assert app.session_state["taken"] == [3, 1, 3]


def test_where_nothing_runs_by_itself_there_is_no_echo() -> None:
    app = AppTest.from_function(page).run()
    app.session_state["asked"] = 5
    app.run()
    app.number_input[0].set_value(1).run()
    assert app.session_state["taken"] == [1]
