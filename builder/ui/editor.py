"""The Model page: tools above, the editor of the model, and panels below."""

import streamlit as st

from builder.ui import session
from builder.ui.blocks import show_blocks
from builder.ui.canvas.component import draw_canvas
from builder.ui.canvas.telling import snapshot
from builder.ui.import_model import show_import
from builder.ui.inspector.subject import Subject
from builder.ui.panels import show_panels
from builder.ui.problems import show_summary
from builder.ui.proposals import offer_proposals

HEIGHT = 600
"""Of graph and inspector, in pixels."""


def draw_editor() -> None:
    now = snapshot()
    _draw_tools(now.subject)
    draw_canvas(now, height=HEIGHT)
    show_panels(now.subject)


def _draw_tools(subject: Subject) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="editor_head"):
        st.title("Model", width="content", anchor=False)
        show_summary(subject.report)
        st.space("stretch")
        show_blocks(subject)
        offer_proposals(subject)
        show_import()
        can_train = subject.report.can_train
        if st.button(
            "Go to Train", key="go_train", type="primary", icon=":material/arrow_forward:", disabled=not can_train
        ):
            session.go_to("train")
