"""Entries of the navigation: Streamlit makes them anew at each run, and looks at the disk for each of them."""

from copy import copy
from functools import cache

import streamlit as st
from streamlit.navigation.page import StreamlitPage


def entry(path: str, title: str, url_path: str, default: bool = False) -> StreamlitPage:
    """st.Page of these, made once in a process: twenty of them take a tenth of what a visit costs."""
    return copy(_made(path, title, url_path, default))  # a copy, as a run writes into it whether it is the one shown


@cache
def _made(path: str, title: str, url_path: str, default: bool) -> StreamlitPage:
    return st.Page(path, title=title, url_path=url_path, default=default)
