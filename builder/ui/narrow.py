"""Says whether the browser window is too narrow for a canvas, as on a phone."""

import streamlit as st

from builder.ui.session import shown_value

KEY = "screen"

_mount = st.components.v2.component(
    "strata_screen",
    html="<span></span>",
    js="""
export default function ({ data, setStateValue }) {
  const narrow = window.matchMedia("(max-width: 640px)");
  const tell = () => { if (narrow.matches !== data.narrow) setStateValue("narrow", narrow.matches); };
  narrow.addEventListener("change", tell);
  tell();
  return () => narrow.removeEventListener("change", tell);
}
""",
)


def is_narrow() -> bool:
    """As the browser said last; the page is drawn again as soon as it says something else."""
    narrow = bool((shown_value(KEY) or {}).get("narrow"))
    with st.container(key="screen_probe"):  # draws nothing
        _mount(key=KEY, data={"narrow": narrow}, on_narrow_change=lambda: None)
    return narrow
