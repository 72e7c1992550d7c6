"""Stands where there is nothing to show yet: says why and offers the next step."""

import streamlit as st

from builder.runs.run import Run
from builder.runs.store import open_store
from builder.ui.run_list import show_status
from builder.ui.session import PageName, go_to
from builder.ui.text import plain

_EVERY_S = 1.0
_DOING = {
    "preparing": ("it gets the data ready", 0.05), "training": ("it trains", 0.3),
    "evaluating": ("it is measured on the test rows", 0.7), "exporting": ("its file is written and proven", 0.85),
}  # fmt: skip


def offer(message: str, button: str, page: PageName, icon: str = ":material/arrow_forward:") -> None:
    """`message` is plain text."""
    with st.container(border=True, key="next_step"):
        st.markdown(plain(message))
        if st.button(button, key=f"next_{page}", type="primary", icon=icon):
            go_to(page)


def wait_for(run: Run, what: str) -> None:
    """Says what an active run still does before `what` is there, and draws the page anew when that changes."""
    st.fragment(_show_waiting, run_every=_EVERY_S)(run, what)


def _show_waiting(run: Run, what: str) -> None:
    now = open_store().get(run.id)
    if (now.status, now.phase) != (run.status, run.phase):
        st.rerun(scope="app")
    doing, share = _DOING.get(now.phase, ("it waits for its turn", 0.02))
    with st.container(border=True, key="next_step"):
        show_status(now)
        st.progress(share, text=f"{what} here as soon as the run is done; now {doing}.")
        if st.button("Watch it train", key="next_train", icon=":material/monitoring:"):
            go_to("train")
