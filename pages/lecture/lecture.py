"""The words of a lecturer's link, which every page understands and every link within the app carries along."""

import streamlit as st

from pages.learn import gate
from pages.lecture import lock, slides

WORDS = (gate.WORD, slides.WORD, lock.WORD)


def read() -> None:
    """Take the words from the address bar, and put those that hold for the session back into it."""
    gate.read()
    slides.read()
    lock.read()
    for name, texts in words().items():
        if st.query_params.get_all(name) != texts:
            st.query_params[name] = texts


def words() -> dict[str, list[str]]:
    """What a link within the app carries, so that all stays as it is after a reload too."""
    return {name: [text] for name, text in (gate.words() | slides.words() | lock.words()).items()}
