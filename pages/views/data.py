"""Data: what is in it, how it is read, and how it is dealt to training, validation and test."""

import streamlit as st

from builder.ui import session
from builder.ui.data_header import draw_header
from builder.ui.data_views import draw_images, draw_table

project = session.current_project()
draw_header(project)
dataset = session.dataset()
if project.data.kind == "table":
    draw_table(dataset)
else:
    draw_images(dataset)
if st.button("Next: the model", key="go_model", type="primary", icon=":material/arrow_forward:"):
    session.go_to("model")
