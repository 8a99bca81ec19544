"""Entries of the navigation: Streamlit makes them anew at each run, and looks at the disk for each of them."""

from collections.abc import Sequence
from copy import copy
from functools import cache
from pathlib import Path
from typing import Literal

import streamlit as st
from streamlit.navigation.page import StreamlitPage

_closes = st.components.v2.component("closes_sidebar", html="", js=Path(__file__).with_suffix(".js").read_text())


def entry(path: str, title: str, url_path: str, default: bool = False, hidden: bool = False) -> StreamlitPage:
    """st.Page of these, made once in a process: twenty of them take a tenth of what a visit costs."""
    return copy(
        _made(path, title, url_path, default, hidden)
    )  # a copy, as a run writes into it whether it is the one shown


@cache
def _made(path: str, title: str, url_path: str, default: bool, hidden: bool) -> StreamlitPage:
    seen: Literal["hidden", "visible"] = "hidden" if hidden else "visible"
    return st.Page(path, title=title, url_path=url_path, default=default, visibility=seen)


def close_on_a_phone() -> None:
    """A page or a preset that was chosen in the sidebar is seen: there it lies over the page, and would stay open."""
    with st.container(key="closes-sidebar"):
        _closes(key="closes-sidebar-mounted")


def light(shown: Sequence[bool], after: int) -> None:
    """Mark the group that the page is in, which Streamlit marks for single pages only.

    shown: for each group, whether the page is in it; after: how many single pages stand before the groups.
    """
    place = after + 1 + shown.index(True) if True in shown else 0
    group = f"[data-testid=stTopNav] > :nth-child({place}) [data-testid=stTopNavSection]"
    st.html(f"<style>{group} {{ background: rgba(128, 128, 128, .15); font-weight: 600 }}</style>")
