"""The text twin of the canvas: a component that lists the model and is worked by keyboard, in the canvas's operations."""

from pathlib import Path
from typing import Any

import streamlit as st

from builder.check.report import Report
from builder.spec.project import Project
from builder.ui import session
from builder.ui.canvas.carrying_out import carry_out
from builder.ui.canvas.offered import offered
from builder.ui.canvas.queue import Queue
from builder.ui.outline.rows import outline_rows
from builder.ui.own_blocks import own_titles

_HERE = Path(__file__).parent
KEY = "outline"

_mount = st.components.v2.component(
    "strata_outline", html='<div class="outline"></div>', css=(_HERE / "outline.css").read_text(encoding="utf-8"),
    js=(_HERE / "outline.js").read_text(encoding="utf-8"),
)  # fmt: skip


def draw_outline(project: Project, report: Report, *, selected: tuple[str, ...]) -> None:
    """What the user does there is applied before the page is drawn again."""
    queue = Queue.read(_sent())
    state = {
        "rows": outline_rows(project, report), "selected": selected, "palette": offered(own_titles()).families,
        "mount": queue.mount if queue else None, "applied": session.applied(queue.mount) if queue else 0,
        "more": session.is_more_to_draw(),
    }  # fmt: skip
    _mount(key=KEY, data=state, on_ops_change=_on_change)


def _sent() -> Any:
    return (session.shown_value(KEY) or {}).get("ops")


def _on_change() -> None:
    queue = Queue.read(_sent())
    if queue:
        before = session.seen()
        carry_out(queue)
        session.redraw(*(("inspector",) if session.seen() == before else ()), "model")
