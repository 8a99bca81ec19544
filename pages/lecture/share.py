"""Share: a link that does what a lecturer wants of it, as a QR code for a hall and as a text to paste."""

from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st

from core import dataset
from core.data.datasets import is_upload
from core.experiment.experiment import shortest
from core.experiment.fields import link_text
from core.export.qr import LONGEST, Code, qr_code
from pages.lecture import ask_the_class, history, lock
from pages.session import lecture_words, link, travel

EXPORT = "place-of-export"  # at the head: what is there to be exported is known once the page is drawn
EXPORT_WIDTH = 112  # px
_NOTHING = "There is nothing to export here yet."
_COUNTS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight"}
_KEYS = (
    "**Keys.** Tab goes from control to control. On a play bar, Space plays and pauses, and arrow keys step. In "
    "slides, arrow keys step, `?` lists all keys, and Esc leaves.\n\n**Terms** with a dotted line are explained when "
    "you point at them; on a phone a tap opens the glossary."
)
_LOCK_HELP = (
    "Whoever opens the link does not see these. It keeps a class on the subject and protects nothing: what is hidden "
    "stands in the link, and who changes the link has it back."
)
_HTML = """
<div class="qr">
  <button type="button" class="code" aria-label="Show the QR code full screen" title="Full screen"></button>
  <p></p>
</div>
"""
_CSS, _JS = ((Path(__file__).parent / name).read_text() for name in ("share.css", "share.js"))
_mount = st.components.v2.component("qr", html=_HTML, css=_CSS, js=_JS, isolate_styles=False)


def heading(words: str, lesson: tuple[int, str] | None = None) -> None:
    """The head of a page, with its buttons beside it. lesson: which one to offer who is new here, and in what words."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom", key="page-head"):
        st.markdown(words)
        buttons(lesson)
    if not lecture_words.presents():
        travel.note()


def buttons(lesson: tuple[int, str] | None = None) -> None:
    """The buttons at the head of a page: present, share, the place of export, help, history.

    lesson: as of `heading`.
    """
    with st.container(horizontal=True, vertical_alignment="center", width="content", gap="xsmall", key="head-buttons"):
        st.button(
            "Present",
            icon=":material/slideshow:",
            key="present-now",
            help="Shows this page as slides, in large type. Arrow keys step, Esc leaves.",
            on_click=lecture_words.show_slides,
        )
        if st.button("Share", icon=":material/qr_code_2:", key="share"):
            _dialog()
        # There from the start, and as wide: what comes later would move all that stands below it.
        st.session_state[EXPORT] = st.empty()
        with st.session_state[EXPORT].container(width=EXPORT_WIDTH):
            st.button(
                "Export",
                icon=":material/ios_share:",
                key="nothing-to-export",
                disabled=True,
                help=_NOTHING,
                width="stretch",
            )
        _help(*(lesson or (1, "The lessons")))
        # Last: the browser loads it later, and a popover after it that is open by then would be closed.
        history.button()


def _help(place: int, label: str) -> None:
    """What helps on any page. place, label: of the lesson to begin with, and what it is called here."""
    with st.popover("?", key="help", help="Lessons, terms, keys"):
        asked = lecture_words.words()
        to = st.session_state.lessons[place - 1]
        st.page_link(to, label=label, icon=":material/school:", query_params=asked)
        st.page_link(
            "learn/glossary.py", label="Glossary of all terms", icon=":material/menu_book:", query_params=asked
        )
        st.markdown(_KEYS)


def show_code(svg: str, words: str, key: str) -> None:
    """A QR code that a click lets fill the screen, then with these words below it."""
    _mount(key=key, data={"svg": svg, "words": words})


def opening() -> None:
    """On the first slide: the way for everybody in the hall to the page shown, on a device of their own."""
    address = _address(shortest(_shown()) | lecture_words.written(False, lecture_words.locked(), lecture_words.asks()))
    with st.container(horizontal=True, key="opening", vertical_alignment="center", gap="large"):
        found = _code(address)
        if found:
            _mount(key="opening-code", data={"svg": found.svg, "words": _place()}, width=400)
        with st.container(width="stretch"):
            st.markdown("**Open it on your own device:** scan the code. There is no account and nothing to install.")
            st.text(_place())
            warn_of_this_machine()


@st.dialog("Share", width="large", icon=":material/qr_code_2:")
def _dialog() -> None:
    code, choices = st.columns([6, 5], gap="large")
    with choices:
        words = _choices()
    address = _address(words)
    with code:
        _picture(_address(shortest(words)))
    with choices:
        st.markdown("**The link**")
        st.code(address, language=None, wrap_lines=True)
        st.markdown("**A text to paste**, into a chat or a course page")
        st.code(f"Learning-Rate Lab: {_what()}. Open {address}, no account needed.", language=None, wrap_lines=True)
        ask_the_class.section()


def _choices() -> dict[str, list[str]]:
    """What the link should do, chosen; its words."""
    named = lock.offered()
    presents = st.toggle("Open as slides, in large type", key="share-present", help="Arrow keys step, Esc leaves.")
    options = [lock.ALL, *named] if named else []
    hidden = st.multiselect(
        "Hide controls",
        options,
        format_func=lambda name: "All of them" if name == lock.ALL else named.get(name, name),
        key="share-lock",
        help=_LOCK_HELP,
        placeholder="None" if options else "This page has none",
        default=[name for name in options if name in lecture_words.locked()],
        disabled=not options,
    )
    asks = lecture_words.asks()
    if st.session_state.page in st.session_state.lessons:
        words = "Off: results are shown at once."
        asks = st.toggle("Ask before showing results", asks, key="share-gate", help=words)
    shown = _shown()
    if "experiment" in st.session_state and st.session_state.page in st.session_state.experiment_pages:
        every = st.toggle(
            "Name every setting",
            key="share-every",
            help="Such a link means the same when defaults change, as on a course page of next year. It is longer, so "
            "its code is denser and read from less far.",
        )
        shown = link.whole() if every else shown
        if is_upload(link.current().data):
            st.warning("An upload stays in your session: this link opens without it.", icon=":material/info:")
    locked = (lock.ALL,) if lock.ALL in hidden else tuple(hidden)
    return shown | lecture_words.written(presents, locked, asks)


def here() -> str:
    """The page's address, without what was done on it."""
    return _address({})


def small_code() -> str:
    """The SVG of the code of the shortest link to this page, for below a picture; "" where that is too long for one."""
    found = _code(_address(shortest(_shown())))
    return found.svg if found else ""


def _picture(address: str) -> None:
    found = _code(address)
    if found is None:
        st.info(f"This link is longer than the {LONGEST:,} bytes a QR code holds: paste it.", icon=":material/info:")
        return
    _mount(key="share-code", data={"svg": found.svg, "words": _place()})
    warn_of_this_machine()
    if found.easy:
        st.caption("Click the code to fill the screen with it.")
    else:
        shorter = " Turn off **Name every setting** for a simpler one." * bool(st.session_state.get("share-every"))
        st.caption(
            f":material/warning: {found.modules} squares a side: too fine to be scanned from far, so let people come "
            f"near, or paste the link.{shorter} Click the code to fill the screen with it."
        )


def warn_of_this_machine() -> None:
    """A link to localhost leads every phone in the hall to itself."""
    if urlsplit(st.context.url or "").hostname in ("localhost", "127.0.0.1", "::1"):
        words = (
            "This address works on this computer only. Open the lab by the computer's name or address in the network."
        )
        st.warning(words, icon=":material/wifi_off:")


def _place() -> str:
    """The page's address as one types it."""
    url = urlsplit(st.context.url or "")
    return f"{url.netloc}{url.path}".rstrip("/")


def _code(address: str) -> Code | None:
    try:
        return qr_code(address)
    except ValueError:
        return None


def _shown() -> dict[str, list[str]]:
    """What the address bar says, without a lecturer's words."""
    return lecture_words.without({name: st.query_params.get_all(name) for name in st.query_params})


def _address(words: dict[str, list[str]]) -> str:
    query = link_text(words)
    url = st.context.url or ""
    url += "/" * (not urlsplit(url).path)  # the bare host: without the slash some chats cut the link at its ?
    return f"{url}{'?' if query else ''}{query}"


def _what() -> str:
    """What the page shows, in a few words."""
    page = st.session_state.page
    if page.url_path in ("", "compare", "network"):
        experiment = link.current()
        count = len(experiment.learning_rates)
        rates = f"{_COUNTS[count]} learning rate{'s' * (count > 1)}"
        model = "model" if experiment.network() is None else "network"
        return f"{rates} on one {model}, data: {dataset(experiment.data, experiment.seed).title}"
    return f"lesson {page.title}" if page in st.session_state.lessons else str(page.title)
