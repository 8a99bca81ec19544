"""A page of 80 pieces of HTML and nothing else: what the processor time of ours is measured against."""

import streamlit as st

for k in range(80):
    st.html(f"<p>Piece {k}</p>")
