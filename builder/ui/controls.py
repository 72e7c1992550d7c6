"""The controls of a run under way: pause, stop, fork, and a stop by force if it does not listen."""

import time

import streamlit as st

from builder.runs.checkpoints import checkpoint_files
from builder.runs.folder import RunFolder
from builder.runs.run import Run
from builder.ui.discard import ask_to_discard
from builder.ui.fork import HELP, ask_to_fork
from builder.ui.run_actions import kill_run, pause_run, run_button, stop_run

_PATIENCE_S = 4.0
"""After this long without an end, a stop by force is offered."""
_STOPS = {"keep": "Stop and keep the best", "discard": "Stop and discard…"}
_ASKED = {"stop": "Stopping…", "pause": "Pausing…", "discard": "Discarding…"}
REQUESTED = {
    "stop": "Stopping after this batch; the best weights so far are kept.",
    "pause": "Pausing after this batch; nothing of it is lost.",
    "discard": "Ending after this batch; its curves are kept.",
}
"""What happens next to a run of which this is asked."""


@st.cache_resource(max_entries=256, show_spinner=False)
def _asked_at(run_id: str, request: str) -> float:
    """When a screen of this server first saw what is asked of the run."""
    return time.time()


def show_controls(run: Run) -> None:
    """Under the keys `pause`, `stop` and `fork`; a run that does not do what it was asked for can be ended by `force_stop`."""
    if run.status == "queued":
        run_button("Cancel", "cancel", "block", stop_run, run.id)
    elif run.request:
        st.button(_ASKED[run.request], key="asked", disabled=True)
        if time.time() - _asked_at(run.id, run.request) > _PATIENCE_S:
            run_button(
                "Force stop", "force_stop", "dangerous", kill_run, run.id,
                help="Ends the process at once. What it learned since it was last saved is lost.",
            )  # fmt: skip
    else:
        _show_choices(run)


def _show_choices(run: Run) -> None:
    if run.phase in ("preparing", "training", ""):
        run_button(
            "Pause", "pause", "pause", pause_run, run.id,
            help="Saves everything after this batch and makes room for another run; Resume goes on as if nothing had happened.",
        )  # fmt: skip
    picked = st.menu_button(
        "Stop", list(_STOPS), key="stop", icon=":material/stop_circle:", format_func=_STOPS.__getitem__
    )
    if picked:
        stop_run(run.id) if picked == "keep" else ask_to_discard(run)
        st.rerun()  # the whole page, not this fragment alone
    if checkpoint_files(RunFolder(run.folder)):
        run_button("Fork…", "fork", "fork_right", ask_to_fork, run, help=HELP)
