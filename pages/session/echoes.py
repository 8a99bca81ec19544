"""Which links the browser may still have, to tell a link that somebody follows from the echo of an older one.

A click made before the browser has our newest link arrives with the link it had: that one asks for nothing.
"""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

Link = dict[str, list[str]]

_MOST = 20  # links; a browser that is further behind has lost them


def _on_the_way() -> list[Link]:
    """The link that the browser had at its last click, and those written since."""
    links: list[Link] = st.session_state.setdefault("links_on_the_way", [])
    return links


def add(link: Link) -> None:
    """The browser has this link, or is sent it."""
    links = _on_the_way()
    links.append(link)
    del links[:-_MOST]


def forget() -> None:
    """The browser is on another page."""
    _on_the_way().clear()


def is_echo(link: Link) -> bool:
    """Whether the browser had this link, so that nobody need have followed it now.

    Those before it are over: from here on each of them is a new link.
    """
    links = _on_the_way()
    if link not in links:
        return False
    while link in links[1:]:
        del links[0]
    return True


def went_back() -> bool:
    """Whether the reader took the browser's way back or forth, to a link that it had before."""
    run = get_script_run_ctx()
    return run is not None and run.is_history_navigation
