"""The frame around every page: style, navigation and the open project."""

import streamlit as st

from builder.ui import session
from builder.ui.sidebar import draw_sidebar
from builder.ui.style import apply_style
from builder.ui.warm_up import warm_up

st.set_page_config(page_title="Strata", page_icon=":material/layers:", layout="wide")
apply_style()
PAGES = (
    st.Page("pages/views/home.py", title="Home", icon=":material/home:", default=True),
    st.Page("pages/views/data.py", title="Data", icon=":material/table_chart:"),
    st.Page("pages/views/model.py", title="Model", icon=":material/stacks:"),
    st.Page("pages/views/train.py", title="Train", icon=":material/monitoring:"),
    st.Page("pages/views/evaluate.py", title="Evaluate", icon=":material/fact_check:"),
    st.Page("pages/views/export.py", title="Export", icon=":material/download:"),
)
page = st.navigation(PAGES, expanded=True)
with session.opened():
    draw_sidebar()
    page.run()
warm_up()
