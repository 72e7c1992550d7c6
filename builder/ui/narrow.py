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


def watch_screen() -> None:
    """The page is drawn again as soon as the browser says something else."""
    with st.container(key="screen_probe"):  # draws nothing
        _mount(key=KEY, data={"narrow": is_narrow()}, on_narrow_change=lambda: None)


def is_narrow() -> bool:
    """As the browser said last."""
    return bool((shown_value(KEY) or {}).get("narrow"))
