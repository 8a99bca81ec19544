"""Values of widgets that can't be: of another kind than the widget's, or such that it can't read them.

A browser sends a number for a field of numbers. Whoever writes messages themselves sends what they like, and Streamlit
gives it to the page. The door does not know what kind a widget is of; the session does, as soon as its page has said
so, and reads a value then: so this is where such a value is left out, as if it had not been sent.
"""

from typing import Any

from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.state.common import WidgetMetadata
from streamlit.runtime.state.session_state import Serialized, WStates

_read, _take = WStates.__getitem__, WStates.set_widget_from_proto

_WHOLE = "int_value", "double_value"  # what a field of whole numbers sends, and what it says that it is


def leave_out_unreadable() -> None:
    """From now on a widget keeps the value it had, or its first one, where it is sent one that can't be."""
    WStates.__getitem__ = _read_if_readable  # type: ignore[method-assign]
    WStates.set_widget_from_proto = _take_if_readable  # type: ignore[method-assign,assignment]


def _take_if_readable(states: WStates, sent: WidgetState) -> None:
    """Take what was sent for a widget that is known already, before its callback hears of a change."""
    _take(states, sent)
    if sent.id in states.widget_metadata and sent.id not in states:
        del states.states[sent.id]


def _read_if_readable(states: WStates, widget: str) -> Any:
    """The value of a widget as its page gets it; raises KeyError, as for one that was never sent, where it can't be."""
    sent, about = states.states.get(widget), states.widget_metadata.get(widget)
    if not isinstance(sent, Serialized) or about is None:
        return _read(states, widget)
    if not _can_be(sent.value, about):
        raise KeyError(widget)
    try:
        value = _read(states, widget)
    except Exception:
        raise KeyError(widget) from None
    states.widget_metadata[widget] = about  # Streamlit puts the kind of what was sent there, also where that is none
    return value


def _can_be(sent: WidgetState, about: WidgetMetadata[Any]) -> bool:
    """Whether a value is of the widget's kind and, of one that offers options, one of these."""
    kind = sent.WhichOneof("value")
    if kind is None:
        return True  # the field was emptied
    if kind != about.value_type and (kind, about.value_type) != _WHOLE:
        return False
    offered = about.formatted_options
    if offered is None:
        return True
    chosen = [sent.string_value] if kind == "string_value" else sent.string_array_value.data
    return set(chosen) <= set(offered)
