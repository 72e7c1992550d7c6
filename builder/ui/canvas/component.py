"""Mounts the editor of the model on a page."""

from functools import cache
from hashlib import sha256
from pathlib import Path

import streamlit as st
from streamlit.components.v1 import declare_component

from builder.ui import session
from builder.ui.canvas.link import PATH
from builder.ui.canvas.telling import Snapshot, editor_state

_HERE = Path(__file__).parent
_BUILT = _HERE / "built"

_mount = st.components.v2.component(
    "strata_canvas", html='<div class="strata-canvas"></div>', js=(_HERE / "loader.js").read_text(encoding="utf-8")
)


def draw_canvas(now: Snapshot, *, height: int) -> None:
    """Bar, graph or outline, and inspector. What the user does there goes through the link; then the page is drawn again."""
    state = editor_state(now) | {"asset": _asset_address(), "link": f"{PATH}/{session.token()}", "height": height}
    _mount(key="canvas", data=state, on_seen_change=lambda: None)


def _asset_address() -> str:
    served = declare_component("strata_canvas_asset", path=str(_BUILT))  # every run: the server may be a new one
    return f"component/{served.name}/canvas.js?{_mark()}"


@cache
def _mark() -> str:
    """Changes with the asset, so that a browser does not keep an old one."""
    return sha256((_BUILT / "canvas.js").read_bytes()).hexdigest()[:12]
