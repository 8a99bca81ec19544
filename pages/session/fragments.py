"""A part of a page that runs by itself: a click in it draws it anew, and leaves what stands around it as it is."""

from collections.abc import Callable, Hashable

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.session import link, page_charts, runs, shown

_AROUND, _WITH_PAGE = "around", "part-with-page"


def fragment(draw: Callable[[], None], around: Callable[[], Hashable], every: float | None = None) -> None:
    """Draw the part, here and after each click in it.

    around: all that the rest of the page says; a click that changes it runs the whole page.
    every: seconds after which it is drawn again, without a click; None: it is not.
    """
    if every is None and not runs.is_quick(link.current()):
        draw()  # a click in a part waits for a page that is running: nothing could stop a long run
        return
    st.session_state[_AROUND], st.session_state[_WITH_PAGE] = _of_page(around), True
    st.fragment(_rerun, run_every=every)(draw, around, every is not None)


def _rerun(draw: Callable[[], None], around: Callable[[], Hashable], by_itself: bool) -> None:
    if by_itself:
        shown.note_by_itself()
        _send_whole()
    if not st.session_state.pop(_WITH_PAGE, False):
        shown.learn()
        link.seen()
        if _of_page(around) != st.session_state[_AROUND]:
            st.rerun()
        page_charts.begin()
        link.write()
    draw()


def _send_whole() -> None:
    """Send what is drawn whole, and never as "what you have already".

    Where runs follow each other that fast, the browser may have let go of it when the answer comes: it then shows
    nothing of it ("Cached ForwardMsg MISS").
    """
    if (run := get_script_run_ctx()) is not None:
        run.cached_message_hashes = frozenset()


def _of_page(around: Callable[[], Hashable]) -> Hashable:
    return link.told(), around()
