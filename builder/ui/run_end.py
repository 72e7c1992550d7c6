"""Ends a run from the screen, and says how one ended and what to do next."""

import time

import streamlit as st

from builder.errors import RunError
from builder.runs.control import stop
from builder.runs.folder import RunFolder
from builder.runs.launch import kill
from builder.runs.run import Run
from builder.ui.run_list import launch_run, took
from builder.ui.session import go_to, say
from builder.ui.text import plain, uncoloured

_PATIENCE_S = 4.0
"""After this long without an end, a stop by force is offered."""
_LOG_BYTES = 8000


@st.cache_resource(max_entries=256, show_spinner=False)
def _asked_at(run_id: str) -> float:
    """When a screen of this server first saw that the run shall stop."""
    return time.time()


def show_stop(run: Run) -> None:
    """Stop, under the key `stop`; once asked for, after a few seconds also `force_stop`."""
    asked = run.request == "stop"
    if asked and time.time() - _asked_at(run.id) > _PATIENCE_S:
        st.button(
            "Force stop", key="force_stop", icon=":material/dangerous:", on_click=_kill, args=(run.id,),
            help="Ends the process at once. What it learned since the best epoch was saved is lost.",
        )  # fmt: skip
    label = "Stopping…" if asked else "Cancel" if run.status == "queued" else "Stop"
    st.button(label, key="stop", icon=":material/stop_circle:", disabled=asked, on_click=stop, args=(run.id,))


def _kill(run_id: str) -> None:
    try:
        kill(run_id)
    except RunError as error:
        say(str(error), "error")


def show_end(run: Run) -> None:
    """What became of a run that is over, with the next step."""
    if not run.is_active:
        _ENDS[run.status](run)


def _show_success(run: Run) -> None:
    why = f" {run.message}" if run.message else ""
    ended = f"Finished in {took(run)}, from getting the data ready to the export."
    st.success(plain(f"{ended}{why} The weights of the best epoch are kept."), icon=":material/check_circle:")
    _show_ways_on(run)


def _show_stopped(run: Run) -> None:
    st.info(
        plain(run.message or "Stopped on request. The weights of the best epoch so far are kept."),
        icon=":material/stop_circle:",
    )
    _show_ways_on(run)


def _show_cancelled(run: Run) -> None:
    st.info("Cancelled before it began.", icon=":material/block:")
    _show_ways_on(run)


def _show_interrupted(run: Run) -> None:
    st.warning(plain(run.message or "The run was interrupted. Train again."), icon=":material/warning:")
    _show_ways_on(run)


def _show_failed(run: Run) -> None:
    st.error(plain(run.message or "The run failed without a word. Its log says more."), icon=":material/error:")
    _show_ways_on(run)
    log = RunFolder(run.folder).log
    if log.exists():
        with st.expander("Log", key="run_log"):
            st.code(uncoloured(log.read_text(errors="replace")[-_LOG_BYTES:]), language=None, wrap_lines=True)


def _show_ways_on(run: Run) -> None:
    folder = RunFolder(run.folder)
    ways = (
        ("Evaluate", "go_evaluate", ":material/fact_check:", folder.evaluation.exists(), lambda: go_to("evaluate")),
        ("Export", "go_export", ":material/download:", folder.certificate.exists(), lambda: go_to("export")),
        ("Train again", "train_again", ":material/replay:", True, launch_run),
    )
    with st.container(horizontal=True):
        type = "primary"
        for label, key, icon, is_open, act in ways:
            if not is_open:
                continue
            if st.button(label, key=key, icon=icon, type=type):
                act()
                st.rerun()  # the whole page, not this fragment alone
            type = "secondary"


_ENDS = {
    "finished": _show_success, "stopped": _show_stopped, "cancelled": _show_cancelled, "failed": _show_failed,
    "interrupted": _show_interrupted,
}  # fmt: skip
