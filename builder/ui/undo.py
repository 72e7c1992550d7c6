"""Undo and redo, named after the change they take back or bring again."""

import streamlit as st

from builder.ui.session import history, redo, undo
from builder.ui.text import plain, shortened


def show_undo_redo() -> None:
    """Under the keys `undo` and `redo`, also by Ctrl+Z and Ctrl+Shift+Z."""
    steps = history()
    with st.container(horizontal=True, gap="xsmall", width="content"):
        _button("undo", "Undo", steps.undo_label, "Ctrl+Z", undo)
        _button("redo", "Redo", steps.redo_label, "Ctrl+Shift+Z", redo)


def _button(key: str, name: str, change: str | None, shortcut: str, act) -> None:
    label = f"{name}: {plain(shortened(change, 32))}" if change else name
    st.button(label, key=key, icon=f":material/{key}:", shortcut=shortcut, disabled=change is None, on_click=act)
