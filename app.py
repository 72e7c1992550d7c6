"""Serves Strata, and draws the frame around every page: style, navigation and the open project."""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

from builder.ui import session
from builder.ui.canvas.link import routes
from builder.ui.clicks import take_clicks_once
from builder.ui.sidebar import draw_sidebar
from builder.ui.style import ICON, apply_style
from builder.ui.warm_up import page_drawn, warm_while_serving

if get_script_run_ctx(suppress_warning=True) is None:
    # The server imports this file once, before anyone asks for a page.
    # A folder called pages would make Streamlit look for an older kind of pages on the very first request, and greet
    # whoever opens a page's address with "Page not found".
    PagesManager.uses_pages_directory = False
    take_clicks_once()
    app = st.App(__file__, lifespan=warm_while_serving, routes=routes())
else:
    st.set_page_config(page_title="Strata", page_icon=ICON, layout="wide")
    apply_style()
    pages = (
        st.Page("pages/views/home.py", title="Home", icon=":material/home:", default=True),
        st.Page("pages/views/data.py", title="Data", icon=":material/table_chart:"),
        st.Page("pages/views/model.py", title="Model", icon=":material/stacks:"),
        st.Page("pages/views/train.py", title="Train", icon=":material/monitoring:"),
        st.Page("pages/views/evaluate.py", title="Evaluate", icon=":material/fact_check:"),
        st.Page("pages/views/export.py", title="Export", icon=":material/download:"),
    )
    page = st.navigation(pages, expanded=True)
    with session.opened(shows_messages=page.url_path != "model"):
        draw_sidebar()
        page.run()
    page_drawn.set()
