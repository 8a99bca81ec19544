"""The host's side of a room: where it is, what can be done now, who is in, and what is left of it afterwards."""

from collections.abc import Callable
from html import escape
from itertools import groupby
from typing import Any

import streamlit as st

from core.words import many
from pages.lecture import share
from pages.room import told
from pages.session import class_plan
from room.groups import SIZES
from room.phases import NotNow
from room.store import NoRoom, Unstored
from server import class_room

ERASED, _REFUSED = "room-erased", "room-refused"
_LABELS = {
    "open": ("Open", ":material/play_arrow:"),
    "close": ("Close", ":material/stop:"),
    "discuss": ("Discuss", ":material/forum:"),
    "again": ("Vote again", ":material/replay:"),
    "reveal": ("Reveal", ":material/visibility:"),
    "next": ("Next step", ":material/arrow_forward:"),
    "freeze": ("Freeze", ":material/ac_unit:"),
    "end": ("End", ":material/flag:"),
}
_PHASES = {
    "lobby": "not open yet",
    "open": "open",
    "closed": "closed",
    "discuss": "discussion",
    "revealed": "revealed",
}
_QUIET = ("freeze", "end")  # what is not a way on


@st.fragment
def lead(code: str) -> None:
    """The room as it is now; drawn again when live.js hears that it has changed."""
    try:
        now, plan = class_room.rooms().told(code), class_room.rooms().store.opened(code).plan
    except NoRoom:
        st.rerun()  # the page says so
    except Unstored as problem:
        told.lost(problem, code)
        return
    try:
        _lead(code, now, plan)
    except Unstored as problem:
        told.lost(problem)


def _lead(code: str, now: dict[str, Any], plan: Any) -> None:
    told.live(now, "seats", "points")
    step, way_in = st.columns([7, 3], gap="large")
    with step, st.container(border=True, key="room-step"):
        st.html(f'<p class="room-place">{_place(now)}</p>')
        _buttons(now)
        _step(now, plan)
    with way_in:
        if now["phase"] != "ended":
            _way_in(code)
    _more(now, plan)


def _place(now: dict[str, Any]) -> str:
    """Where the room is, in a line."""
    if now["phase"] == "ended":
        return "The lesson has ended"
    return f"{told.place(now)}: {'frozen' if now['frozen'] else _PHASES[now['phase']]}"


def _step(now: dict[str, Any], plan: Any) -> None:
    """The step as the class sees it."""
    if now["phase"] == "ended":
        st.html("<p>What came of it is below, under Afterwards.</p>")
        return
    if now["phase"] == "lobby":
        st.html(f"<h3>{escape(class_plan.words(plan[now['step']]))}</h3>")
        st.html(f'<p class="room-count">{told.count("seats", now["seats"])} in the room{_in_groups(now)}</p>')
        return
    st.html(f'<p class="room-count">{told.answered(now)}</p>')
    if drawn := told.result(now, told.theme()):
        told.draw(drawn, hall=False)
    if listed := told.curves(now):
        st.html(listed)
    told.paragraph(told.sentences(now, drawn))
    st.html(f"<h3>{escape(now['asked']['title'])}</h3>{told.question(now)}")
    if now["result"] and (outcome := now["result"].get("outcome")):
        st.html(outcome)


def _in_groups(now: dict[str, Any]) -> str:
    return f", in {told.givers(now)}" if now["groups"] else ""


def _buttons(now: dict[str, Any]) -> None:
    """What makes sense now; the usual way on is the primary one."""
    code, possible = now["code"], class_room.rooms().possible(now["code"])
    hint = class_room.rooms().advice(code)
    if hint:
        st.info(hint, icon=":material/lightbulb:")
    ways = [action for action in possible if action not in _QUIET]
    first = _usual(now["phase"], ways, hint)
    with st.container(horizontal=True, vertical_alignment="center", key="room-buttons"):
        for action in sorted(ways, key=lambda each: each != first):
            label = "Second round" if action == "again" and not told.is_vote(now) else ""
            _button(code, action, "primary" if action == first else "secondary", label)
        if class_room.rooms().has_twin(code):
            twin = class_room.rooms().ask_twin
            st.button(
                "Again, with other numbers", icon=":material/casino:", key="room-twin", on_click=_try, args=(twin, code)
            )
    with st.container(horizontal=True, vertical_alignment="center", key="room-quiet"):
        for action in possible:
            if action in _QUIET:
                _button(code, action, "tertiary", "Go on" if action == "freeze" and now["frozen"] else "")
        undo: dict[str, Any] = {"on_click": _do, "args": (code, "undo"), "key": "room-undo"}
        fresh = not class_room.rooms().store.has_done(code)
        st.button("Undo", icon=":material/undo:", type="tertiary", disabled=fresh, **undo)
    if refused := st.session_state.pop(_REFUSED, ""):
        st.warning(refused, icon=":material/info:")


def _usual(phase: str, ways: list[Any], hint: str) -> str:
    """The way on that the hint names, else the one that most lessons take."""
    advised = "discuss" if "discuss" in hint else "again" if "ote again" in hint or "Second round" in hint else "reveal"
    order = {"closed": [advised, "reveal"], "discuss": ["again"]}.get(phase, [])
    return next((action for action in [*order, *ways] if action in ways), "")


def _button(code: str, action: str, kind: Any, label: str = "") -> None:
    usual, icon = _LABELS[action]
    st.button(label or usual, icon=icon, type=kind, key=f"room-{action}", on_click=_do, args=(code, action))


def _do(code: str, action: str) -> None:
    _try(class_room.rooms().do, code, action)


def _try(do: Callable[..., object], *what: object) -> None:
    """Do it; why it can't be done is said below the buttons."""
    try:
        do(*what)
    except (NotNow, NoRoom, Unstored) as refusal:
        st.session_state[_REFUSED] = str(refusal)


def _way_in(code: str) -> None:
    """How a class comes in: the code, as large as there is room for; and the pages that go with it."""
    share.show_code(told.code_svg(code), told.typed(code), "room-code")
    st.html(
        f'<p class="room-code"><b>{code}</b></p><p class="room-typed">Scan, or open '
        f"<b>{escape(told.typed(code))}</b></p>"
    )
    with st.container(horizontal=True):
        st.link_button("Page for the projector", told.address(f"hall?room={code}"), icon=":material/tv:")
        with st.popover("Another device", icon=":material/devices:"):
            st.markdown("Whoever opens this link **leads this room**. Keep it to yourself.")
            st.code(told.address(f"room/{code}/host?key={told.secret(code)}"), language=None, wrap_lines=True)
    share.warn_of_this_machine()


def _more(now: dict[str, Any], plan: Any) -> None:
    code = now["code"]
    ended = now["phase"] == "ended"
    names = ["Steps", "Seats", "Afterwards"]
    steps, seats, after = st.tabs(names) if not ended else reversed(st.tabs(names[::-1]))
    with steps:
        rows = []
        for at, text in enumerate(plan):
            here = at == now["step"] and not ended
            done = "here" if here else "done" if at < now["step"] or ended else ""
            title = escape(class_plan.words(text))
            rows.append(f'<li class="{done}">{title}{" ← here" if here else ""}</li>')
        st.html(f'<ol class="room-steps">{"".join(rows)}</ol>')
    with seats:
        _seats(code, now["phase"])
    with after:
        _afterwards(code, plan)


def _seats(code: str, phase: str) -> None:
    found = class_room.rooms().store.seats(code)
    if not found:
        st.caption("Nobody is in yet.")
        return
    names = {seat.number: seat.name for seat in found}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seat = st.selectbox("Seat", list(names), format_func=lambda one: names.get(one, ""), key="room-seat", width=260)
        store, which = class_room.rooms().store, (code, seat)
        another, away = ":material/casino:", ":material/person_remove:"
        st.button("Deal another name", key="room-rename", on_click=_try, args=(store.rename, *which), icon=another)
        st.button("Remove", key="room-remove", on_click=_try, args=(store.remove, *which), icon=away)
    st.caption("A seat that was removed may come again, under another name.")
    _groups(code, phase)
    for group, inside in groupby(sorted(found, key=lambda seat: seat.group or 0), key=lambda seat: seat.group):
        who = ", ".join(seat.name for seat in inside)
        st.text(f"Group {group}: {who}" if group else who)


def _groups(code: str, phase: str) -> None:
    """The click that deals groups, and the one that ends them: before a step is opened."""
    deal, early = class_room.rooms().store.deal_groups, phase == "lobby"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        size = st.selectbox("Groups of", list(SIZES), key="room-group-size", width=110, index=1)
        st.button(
            "Deal groups",
            key="room-groups",
            icon=":material/group_work:",
            disabled=not early,
            on_click=_try,
            args=(deal, code, size),
        )
        st.button("No groups", key="room-no-groups", disabled=not early, on_click=_try, args=(deal, code, 0))
    st.caption(
        "A group has one answer, the last that one of it sends. " + ("" if early else "Deal before a step is open.")
    )


def _afterwards(code: str, plan: Any) -> None:
    st.markdown("**Results**, without seats, and nothing where fewer than five have answered")
    with st.container(horizontal=True):
        for kind, label in (("csv", "CSV"), ("json", "JSON"), ("pdf", "A page of pictures, PDF")):
            where = told.address(f"room/{code}/results.{kind}")
            st.link_button(label, where, icon=":material/download:")
    st.markdown(f"**The plan as a link**, {many(len(plan), 'step')}, for the next class")
    st.code(told.address(f"class-room?{class_plan.as_link(plan)}"), language=None, wrap_lines=True)
    with st.popover("Erase now", icon=":material/delete:"):
        st.markdown(f"Everything of room **{code}** is deleted at once: seats, names, answers. It can't be undone.")
        st.button("Erase this room", type="primary", key="room-erase", on_click=_erase, args=(code,))
    st.caption(f"Without a click it is deleted {class_room.hours():g} hours after it was opened.")


def _erase(code: str) -> None:
    _try(class_room.rooms().store.erase, code)
    if _REFUSED not in st.session_state:
        st.session_state[ERASED] = code
        del st.query_params["room"]
