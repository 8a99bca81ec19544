"""A widget's change by hand is told from the echo of what it showed a moment ago."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from pages.widgets.shown import sent, show

    def take() -> None:
        st.session_state.taken = [*st.session_state.get("taken", []), sent("number")]

    show("number", st.session_state.get("asked", 1))
    st.number_input("Number", key="number", on_change=take)


def test_what_the_browser_had_before_is_no_change_and_anything_else_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.widgets.shown.runs_by_itself", lambda: True)
    app = AppTest.from_function(page).run()
    app.session_state["asked"] = 5
    app.run()
    assert app.number_input[0].value == 5
    app.number_input[0].set_value(1).run()
    assert app.session_state["taken"] == [None]
    assert app.number_input[0].value == 5, "it shows what it is given"
    app.number_input[0].set_value(7).run()
    assert app.session_state["taken"] == [None, 7]
    monkeypatch.setattr("pages.widgets.shown._LATE", 0.0)
    app.number_input[0].set_value(1).run()
    assert app.session_state["taken"] == [None, 7, 1], "later it is somebody's wish"


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
