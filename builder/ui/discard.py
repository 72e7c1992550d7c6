"""Asks once more before the weights of a run are thrown away."""

import streamlit as st

from builder.runs.run import Run
from builder.ui.run_actions import discard_run
from builder.ui.run_list import run_name
from builder.ui.session import runs, show_value, shown_value
from builder.ui.text import plain

_ASKED = "run_to_discard"


def ask_to_discard(run: Run) -> None:
    """From the next drawing of the page on it is asked."""
    show_value(_ASKED, run.id)


def show_discard() -> None:
    """The question, as long as it is not answered; it stays while the page behind it is drawn again."""
    run = next((run for run in runs() if run.id == shown_value(_ASKED)), None)
    if run is not None:
        _ask(run)


def _close() -> None:
    show_value(_ASKED, None)


@st.dialog("Discard this run?", icon=":material/delete:", on_dismiss=_close)
def _ask(run: Run) -> None:
    st.markdown(
        f"The weights and checkpoints of **{plain(run_name(run, runs()))}** will be gone; its curves stay in the list."
    )
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep it", key="keep_run", on_click=_close):
            st.rerun()
        if st.button(
            "Discard", key="confirm_discard", type="primary", icon=":material/delete:", on_click=_discard, args=(run.id,)
        ):  # fmt: skip
            st.rerun()


def _discard(run_id: str) -> None:
    discard_run(run_id)
    _close()
