"""Stands where there is nothing to show yet: says why and offers the next step."""

import streamlit as st

from builder.runs.run import Run
from builder.ui.run_list import show_status
from builder.ui.session import PageName, go_to
from builder.ui.text import plain

_EVERY_S = 1.0


def offer(message: str, button: str, page: PageName, icon: str = ":material/arrow_forward:") -> None:
    """`message` is plain text."""
    with st.container(border=True, key="next_step"):
        st.markdown(plain(message))
        st.button(button, key=f"next_{page}", type="primary", icon=icon, on_click=go_to, args=(page,))


def wait_for(run: Run, what: str) -> None:
    """Says what an active run still does before `what` is there, and draws the page anew when that changes."""
    st.fragment(_show_waiting, run_every=_EVERY_S)(run, what)


def _show_waiting(run: Run, what: str) -> None:
    from builder.runs.store import open_store

    now = open_store().get(run.id)
    if (now.status, now.phase) != (run.status, run.phase):
        st.rerun(scope="app")
    with st.container(border=True, key="next_step"):
        show_status(now)
        steps = {"preparing": "it gets the data ready", "training": "it trains", "evaluating": "it is measured on the test rows", "exporting": "the ONNX file is written and proven"}  # fmt: skip
        st.markdown(f"{plain(what)} here as soon as the run is done; now {steps.get(now.phase, 'it waits')}.")
        st.progress({"training": 0.3, "evaluating": 0.7, "exporting": 0.85}.get(now.phase, 0.05))
        st.button("Watch it train", key="next_train", icon=":material/monitoring:", on_click=go_to, args=("train",))
