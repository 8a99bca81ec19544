"""The drawing of one lane's network: units in columns, weights as lines. It follows the play bar; a click picks."""

from pathlib import Path
from typing import Any

import streamlit as st

from core.instruments.network.diagram import Diagram
from pages.session.sent import understood

_HTML = """
<div class="diagram">
  <svg tabindex="0" role="application"></svg>
  <div class="hint"></div>
</div>
"""

_HINT = (
    "Click a weight, or a unit for its bias; with the keyboard, arrow keys and Enter. On a phone, swipe it sideways."
)
_CSS, _JS = ((Path(__file__).parent / name).read_text() for name in ("diagram.css", "diagram.js"))
_KEY = "diagram"
_mount = st.components.v2.component("network_diagram", html=_HTML, css=_CSS, js=_JS, isolate_styles=False)


def diagram(
    drawn: Diagram, inputs: tuple[str, ...], outputs: tuple[str, ...], chosen: Any, label: str
) -> dict[str, Any] | None:
    """Draw it; returns {"place": [layer, source, target], "epoch": k} when one has just been clicked.

    inputs, outputs: what they are called.  chosen: the place to highlight, or None.  label: for those who can't see it.
    """
    # The click that brought about this run of the page is returned only below: without a look ahead the mark would lag.
    waiting = understood(lambda: _click(st.session_state[_KEY].chosen))
    if waiting is not None:
        chosen = waiting["place"]
    data = {
        "diagram": drawn._asdict(),
        "inputs": inputs,
        "outputs": outputs,
        "chosen": chosen,
        "hint": _HINT,
        "label": label,
    }
    clicked = _mount(data=data, key=_KEY, on_chosen_change=lambda: None).chosen
    return understood(lambda: _click(clicked))


def _click(sent: dict[str, Any]) -> dict[str, Any]:
    layer, source, target = map(int, sent["place"])
    return {"place": [layer, source, target], "epoch": int(sent["epoch"])}
