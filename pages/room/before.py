"""Before there is a room: which plan, and the one click that opens it."""

from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from core.words import many
from pages.room.told import address, led
from pages.session import class_plan
from room.plan import Plan
from room.ready import ready
from server import class_room

_OWN, _MINUTES = "Your own plan", 5  # that a step takes, about
_HTML = '<button type="button" class="open-room">Open a room</button><p role="alert"></p>'
_HERE = Path(__file__).parent
_open = st.components.v2.component(
    "open_room",
    html=_HTML,
    css=(_HERE / "open.css").read_text(),
    js=(_HERE / "open.js").read_text(),
)


def before() -> None:
    """The choice of a plan, its steps, and the button."""
    st.markdown(
        "Your students answer on their phones; this page leads, and a page for the projector shows what comes. Nobody "
        f"needs an account or types a name, and all of it is gone after {class_room.hours():g} hours."
    )
    for code in led():
        words = f"You lead room {code}: go on"
        st.page_link("room/host.py", label=words, icon=":material/arrow_forward:", query_params={"room": code})
    for problem in class_plan.from_link():
        st.text(problem)  # never as markdown: it may hold words of a link
    choice, steps = st.columns([2, 3], gap="large")
    with choice:
        plan, sent = _chosen()
        _open(key="open-room", data={"plan": sent})
    with steps:
        _steps(plan, own=isinstance(sent, list))


def _chosen() -> tuple[Plan, Any]:
    """(the plan, what is sent of it: its name or its steps)."""
    own = class_plan.steps()
    plans = {_OWN: Plan(title=_OWN, steps=own, minutes=_MINUTES * len(own))} if own else {}
    plans |= ready()
    titles = list(plans)
    title = st.radio(
        "Which plan?",
        titles,
        captions=[f"{many(len(plan.steps), 'step')}, about {plan.minutes} minutes" for plan in plans.values()],
        key=f"which-plan-{bool(own)}",
    )
    plan = plans[title or titles[0]]
    return plan, list(own) if plan.title == _OWN else plan.title


def _steps(plan: Plan, own: bool) -> None:
    st.markdown(f"**{plan.title}**")
    for at, step in enumerate(plan.steps):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.html(f"{at + 1}. {escape(class_plan.words(step))}")
            if own:
                _moves(at, step)
    if own:
        _as_a_link()
    else:
        st.caption(
            "To make a plan of your own: open **Share** on a lesson, Compare, Network or a sweep and tick what to ask."
        )


def _moves(at: int, step: str) -> None:
    st.button(
        "Earlier",
        icon=":material/arrow_upward:",
        type="tertiary",
        key=f"earlier-{at}",
        disabled=at == 0,
        on_click=class_plan.move_up,
        args=(step,),
    )
    st.button(
        "Leave out",
        icon=":material/close:",
        type="tertiary",
        key=f"leave-out-{at}",
        on_click=class_plan.leave_out,
        args=(step,),
    )


def _as_a_link() -> None:
    st.caption("This plan as a link, for the next class or a colleague:")
    st.code(address(f"class-room?{class_plan.as_link(class_plan.steps())}"), language=None, wrap_lines=True)
