"""Class room: open one, and lead it."""

import streamlit as st

from pages.room import leading, told
from pages.room.before import before
from room.store import NoRoom, Unstored
from server import class_room

code = told.asked_for()
told.style("room.css")
st.markdown("## Class room")
erased = st.session_state.get(leading.ERASED)
if code and code == erased:  # the stream heard of it, and asked for a run before the address had lost the code
    del st.query_params["room"]
    code = ""
if code:
    st.session_state.pop(leading.ERASED, None)
elif erased:  # said until there is another room: the stream runs the page again
    st.success(f"Room {erased} is erased: its answers, seats and names are gone.", icon=":material/delete:")
if not code:
    before()
    st.stop()
try:
    leads = class_room.rooms().store.is_host(code, told.secret(code))
except NoRoom:
    st.text(told.gone(code))
    st.page_link("room/host.py", label="Open a room", icon=":material/add:")
    st.stop()
except Unstored as problem:
    told.lost(problem)
    st.stop()
if leads:
    leading.lead(code)
else:
    st.markdown(
        f"Room **{code}** is led from another browser. Whoever opened it has a link for a second device there. "
        "To answer its questions, take a seat."
    )
    with st.container(horizontal=True):
        st.link_button("Take a seat", told.address(f"r/{code}"), icon=":material/event_seat:", type="primary")
        st.link_button("Show the hall's page", told.address(f"hall?room={code}"), icon=":material/tv:")
