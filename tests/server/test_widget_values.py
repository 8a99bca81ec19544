"""A value that a widget can't have leaves it as it was, and no page runs into an error."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import websockets
from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.state.session_state import WStates
from streamlit.testing.v1 import AppTest

from server.widget_values import leave_out_unreadable
from tests.server.conftest import run, serve
from tests.server.wrong_values import wrong_values

WRONG = wrong_values()
SHARE = 3  # each value is sent to every third page: all to each would take minutes
PAGES = (
    "",
    "?present=1",
    "network",
    "sweep?rates=20&seeds=1&epochs=50&data=article",
    "range-test?rates=20&epochs=50&data=article",
    "map",
    "papers?paper=silver",
    "update-rules",
    "schedules?data=article&epochs=50",
    "self-choosing",
    "data",
    "diagnose",
    "one-step",
    "one-step?gate=0",
    "fog?gate=0",
    "from-scratch?gate=0",
    "too-high-too-low?gate=0",
    "backpropagation?gate=0",
    "input-hidden-output?gate=0",
    "without-gradients?gate=0",
    "what-made-it-deep?gate=0",
)


def page() -> None:
    import streamlit as st

    def heard(key: str) -> None:
        st.session_state.setdefault("heard", []).append(key)

    def told(key: str) -> dict:
        return {"key": key, "on_change": heard, "args": (key,)}

    st.number_input("Number", 0.0, 9.0, 3.0, **told("number"))
    st.number_input("Whole", 0, 9, 3, **told("whole"))
    st.slider("Slider", 0.0, 9.0, 3.0, **told("slider"))
    st.select_slider("Choices", [1, 2, 3], 3, **told("choices"))
    st.selectbox("Box", ["one", "two"], **told("box"))
    st.segmented_control("Segments", ["one", "two"], default="one", **told("segments"))
    st.pills("Pills", ["one", "two"], default=["one"], selection_mode="multi", **told("pills"))
    st.multiselect("Several", ["one", "two"], ["one"], **told("several"))
    st.radio("Radio", ["one", "two"], **told("radio"))
    st.toggle("Toggle", **told("toggle"))
    st.text_input("Text", "as it was", **told("text"))
    st.file_uploader("File", **told("file"))
    st.button("Button", key="button", on_click=heard, args=("button",))


OFFERED: dict[str, Any] = {
    "number": 3.0,
    "whole": 3,
    "slider": 3.0,
    "choices": 3,
    "box": "one",
    "segments": "one",
    "pills": ["one"],
    "several": ["one"],
    "radio": "one",
    "toggle": False,
    "text": "as it was",
    "file": None,
    "button": False,
}
# What each may be changed to by some of the values.
RIGHT = {
    "double_value": {"number", "whole"},
    "int_value": {"number", "whole"},
    "double_array_value": {"slider"},
    "string_array_value": {"choices", "segments", "pills", "several"},
    "string_value": {"text"},
    "bool_value": {"toggle"},
    "trigger_value": {"button"},
    "file_uploader_state_value": {"file"},
}


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    for name in ("__getitem__", "set_widget_from_proto"):
        monkeypatch.setattr(WStates, name, getattr(WStates, name))  # as they were, when the test is over
    leave_out_unreadable()
    return AppTest.from_function(page).run()


def send(app: AppTest, value: WidgetState, *keys: str) -> None:
    """Send this value for the widgets of these keys, or of all."""
    sent = WidgetStates()
    for name in ids(app):
        if not keys or name.endswith(keys):
            sent.widgets.add().CopyFrom(value)
            sent.widgets[-1].id = name
    assert len(sent.widgets) == (len(keys) or len(OFFERED))
    app._run(sent)


def ids(app: AppTest) -> list[str]:
    return [widget.proto.id for widget in app.main if getattr(widget.proto, "id", "")]


def values(app: AppTest) -> dict[str, Any]:
    return {key: app.session_state[key] for key in OFFERED}


@pytest.mark.parametrize("kind", [field.name for field in WidgetState.DESCRIPTOR.oneofs_by_name["value"].fields])
def test_values_that_can_not_be_change_nothing_and_nobody_hears_of_them(app, kind):
    """Of each kind there is; whatever is of another kind stays as it was."""
    others = OFFERED.keys() - RIGHT.get(kind, set())
    sent = [name for name, value in WRONG.items() if value.WhichOneof("value") == kind]
    assert sent, "a newer Streamlit has a new kind"
    for name in sent:
        send(app, WRONG[name])
        assert not app.exception, name
        assert {key: values(app)[key] for key in others} == {key: OFFERED[key] for key in others}, name
    assert set(app.session_state.get("heard", [])) & others == set()


def test_a_widget_keeps_what_it_had_and_takes_what_it_is_sent_next(app):
    send(app, WidgetState(double_value=5), "number")
    send(app, WidgetState(string_value="x"), "number")
    assert app.session_state["number"] == 5
    send(app, WidgetState(double_value=7), "number")
    assert app.session_state["number"] == 7
    assert app.session_state["heard"] == ["number", "number"]


def test_what_a_browser_sends_is_taken_of_each_kind(app):
    sent = {
        "number": (WidgetState(double_value=5), 5.0),
        "whole": (WidgetState(int_value=5), 5),
        "slider": (WidgetState(double_array_value={"data": [5]}), 5.0),
        "choices": (WidgetState(string_array_value={"data": ["2"]}), 2),
        "box": (WidgetState(string_value="two"), "two"),
        "segments": (WidgetState(string_array_value={"data": ["two"]}), "two"),
        "pills": (WidgetState(string_array_value={"data": ["one", "two"]}), ["one", "two"]),
        "several": (WidgetState(string_array_value={"data": ["two"]}), ["two"]),
        "radio": (WidgetState(string_value="two"), "two"),
        "toggle": (WidgetState(bool_value=True), True),
        "text": (WidgetState(string_value="another"), "another"),
    }
    for key, (value, taken) in sent.items():
        send(app, value, key)
        assert app.session_state[key] == taken, key
    assert app.session_state["heard"] == list(sent)


def test_a_field_that_was_emptied_is_still_of_its_kind(app):
    send(app, WidgetState(), "number")
    send(app, WidgetState(string_value="x"), "number")
    assert not app.exception
    assert app.session_state["number"] == 3.0


def test_an_option_that_is_not_offered_is_not_taken_and_one_that_is_is(app):
    for sent, taken in (("three", "one"), ("two", "two")):
        send(app, WidgetState(string_value=sent), "box", "radio")
        assert [app.session_state["box"], app.session_state["radio"]] == [taken, taken]


def test_values_that_come_before_the_page_has_run_are_left_out_too(app):
    fresh = AppTest.from_function(page)
    fresh._run(WidgetStates(widgets=[WidgetState(id=name, bytes_value=b"x") for name in ids(app)]))
    assert not fresh.exception
    assert values(fresh) == OFFERED


class Session:
    """A page of a served lab, open: the widgets it has, and what goes wrong on it when they are sent something."""

    def __init__(self, address: str, page: str) -> None:
        self.address = address
        self.page, _, self.query = page.partition("?")
        self.widgets: set[str] = set()

    async def open(self) -> None:
        self.socket = await websockets.connect(
            f"ws://{self.address}/_stcore/stream", proxy=None, max_size=None, compression=None, open_timeout=60
        )
        assert await self.send() == []
        assert await self.send() == [], "what comes with a second run is there too"

    async def send(self, value: WidgetState | None = None) -> list[str]:
        """What the page says went wrong when all its widgets are sent this value."""
        message = BackMsg()
        message.rerun_script.page_name, message.rerun_script.query_string = self.page, self.query
        for name in self.widgets if value is not None else ():
            message.rerun_script.widget_states.widgets.add().CopyFrom(value)
            message.rerun_script.widget_states.widgets[-1].id = name
        await self.socket.send(message.SerializeToString())
        problems = []
        async with asyncio.timeout(60):
            while True:
                told = ForwardMsg.FromString(await self.socket.recv(decode=False))
                for part in (told.delta.new_element, told.delta.add_block):
                    kind = part.WhichOneof("type")
                    name = getattr(getattr(part, kind), "id", "") if kind else ""
                    self.widgets |= {name} if str(name).startswith("$$ID") else set()
                    if kind == "bidi_component":
                        self.widgets.add(_make_trigger_id(name, "events"))
                element = told.delta.new_element
                if element.WhichOneof("type") == "exception" or "Something went wrong" in element.alert.body:
                    problems.append(str(element))
                if told.WhichOneof("type") == "script_finished" and told.script_finished in (
                    ForwardMsg.FINISHED_SUCCESSFULLY,
                    ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
                ):
                    return problems


@pytest.mark.slow
def test_no_page_runs_into_an_error_whatever_its_widgets_are_sent(tmp_path: Path) -> None:
    async def visit(address: str, page: str) -> list[tuple[str, str, list[str]]]:
        session = Session(address, page)
        await session.open()
        assert session.widgets
        first = PAGES.index(page) % SHARE
        sent = list(WRONG.items())[first::SHARE]
        wrong = [(page, name, problems) for name, value in sent if (problems := await session.send(value))]
        await session.socket.close()
        return wrong

    with serve(tmp_path / "log.txt", LAB_MESSAGES_PER_SECOND="1000", LAB_MESSAGE_BURST="10000") as lab:
        assert [each for page in PAGES for each in run(visit(lab.address, page))] == []
