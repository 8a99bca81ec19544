"""What a room's class sees on the projector: how to come in, what is asked, how many have answered, what came of it."""

import re
from html import escape
from typing import Any

import streamlit as st

from core import stage
from core.export.chart_files import Drawing
from pages.room import told
from room.store import NoRoom, Unstored
from server import class_room

_SAYS = {
    "closed": "Closed. The answer comes soon.",
    "discuss": "Discuss: find somebody with another answer, and convince them.",
}
_OF_A_SWEEP = {"closed": "Closed. The curve stays.", "discuss": "Discuss: where does the loss end lowest?"}
_OF_A_RACE = {"closed": "Closed. What came of it comes soon.", "discuss": "Discuss: how did you do it?"}
_SIZES = (("shortest", 140), ("short", 225), ("middle", 365))  # letters of a question and its choices at most
_LONG = 335  # letters, of which the question fills its half
_WITH_A_PICTURE, _WITHOUT_CHOICES = 1.1, 0.65  # times as many letters, by the room they have


@st.fragment
def hall(code: str) -> None:
    """The room as it is now; drawn again when live.js hears that it has changed."""
    try:
        now = class_room.rooms().told(code)
    except NoRoom:
        st.html(f'<div class="hall-end"><h2>{escape(told.gone(code))}</h2></div>')
        return
    except Unstored as problem:
        told.lost(problem, code)
        return
    told.live(now, "points")
    with st.container(key=f"hall-{now['phase']}"):
        if now["phase"] == "ended":
            st.html('<div class="hall-end"><h2>That was the last step. Thank you.</h2></div>')
        elif now["phase"] == "lobby":
            st.html(_lobby(now))
        else:
            try:
                _step(now)
            except Unstored as problem:
                told.lost(problem)


def _lobby(now: dict[str, Any]) -> str:
    seats = told.count("seats", now["seats"]) + " in the room"
    if now["groups"]:
        seats += f", in {told.givers(now)}: your phone says which"
    return (
        f'<div class="hall-lobby"><div class="code">{told.code_image(now["code"])}</div><div>'
        f"<h2>{escape(now['title'])}</h2><p>Scan the code, or open</p>"
        f'<p class="address">{escape(told.typed(now["code"]))}</p>'
        f'<p>Code <b class="letters">{now["code"]}</b></p>'
        f"<p>{seats}. {told.place(now)} comes next.</p></div></div>"
    )


def _step(now: dict[str, Any]) -> None:
    corner = f'<div class="corner"><b>{now["code"]}</b>{told.code_image(now["code"])}</div>'
    title = f"<h2>{escape(now['asked']['title'])}</h2><p>{told.place(now)}</p>"
    st.html(f'<div class="hall-head"><div>{title}</div>{corner}</div>')
    drawn = told.result(now, told.theme())
    if drawn and now["asked"]["kind"] == "walk":  # its question says nothing any more
        told.draw(drawn, hall=True)
        told.paragraph(told.sentences(now, drawn))
    elif drawn:
        _beside(now, drawn)
    elif listed := told.curves(now):
        st.html(listed)
        told.paragraph(told.sentences(now, drawn))
    else:
        asked = f"<div>{told.question(now)}</div>"
        st.html(f'<div class="hall-step hall-{_size(now["asked"])}">{asked}{_now(now)}</div>')
        told.paragraph(told.sentences(now, None))
    if now["result"] and (outcome := now["result"].get("outcome")):
        st.html(f'<div class="hall-outcome">{outcome}</div>')


def _beside(now: dict[str, Any], drawn: Drawing) -> None:
    """The chart, the question to its left; what is said of it has the place that the question leaves."""
    is_long = _letters(now["asked"]) > _LONG
    asked, seen = st.columns([4, 8] if told.is_sweep(now) else [6, 5] if is_long else [5, 6], gap="medium")
    with seen:
        told.draw(drawn, hall=True)
    with asked:
        seen_before = now["asked"].get("picture")  # beside a chart it would be too small to be read
        st.html(told.question(now, pictured=False) + _now(now) + ("" if seen_before else told.picture(now)))
    with seen if is_long else st.container():
        told.paragraph(told.sentences(now, drawn))


def _size(asked: dict[str, Any]) -> str:
    """In which type the question stands, by how long it is: as large as there is room for."""
    room = (_WITH_A_PICTURE if asked.get("picture") else 1) * (1 if "choices" in asked else _WITHOUT_CHOICES)
    return next((size for size, most in _SIZES if room * _letters(asked) <= most), "long")


def _letters(asked: dict[str, Any]) -> int:
    return len(re.sub("<[^>]+>", "", asked["ask"] + "".join(asked.get("choices", ()))))


def _now(now: dict[str, Any]) -> str:
    if now["phase"] == "revealed":
        return ""
    says = "Answers have to wait." if now["frozen"] else _says(now)
    what = f'<p class="says"><b>{says}</b></p>' if says else ""
    return f'<div class="hall-now">{what}<p>{told.answered(now)}</p></div>'


def _says(now: dict[str, Any]) -> str:
    """What the class should do, or wait for."""
    if told.is_sweep(now):
        return "Closed." if now["phase"] == "closed" and not now["points"] else _OF_A_SWEEP.get(now["phase"], "")
    return (_SAYS if told.is_vote(now) else _OF_A_RACE).get(now["phase"], "")


code = told.asked_for()
told.style("room.css", "hall.css")
st.html(f"<style>{stage.css()}</style>")
if code:
    hall(code)
else:
    st.markdown("## The hall's page\nThe address of this page names a room: open it from **Class room**.")
    st.page_link("room/host.py", label="Class room", icon=":material/groups:")
