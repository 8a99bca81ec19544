"""The glossary: each term in one sentence, with the page that shows it."""

from itertools import groupby
from pathlib import Path

import streamlit as st

from core.story.glossary import GLOSSARY, Term
from pages.lecture import share
from pages.widgets.terms import address

_CSS, _JS = ((Path(__file__).parent / name).read_text() for name in ("glossary.css", "glossary.js"))
_mount = st.components.v2.component("glossary", css=_CSS, js=_JS, isolate_styles=False)
titles = {page.url_path or "compare": page.title for page in st.session_state.pages}
titles |= {page.url_path: f"Lesson {page.title}" for page in st.session_state.lessons}


def entry(term: Term) -> str:
    """A term, its sentence and the way to its page."""
    names = f" :gray[Also: {', '.join(term.also)}.]" * bool(term.also)
    return f"#### {term.name}\n{term.meaning}{names} [{titles[term.page]}]({address(term.page)})"


with st.container(key="lesson"):
    share.heading("## Glossary\nEach term in one sentence, and the page that shows it.")
    parts = [
        "\n\n".join([f"### {letter}", *map(entry, terms)])
        for letter, terms in groupby(GLOSSARY, key=lambda term: term.name[0])
    ]
    with st.container(key="glossary"):
        st.markdown("\n\n".join(parts))
    _mount(key="glossary-place")
