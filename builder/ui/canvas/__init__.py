"""The model as a graph to draw on: a component that sends operations, which Python carries out."""

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v1 import declare_component

from builder.check.report import Report
from builder.runs.blocks import BlockStore
from builder.spec.project import Project
from builder.ui import session
from builder.ui.canvas.carrying_out import carry_out
from builder.ui.canvas.offered import offered
from builder.ui.canvas.peeking import peek_state
from builder.ui.canvas.queue import Queue
from builder.ui.canvas.state import canvas_state

_HERE = Path(__file__).parent
_BUILT = _HERE / "built"
KEY = "canvas"

_mount = st.components.v2.component(
    "strata_canvas", html='<div class="strata-canvas"></div>', js=(_HERE / "loader.js").read_text(encoding="utf-8")
)


def draw_canvas(
    project: Project, report: Report, *, selected: tuple[str, ...] = (), height: int = 640,
    peek: dict[str, dict[str, Any]] | None = None,
) -> None:  # fmt: skip
    """The graph with its palette. What the user does there is applied before the page is drawn again.

    `peek` holds for a node `picture` (a PNG as data URL) or `histogram` (numbers), and `marks` such as `dead 12 %`.
    """
    queue = Queue.read(_sent())
    palette = offered(tuple((name, block.title) for name, block in BlockStore().list()))
    state = canvas_state(project, report, session.facts()) | {
        "asset": _asset_address(), "more": session.is_more_to_draw(), "height": height, "project": session.project_id(), "selected": selected,
        "paletteVersion": palette.version,
        "mount": queue.mount if queue else None, "applied": session.applied(queue.mount) if queue else 0,
    }  # fmt: skip
    state |= peek_state(peek or {}, queue.peeks if queue else ())
    if queue is None or queue.palette != palette.version:
        state["palette"] = palette.as_json()
    _mount(key=KEY, data=state, height=height, on_ops_change=_on_change)


def _sent() -> Any:
    return (session.shown_value(KEY) or {}).get("ops")


def _on_change() -> None:
    queue = Queue.read(_sent())
    if queue:
        before = session.seen()
        carry_out(queue)
        session.redraw(*(("inspector",) if session.seen() == before else ()), "model")


def _asset_address() -> str:
    served = declare_component("strata_canvas_asset", path=str(_BUILT))  # every run: the server may be a new one
    return f"component/{served.name}/canvas.js?{_mark()}"


@cache
def _mark() -> str:
    """Changes with the asset, so that a browser does not keep an old one."""
    return sha256((_BUILT / "canvas.js").read_bytes()).hexdigest()[:12]
