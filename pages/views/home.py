"""Home: start from a template or own data, or go on with a project."""

import streamlit as st

from builder.ui.home_projects import draw_continue, draw_projects
from builder.ui.home_start import draw_own_data, draw_templates

st.title("Neural networks, from a file to a proven model")
st.markdown(
    "Pick your data, click a network together, watch it learn, and leave with an ONNX file that takes your raw data "
    "and has been shown to give the same answers. Everything stays on this machine."
)
draw_continue()
draw_own_data()
draw_projects()
draw_templates()
