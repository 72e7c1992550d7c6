"""The editor of the Model page: toolbar, canvas or outline, inspector and panels, drawn again without the frame."""

import streamlit as st

from builder.ui import session
from builder.ui.blocks import show_blocks
from builder.ui.canvas import draw_canvas
from builder.ui.import_model import show_import
from builder.ui.inspector import show_inspector
from builder.ui.inspector.subject import Subject
from builder.ui.narrow import is_narrow
from builder.ui.outline import draw_outline
from builder.ui.panels import show_panels
from builder.ui.problems import show_summary
from builder.ui.proposals import offer_proposals
from builder.ui.undo import show_undo_redo

HEIGHT = 600
"""Of canvas and inspector, in pixels."""
_VIEWS = ("Canvas", "Outline")


@st.fragment(key="editor")
def draw_editor() -> None:
    """A fragment: what happens in it draws neither the navigation nor the sidebar again.

    What people wait for comes first: the model, then the inspector.
    """
    with session.redrawn():
        subject = Subject(session.current_project(), session.facts(), session.report(), session.selected_nodes())
        head = st.container(key="editor_tools")
        with head:
            view = _view()
        drawing, details = st.columns([7, 3], gap="small")
        with drawing:
            _show_model(subject, view)
        with details.container(border=True, height=HEIGHT, key="inspector", gap="small"):
            show_inspector(subject)
        with head:
            _show_toolbar(subject, view)
        show_panels(subject)


def _show_toolbar(subject: Subject, view: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="editor_head"):
        st.title("Model", width="content", anchor=False)
        show_summary(subject.report)
        st.space("stretch")
        show_blocks(subject)
        offer_proposals(subject)
        show_import()
        if st.button(
            "Go to Train", key="go_train", type="primary", icon=":material/arrow_forward:",
            disabled=not subject.report.can_train,
        ):  # fmt: skip
            session.go_to("train")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="toolbar"):
        _choose_view(view)
        show_undo_redo()


def _view() -> str:
    """The canvas, or on a phone the outline, until the user chooses."""
    usual = _VIEWS[is_narrow()]
    return session.shown_value("view_chosen") or usual


def _choose_view(view: str) -> None:
    session.show_value("view", view)
    st.segmented_control(
        "View", _VIEWS, key="view", required=True, label_visibility="collapsed", width="content",
        on_change=lambda: session.show_value("view_chosen", session.shown_value("view")),
    )  # fmt: skip


def _show_model(subject: Subject, view: str) -> None:
    if view == "Outline":
        with st.container(key="outline_area", border=True, height=HEIGHT):
            draw_outline(subject.project, subject.report, selected=subject.selected)
    else:
        with st.container(key="canvas_area"):
            draw_canvas(
                subject.project, subject.report, selected=subject.selected, height=HEIGHT, peek=subject.peeked.nodes
            )
