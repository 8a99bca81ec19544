"""Fields that stand in the link: whatever it says of them, they hold what can be, and what can't is told as text."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from core.experiment.fields import shorten
from pages.session.link_words import WORDS

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
    "saddle",
    "\x00",
]
TEXTS = st.sampled_from(ODD) | st.text(max_size=40) | st.floats().map(repr) | st.integers().map(str)
NAMES = ("x", "loop-epochs", "catapult", "budget", "half", "fog-surface")


def page() -> None:
    """A word for each kind of field."""
    import streamlit

    from pages.widgets import link_fields

    asked = link_fields.asked("here")
    streamlit.session_state.held = {
        "x": link_fields.number("x"),
        "loop-epochs": link_fields.number("loop-epochs"),
        "catapult": link_fields.slider("catapult"),
        "budget": link_fields.stops("budget"),
        "half": link_fields.switch("half"),
        "fog-surface": link_fields.choice("fog-surface"),
    }
    link_fields.note("here", asked)


@settings(max_examples=15, deadline=None)
@given(link=st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, TEXTS)))
def test_whatever_the_link_says_each_field_holds_what_can_be_and_tells_what_can_not(link):
    app = AppTest.from_function(page, default_timeout=60)
    app.query_params.update(link)
    app.run()
    assert not app.exception
    told = " ".join(block.value for block in app.text)
    for name, value in app.session_state["held"].items():
        field, text = WORDS[name].field, link.get(name)
        assert value in field.choices if field.choices else field.low <= value <= field.high
        if text is None or f"The link's {name}={shorten(text)} can't be; " in told:
            assert value == field.default
        else:
            assert str(value).lower() == text.lower() or float(text) == value
    assert len(app.text) <= len(link)
