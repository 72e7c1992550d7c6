"""Says how a run ended, or that it is paused, and what to do next."""

import streamlit as st

from builder.catalogue.regularization import Averaging
from builder.runs.checkpoints import Checkpoint, checkpoints
from builder.runs.folder import RunFolder
from builder.runs.run import Run
from builder.ui.formats import count
from builder.ui.run_list import run_project, took
from builder.ui.text import plain, uncoloured
from builder.ui.ways_on import show_ways_on

_LOG_BYTES = 8000


def show_end(run: Run) -> None:
    """What became of a run that is over or paused, with the next step."""
    if not run.is_active:
        found = checkpoints(RunFolder(run.folder))
        _ENDS[run.status](run, found)
        show_ways_on(run, found)
        if run.status == "failed":
            _show_log(run)


def _show_success(run: Run, _: tuple[Checkpoint, ...]) -> None:
    why = f" {run.message}" if run.message else ""
    ended = f"Finished in {took(run)}, from getting the data ready to the export."
    st.success(plain(f"{ended}{why} {_kept(run)}"), icon=":material/check_circle:")


def _show_stopped(run: Run, _: tuple[Checkpoint, ...]) -> None:
    st.info(
        plain(run.message or f"Stopped on request. The weights of the {_kept_epoch(run)} epoch so far are kept."),
        icon=":material/stop_circle:",
    )


def _kept(run: Run) -> str:
    weights = "averaged weights" if run_project(run).training.regularizer(Averaging) else "weights"
    return f"The {weights} of the {_kept_epoch(run)} epoch are kept."


def _kept_epoch(run: Run) -> str:
    return "best" if run_project(run).training.keeps_best else "last"


def _show_paused(run: Run, _: tuple[Checkpoint, ...]) -> None:
    st.info(
        plain(f"{run.message or 'Paused.'} Nothing of it is lost, and another run may train meanwhile."),
        icon=":material/pause_circle:",
    )


def _show_cancelled(run: Run, _: tuple[Checkpoint, ...]) -> None:
    st.info("Cancelled before it began.", icon=":material/block:")


def _show_discarded(run: Run, _: tuple[Checkpoint, ...]) -> None:
    st.info(plain(run.message or "Discarded: its curves are kept, its weights are not."), icon=":material/delete:")


def _show_interrupted(run: Run, found: tuple[Checkpoint, ...]) -> None:
    st.warning(plain(f"{run.message or 'The run was interrupted.'} {_goes_on(run, found)}"), icon=":material/warning:")


def _show_failed(run: Run, _: tuple[Checkpoint, ...]) -> None:
    st.error(plain(run.message or "The run failed without a word. Its log says more."), icon=":material/error:")


def _goes_on(run: Run, found: tuple[Checkpoint, ...]) -> str:
    if not found:
        return "Train again; it starts from the beginning."
    epochs = run_project(run).training.epochs
    return f"Resumed, it goes on in epoch {count(min(int(found[-1].epoch) + 1, epochs))} of {count(epochs)}."


def _show_log(run: Run) -> None:
    log = RunFolder(run.folder).log
    if log.exists():
        with st.expander("Log", key="run_log"):
            st.code(uncoloured(log.read_text(errors="replace")[-_LOG_BYTES:]), language=None, wrap_lines=True)


_ENDS = {
    "finished": _show_success, "stopped": _show_stopped, "paused": _show_paused, "cancelled": _show_cancelled,
    "discarded": _show_discarded, "failed": _show_failed, "interrupted": _show_interrupted,
}  # fmt: skip
