"""The words of a lecturer's link, which every page understands and every link within the app carries along."""

from __future__ import annotations

import streamlit as st

from pages import gate, lock, present

WORDS = (gate.WORD, present.WORD, lock.WORD)


def read() -> None:
    """Take the words from the address bar, and put those that hold for the session back into it."""
    gate.read()
    present.read()
    lock.read()
    for name, texts in words().items():
        if st.query_params.get_all(name) != texts:
            st.query_params[name] = texts


def words() -> dict[str, list[str]]:
    """What a link within the app carries, so that all stays as it is after a reload too."""
    return {name: [text] for name, text in (gate.words() | present.words() | lock.words()).items()}
