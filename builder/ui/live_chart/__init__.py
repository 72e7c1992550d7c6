"""Draws Plotly figures that keep zoom and legend while their data changes.

plotly.js comes from the installed plotly package, served once by this server; a figure travels as plain JSON with
its numbers packed, so that neither Python's plotly nor the network is needed.
"""

from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from streamlit.components.v1 import declare_component

from builder.runs.growing import View
from builder.ui.session import shown_value

_HERE = Path(__file__).parent
_PACKED = {"f8": "f4", "f4": "f4", "i8": "i4", "i4": "i4"}

_mount = st.components.v2.component(
    "strata_chart", html='<div class="strata-chart"></div>', css=(_HERE / "chart.css").read_text(),
    js=(_HERE / "chart.js").read_text(), isolate_styles=False,
)  # fmt: skip


@cache
def _library_folder() -> Path:
    return Path(find_spec("plotly").origin).parent / "package_data"


def packed(values: Sequence[float] | np.ndarray, *, base: float | None = None) -> dict[str, Any]:
    """Numbers as plotly.js reads them from base64: a fifth of their JSON, and NaN leaves a gap.

    They have seven digits; those of their distance to `base`, if given, so that neighbours far out stay apart.
    """
    array = np.asarray(values) if base is None else np.asarray(values, float) - base
    array = array.astype(_PACKED.get(array.dtype.str[1:], "f4"))
    content = {"dtype": array.dtype.str[1:], "bdata": b64encode(array.tobytes()).decode()}
    return content if base is None else content | {"base": base}


def plain(text: str) -> str:
    """User text for a title, legend or tick: Plotly would take `<b>` in it for markup."""
    return escape(text, quote=False)


def draw_chart(
    traces: Sequence[dict[str, Any]], layout: dict[str, Any], *, key: str, height: int = 340, tells_view: bool = False
) -> None:
    """A Plotly figure under a stable key. Colours may be named by theme variable, such as `--st-primary-color`.

    With `tells_view` a zoom draws the page (or fragment) again, where `chart_view` then says what is in view.
    """
    layout = {"height": height, "uirevision": key, **layout}
    data = {"plotly": _library_address(), "traces": list(traces), "layout": layout}
    if tells_view:
        _mount(key=key, data=data | {"told": _told(key)}, default={"view": None}, on_view_change=lambda: None)
    else:
        _mount(key=key, data=data)


def chart_view(key: str, revision: str) -> View | None:
    """The part of its horizontal axis to which the user has zoomed that chart; None for all of it.

    A zoom that was made under another `uirevision` is gone.
    """
    told = _told(key)
    return View(told["low"], told["high"]) if told and told["revision"] == revision else None


def _told(key: str) -> dict[str, Any] | None:
    return (shown_value(key) or {}).get("view")


def load_library() -> None:
    """Makes the browser fetch plotly.js while nothing waits for it yet; draws nothing."""
    with st.container(key="load_plotly"):
        _mount(key="load_plotly_chart", data={"plotly": _library_address(), "traces": [], "layout": None})


def _library_address() -> str:
    served = declare_component("plotly", path=str(_library_folder()))  # every run: the server may be a new one
    return f"component/{served.name}/plotly.min.js"
