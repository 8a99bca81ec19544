"""The plainest Streamlit page with a chart: what our start is measured against."""

import altair as alt
import pandas as pd
import streamlit as st

table = pd.DataFrame({"epoch": range(100), "loss": [0.9**epoch for epoch in range(100)]})
st.altair_chart(alt.Chart(table).mark_line().encode(x="epoch", y="loss"))
