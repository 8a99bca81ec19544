"""What every page shares: its settings, the navigation, the experiment of the link and its repairs."""

from pathlib import Path

import streamlit as st

from pages import link

st.set_page_config(
    page_title="Learning-Rate Lab",
    page_icon=str(Path(__file__).parent / "icon.svg"),
    layout="wide",
    initial_sidebar_state="auto",
)
page = st.navigation(
    [st.Page("lab/compare.py", title="Compare learning rates", url_path="compare", default=True)], position="hidden"
)
st.session_state.page = page
st.html(Path(__file__).parent / "frame.css")
link.read()
link.show_repairs()
link.write()  # before the page runs: what takes long to train is in the address bar while it does
page.run()
