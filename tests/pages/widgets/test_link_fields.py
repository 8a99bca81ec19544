"""Fields that stand in the link: whatever it says of them, they hold what can be, and what can't is told as text."""

from __future__ import annotations

from math import isfinite

from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from core.experiment.fields import shorten

ODD = [
    "",
    "nan",
    "-inf",
    "1e999",
    "-0",
    "1e-400",
    "9" * 400,
    "٣",
    "1_0",
    "0x10",
    "true",
    "none",
    "-1",
    "a",
    "\x00\u202e",
]
TEXTS = st.sampled_from(ODD) | st.text(max_size=40) | st.floats().map(repr) | st.integers().map(str)
USUAL = {"any": 0.5, "rate": 0.1, "steps": 10, "half": False, "shape": "a"}


def page() -> None:
    """One field of each kind."""
    import streamlit

    from pages.widgets import link_fields

    asked = link_fields.asked("here")
    streamlit.session_state.held = {
        "any": link_fields.number("A number", "any", 0.5),
        "rate": link_fields.positive("A rate", "rate", 0.1),
        "steps": link_fields.whole("Steps", "steps", 1, 60, 10),
        "half": link_fields.switch("A half", "half"),
        "shape": link_fields.choice("A shape", "shape", ["a", "b"]),
    }
    link_fields.note("here", asked)


@settings(max_examples=25, deadline=None)
@given(link=st.fixed_dictionaries({}, optional=dict.fromkeys(USUAL, TEXTS)))
def test_whatever_the_link_says_each_field_holds_what_can_be_and_tells_what_can_not(link):
    app = AppTest.from_function(page, default_timeout=60)
    app.query_params.update(link)
    app.run()
    assert not app.exception
    held = app.session_state["held"]
    assert isfinite(held["any"]) and 1e-12 <= held["rate"] <= 1e6 and 1 <= held["steps"] <= 60
    assert held["half"] in (False, True) and held["shape"] in ("a", "b")
    told = [block.value for block in app.text]
    for name, text in link.items():
        if f"The link's {name}={shorten(text)} can't be; " in " ".join(told):
            assert held[name] == USUAL[name]
        else:
            assert str(held[name]).lower() == text.lower() or float(text) == held[name]
    assert len(told) <= len(link)
