"""A part of a page that runs by itself: a click in it draws it anew, and leaves what stands around it as it is."""

from collections.abc import Callable, Hashable

import streamlit as st

from pages.session import link, page_charts, runs

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
    st.fragment(_rerun, run_every=every)(draw, around)


def _rerun(draw: Callable[[], None], around: Callable[[], Hashable]) -> None:
    if not st.session_state.pop(_WITH_PAGE, False):
        link.seen()
        if _of_page(around) != st.session_state[_AROUND]:
            st.rerun()
        page_charts.begin()
        link.write()
    draw()


def _of_page(around: Callable[[], Hashable]) -> Hashable:
    return link.told(), around()
