"""What can be done with a run that is over or paused: look at it, resume it, go on for longer, fork it."""

import streamlit as st

from builder.runs.checkpoints import Checkpoint, checkpoints
from builder.runs.control import is_resumable
from builder.runs.folder import RunFolder
from builder.runs.run import Run
from builder.spec.training import TrainingSpec
from builder.ui.discard import ask_to_discard
from builder.ui.fields import form_of
from builder.ui.fork import HELP, ask_to_fork
from builder.ui.run_actions import continue_run, resume_run, run_button, stop_run
from builder.ui.run_list import RESUMED_FIRST, lost_its_loss, more_epochs, run_project
from builder.ui.session import go_to, shown_value


def has_way_on(run: Run) -> bool:
    """Whether the run itself offers the next step, so that a new launch is not the first thing to do."""
    folder = RunFolder(run.folder)
    is_gone_on_with = (run.status in RESUMED_FIRST and is_resumable(run)) or lost_its_loss(run)
    return run.is_active or (is_gone_on_with and bool(checkpoints(folder))) or folder.evaluation.exists()


def show_ways_on(run: Run, found: tuple[Checkpoint, ...]) -> None:
    """`found` are the run's checkpoints, oldest first."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="ways_on"):
        _show_pages(run)
        if is_resumable(run) and found and not lost_its_loss(run):
            _show_resume(run)
        if run.status == "paused":
            _show_ends(run)
        if found:
            _show_fork(run)
        if found and run.status in ("finished", "stopped"):
            _show_continue(run)


def _show_pages(run: Run) -> None:
    folder = RunFolder(run.folder)
    if folder.evaluation.exists() and st.button(
        "Evaluate", key="go_evaluate", icon=":material/fact_check:", type="primary"
    ):
        go_to("evaluate")
    if folder.certificate.exists() and st.button("Export", key="go_export", icon=":material/download:"):
        go_to("export")


def _show_resume(run: Run) -> None:
    type = "primary" if run.status in RESUMED_FIRST else "secondary"
    run_button(
        "Resume", "resume", "play_arrow", resume_run, run.id, type=type,
        help="Goes on where it was, as if nothing had happened.",
    )  # fmt: skip


def _show_fork(run: Run) -> None:
    if lost_its_loss(run):
        help = "A new run from an earlier checkpoint: give it a lower learning rate, as this one would fail again."
        run_button("Fork…", "fork", "fork_right", ask_to_fork, run, help=help, type="primary")
    else:
        run_button("Fork…", "fork", "fork_right", ask_to_fork, run, help=HELP)


def _show_ends(run: Run) -> None:
    run_button(
        "Stop and keep the best", "stop", "stop_circle", stop_run, run.id,
        help="Measures the best weights so far and writes their file.",
    )  # fmt: skip
    run_button("Discard…", "discard", "delete", ask_to_discard, run)


def _show_continue(run: Run) -> None:
    training, key = run_project(run).training, f"more_epochs_{run.id}"
    with (
        st.form(f"continue_form_{run.id}", border=False, width="content", enter_to_submit=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        most = form_of(TrainingSpec, "epochs").highest
        st.number_input("More epochs", 1, most, value=more_epochs(training), key=key, width=130)
        if st.form_submit_button(
            "Continue", key="continue_run", icon=":material/resume:", on_click=_continue, args=(run.id, key),
            help="A new run that starts from the last weights of this one.",
        ):  # fmt: skip
            st.rerun()


def _continue(run_id: str, key: str) -> None:
    continue_run(run_id, shown_value(key))
