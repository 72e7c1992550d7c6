"""The editor of the Model page: toolbar, canvas or outline, inspector and panels, each a part of the page."""

import streamlit as st

from builder.ui import session
from builder.ui.blocks import follows_selection, show_blocks
from builder.ui.canvas import draw_canvas
from builder.ui.import_model import show_import
from builder.ui.inspector import show_inspector
from builder.ui.inspector.subject import Subject
from builder.ui.narrow import is_narrow, watch_screen
from builder.ui.outline import draw_outline
from builder.ui.panels import open_panel, show_panels
from builder.ui.problems import show_summary
from builder.ui.proposals import offer_proposals
from builder.ui.undo import history_is_open, show_undo_redo

HEIGHT, NARROW_HEIGHT = 600, 340
"""Of canvas and inspector, in pixels; of the outline on a phone, where the inspector comes below it."""
_VIEWS = ("Canvas", "Outline")


def draw_editor() -> None:
    """Parts side by side: what people wait for comes first, the model and then the inspector."""
    head = st.container(key="editor_tools")
    drawing, details = st.columns([7, 3], gap="small")
    with head:
        watch_screen()
    with drawing:
        _draw_model()
    with details.container(border=True, height=HEIGHT, key="inspector", gap="small"):
        _draw_inspector()
    with head:
        _draw_tools()
    _draw_panels()


def _subject() -> Subject:
    return Subject(session.current_project(), session.facts(), session.report(), session.selected_nodes())


@session.part("model", lambda: (session.seen(), session.selection(), _view()))
def _draw_model() -> None:
    subject = _subject()
    if _view() == "Outline":
        with st.container(key="outline_area", border=True, height=NARROW_HEIGHT if is_narrow() else HEIGHT):
            draw_outline(subject.project, subject.report, selected=subject.selected)
    else:
        with st.container(key="canvas_area"):
            draw_canvas(
                subject.project, subject.report, selected=subject.selected, height=HEIGHT, peek=subject.peeked.nodes
            )


@session.part("inspector", lambda: (session.seen(), session.selection()))
def _draw_inspector() -> None:
    show_inspector(_subject())


@session.part(
    "tools", lambda: (session.seen(), _view(), history_is_open(), follows_selection() and session.selection())
)
def _draw_tools() -> None:
    subject = _subject()
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="editor_head"):
        st.title("Model", width="content", anchor=False)
        show_summary(subject.report)
        st.space("stretch")
        show_blocks(subject)
        offer_proposals(subject)
        show_import()
        st.button(
            "Go to Train", key="go_train", type="primary", icon=":material/arrow_forward:",
            disabled=not subject.report.can_train, on_click=session.wish, args=("train",),
        )  # fmt: skip
        if session.wished("train"):
            session.go_to("train")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="toolbar"):
        _choose_view()
        show_undo_redo()


@session.part("panels", lambda: (session.seen(), open_panel(), open_panel() == "Peek" and session.selection()))
def _draw_panels() -> None:
    show_panels(_subject())


def _view() -> str:
    """The canvas, or on a phone the outline, until the user chooses."""
    return session.shown_value("view_chosen") or _VIEWS[is_narrow()]


def _choose_view() -> None:
    session.show_value("view", _view())
    st.segmented_control(
        "View", _VIEWS, key="view", required=True, label_visibility="collapsed", width="content", on_change=_change_view
    )


def _change_view() -> None:
    session.show_value("view_chosen", session.shown_value("view"))
    session.redraw("model")
