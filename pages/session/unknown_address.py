"""What stands at an address that no page has: a sentence that says so, and the pages there are."""

from collections.abc import Mapping, Sequence

import streamlit as st
from streamlit.navigation.page import StreamlitPage
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.session import lecture_words

Sections = Mapping[str, Sequence[StreamlitPage]]
_ASKED = "unknown-address"


def pages(sections: Sections, *hidden: StreamlitPage) -> list[StreamlitPage]:
    """The page for the address that was asked for, where none of these has it; it is not in the navigation.

    hidden: pages that are not in the navigation either.
    """
    run = get_script_run_ctx()
    if run is not None and run.pages_manager.intended_page_name:  # told once, when an address is opened
        st.session_state[_ASKED] = run.pages_manager.intended_page_name
    asked = st.session_state.get(_ASKED, "")
    known = {page.url_path for pages in [*sections.values(), hidden] for page in pages}
    if not asked.strip("/ ") or "/" in asked or asked in known:
        return []
    page = st.Page(lambda: _show(asked, sections), title="No such page", url_path=asked, visibility="hidden")
    return [page]


def _show(asked: str, sections: Sections) -> None:
    st.markdown("## There is no such page")
    st.text(f"No page of this lab has the address /{asked}. It may be mistyped. These are the pages:")
    with st.grid(len(sections), min_column_width=260):
        for title, pages in sections.items():
            with st.container():
                st.markdown(f"**{title or 'The lab'}**")
                for page in pages:
                    st.page_link(page, query_params=lecture_words.words())
