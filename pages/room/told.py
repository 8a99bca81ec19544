"""What the pages of a room are made of: its addresses, what everybody is told as HTML, its charts, and what is live."""

import base64
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from core.drawing.chart_parts import for_a_hall, for_streamlit
from core.export.chart_files import Drawing
from core.export.qr import qr_code
from core.words import LANE_LETTERS
from pages.session import page_charts
from pages.widgets.play_bar import moving_chart
from room import drawings
from room.store import NoRoom, Unstored
from server import class_room, stage_files

Told = dict[str, Any]
theme = page_charts.theme
_HERE = Path(__file__).parent
_mount = st.components.v2.component("live_room", html="", js=(_HERE / "live.js").read_text())
# What a page draws, by Streamlit; all else the browser writes into it at once.
_TALLEST, _TALLEST_SWEEP = 460, 620  # px of a screen of 900: head, sentences and outcome have the rest
_HOST = "lab_host_"  # how a host's cookie begins
_MOST_LED = 20  # that are looked up: a browser may send anything
_AWAY = "Not connected. This page tries again by itself."
# What those have done who have answered, by the kind of step.
_DID = {"rate": "have trained", "quiz": "have told all ten", "walk": "are on their way"}
_DRAWN = ("step", "round", "phase", "frozen", "groups")


def style(*names: str) -> None:
    """The looks of a page of a room."""
    for name in names:
        st.html(_HERE / name)


def asked_for() -> str:
    """The code of the room that the address names; "" for none."""
    return st.query_params.get("room", "").strip().upper()


def cookies() -> Mapping[str, str]:
    """What this browser sent when it came."""
    return st.context.cookies


def secret(code: str) -> str:
    """The host's secret that this browser has for a room; "" for none."""
    return cookies().get(_HOST + code, "")


def led() -> list[str]:
    """The rooms that this browser leads and that are still there: their cookies say which may be."""
    asked = [name.removeprefix(_HOST) for name in cookies() if name.startswith(_HOST)]
    return [code for code in asked[:_MOST_LED] if _leads(code)]


def _leads(code: str) -> bool:
    try:
        return class_room.rooms().store.is_host(code, secret(code))
    except (NoRoom, Unstored):  # erased, or over; what is lost is told once a room is opened
        return False


def gone(code: str) -> str:
    """What is said of a code that no room has."""
    return f"There is no room {code}. It was erased, or its time is over, or the address has another code."


def address(path: str) -> str:
    """The whole address of a path of the lab, as this browser reaches it."""
    url = st.context.url or ""
    root = url[: url.rfind("/") + 1] if urlsplit(url).path else f"{url}/"
    return root + path


def typed(code: str) -> str:
    """The seat's address as one types it."""
    return address(f"r/{code}").rpartition("://")[2]


def code_svg(code: str) -> str:
    """The QR code of the seat's page, as SVG."""
    return qr_code(address(f"r/{code}")).svg


def code_image(code: str) -> str:
    """The same as an image: of SVG in its HTML, Streamlit shows nothing."""
    svg = code_svg(code).replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    return _image(svg, "qr-image", "QR code of this room")


def _image(svg: str, looks: str = "curve", alt: str = "") -> str:
    data = base64.b64encode(svg.encode()).decode()
    return f'<img class="{looks}" src="data:image/svg+xml;base64,{data}" alt="{alt}">'


def live(told: Told, *also: str) -> None:
    """Let the browser hear the room: it writes counts at once, and asks for this part again once the rest has changed.

    also: names of what is told that this page draws too.
    """
    drawn = [*_DRAWN, *also]
    with st.container(key="live-room"):
        st.html(f'<i data-room-drawn="{escape(mark(told, drawn))}"></i><p class="room-away" role="status">{_AWAY}</p>')
        _mount(key=f"live-{told['code']}", data={"code": told["code"], "drawn": drawn}, on_changed_change=lambda: None)


def lost(problem: Unstored, code: str = "") -> None:
    """Say that the store can't be used.

    code: of the room, where nothing of it is drawn yet: this part is drawn again once the browser hears of the room.
    """
    if code:
        live({"code": code})
    st.warning(f"{problem} The lesson goes on without it; try again in a moment.", icon=":material/cloud_off:")
    st.button("Try again", icon=":material/refresh:", key="room-again")


def mark(told: Told, names: Sequence[str]) -> str:
    """What live.js makes of the same."""
    values = [told.get(name) for name in names]
    return " ".join(str(len(value) if isinstance(value, list) else value).lower() for value in values)


def count(name: str, value: int) -> str:
    """A number that the browser keeps true: of answers, or of seats."""
    return f'<b data-room="{name}">{value}</b>'


def answered(told: Told) -> str:
    """How many have answered, or trained; of a sweep without a curve, when there will be one."""
    what = _DID.get(told["asked"]["kind"], "have answered")
    if is_sweep(told) and not (told["result"] or told["points"]):
        what += "; the curve is drawn from five on"
    return f"{count('count', told['count'])} of {givers(told)} {what}"


def givers(told: Told) -> str:
    """How many there are that give an answer: seats, or groups of them."""
    if not told["groups"]:
        return count("seats", told["seats"])
    return f"{count('groups', told['groups'])} {'group' if told['groups'] == 1 else 'groups'}"


def is_sweep(told: Told) -> bool:
    """Whether the step that is shown is trained, and not voted on."""
    return bool(told["asked"]) and told["asked"]["kind"] == "rate"


def is_vote(told: Told) -> bool:
    """Whether the step that is shown has an answer that is right: a choice, or a number."""
    return bool(told["asked"]) and told["asked"]["kind"] in ("choice", "number")


def place(told: Told) -> str:
    """Which step this is."""
    second = f" · second {'vote' if is_vote(told) else 'round'}" if told["round"] == 2 else ""
    return f"Step {told['step'] + 1} of {told['of']}{second}"


def question(told: Told, pictured: bool = True) -> str:
    """What is asked, with its picture and choices; once revealed, with a tick at the right one and why.

    pictured: whether its picture stands here; else it has another place.
    """
    asked, right = told["asked"], (told["result"] or {}).get("right")
    shown = picture(told) if pictured else ""
    if "choices" not in asked:
        ask = asked["ask"] if told["phase"] == "open" or "about" not in asked else asked["about"]
        return f'<div class="room-ask">{ask}</div>{shown}'
    whys = (told["result"] or {}).get("whys") or [""] * len(asked["choices"])
    rows = []
    for at, (choice, why) in enumerate(zip(asked["choices"], whys, strict=True)):
        is_right = right is not None and at == right
        tick = '<span class="tick">✓ right</span> ' if is_right else ""
        said = f'<span class="why">{why}</span>' if is_right and why else ""
        mine = ' class="right"' if is_right else ""
        rows.append(f"<li{mine}><b>{LANE_LETTERS[at]}</b><span>{tick}{choice}{said}</span></li>")
    return f'<div class="room-ask">{asked["ask"]}</div>{shown}<ol class="room-choices">{"".join(rows)}</ol>'


def picture(told: Told) -> str:
    """What the question is about, or what came of the run; "" for no picture."""
    if not (told["asked"].get("picture") or told["result"]):
        return ""
    found = class_room.rooms().picture(told["code"])
    return f'<div class="room-picture">{found}</div>' if found else ""


def paragraph(words: Sequence[str]) -> None:
    """Sentences as one paragraph; nothing where there are none."""
    if words:
        st.html(f'<p class="room-said">{escape(" ".join(words))}</p>')


def result(told: Told, theme: str) -> Drawing | None:
    """The chart of what may be seen: of a result, or of a sweep that fills in."""
    found, asked = told["result"], told["asked"]
    if not found:
        points = told.get("points")
        return drawings.class_sweep(points, theme, asked["low"], asked["high"], None) if points else None
    if found["kind"] == "walk" and not found["few"]:
        return drawings.class_walks(*class_room.rooms().walks(told["code"]), theme)
    return drawings.drawing(asked, found, theme)


def curves(told: Told) -> str:
    """Of the ten curves of a race what each was, and how many of the class told it; "" where nothing is told."""
    found = told["result"]
    if not found or found["kind"] != "quiz":
        return ""
    rows = []
    drawn = map(_image, class_room.rooms().curves(told["code"]))
    for place, (title, curve) in enumerate(zip(found["titles"], drawn, strict=True)):
        share = None if found["few"] else found["right"][place] / found["answers"]
        bar = "" if share is None else f'<i style="width:{share:.0%}"></i><span>{share:.0%}</span>'
        rows.append(f'<li><b>{place + 1}</b>{curve}<span>{title}</span><span class="bar">{bar}</span></li>')
    return f'<ol class="room-curves">{"".join(rows)}</ol>'


def sentences(told: Told, drawn: Drawing | None) -> list[str]:
    """What is said below a chart or a result, as plain text."""
    if told["result"]:
        return drawings.sentences(told["result"], told["count"], drawn)
    return [words for words in [drawings.beyond(drawn)] if words] if drawn and is_sweep(told) else []


def draw(drawing: Drawing, hall: bool) -> None:
    """A chart; hall: to be read from across a room, as high as its screen allows."""
    tallest = _TALLEST_SWEEP if drawing.key == drawings.SWEEP else _TALLEST
    spec = for_a_hall(drawing.spec, theme(), tallest) if hall else drawing.spec
    if hall and stage_files.served():
        moving_chart(spec, drawing.tables, drawing.words, drawing.key)
    else:
        drawn = {**for_streamlit(spec, theme()), "datasets": dict(drawing.tables)}
        st.vega_lite_chart(None, drawn, alt=drawing.words, key=drawing.key)
