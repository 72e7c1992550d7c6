"""Undo, redo and the named history, in which every step can be gone back to."""

import streamlit as st

from builder.check.history import History
from builder.ui.session import history, jump, jump_to
from builder.ui.text import plain, shortened

_SHOWN = 20
"""Steps listed each way."""


def show_undo_redo() -> None:
    """Under the keys `undo` and `redo`, also by Ctrl+Z and Ctrl+Shift+Z; every step under `history`."""
    steps = history()
    with st.container(horizontal=True, gap="xsmall", width="content"):
        _button("undo", "Undo", steps.undo_label, "Ctrl+Z", -1)
        _button("redo", "Redo", steps.redo_label, "Ctrl+Shift+Z", 1)
        _show_history(steps)


def _button(key: str, name: str, change: str | None, shortcut: str, steps: int) -> None:
    label = f"{name}: {plain(shortened(change, 32))}" if change else name
    st.button(
        label, key=key, icon=f":material/{key}:", shortcut=shortcut, disabled=change is None, on_click=jump, args=(steps,),
    )  # fmt: skip


def _show_history(steps: History) -> None:
    box = st.popover(
        "History", key="history", icon=":material/history:", on_change="rerun",
        disabled=not steps.past and not steps.future,
    )  # fmt: skip
    if box.open:
        with box:
            st.caption("Every step since the project was made. Click one to go there.")
            _show_steps(steps)


def _show_steps(steps: History) -> None:
    """Newest first: what can be redone, where the project stands, what can be undone."""
    now = len(steps.past)
    for place in reversed(range(min(_SHOWN, len(steps.future)))):
        _step(f"Redo to: {steps.future[place].label}", now + place + 1, now, "redo")
    st.markdown(f":material/arrow_right: **Now:** {plain(steps.undo_label or 'as it was made')}")
    for place in range(min(_SHOWN, len(steps.past))):
        before = steps.past[-place - 2].label if place + 1 < len(steps.past) else "The beginning"
        _step(before, now - place - 1, now, "undo")


def _step(label: str, place: int, now: int, icon: str) -> None:
    st.button(
        plain(shortened(label)), key=f"jump_{place - now}", icon=f":material/{icon}:", type="tertiary", on_click=jump_to,
        args=(place,),
    )  # fmt: skip
