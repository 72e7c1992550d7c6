"""Starts a new run from a checkpoint of another, with other settings."""

import streamlit as st

from builder.check.differences import differences
from builder.runs.checkpoints import Checkpoint, checkpoints
from builder.runs.control import latest_lr
from builder.runs.folder import RunFolder
from builder.runs.origin import keeps_gathered
from builder.runs.run import Run
from builder.spec.training import TrainingSpec
from builder.ui.checkpoint_names import best_checkpoint, checkpoint_label
from builder.ui.fields import form_of
from builder.ui.rate_control import rate_field
from builder.ui.run_actions import fork_run
from builder.ui.run_list import more_epochs, run_name, run_project
from builder.ui.session import current_project, runs, show_value, shown_value
from builder.ui.text import plain

HELP = "A new run from one of this run's checkpoints, with other settings."
_ASKED = "run_to_fork"
_OF_PROJECT, _OF_RUN = "project", "run"


def ask_to_fork(run: Run) -> None:
    """From the next drawing of the page on the settings are asked for."""
    # As they are now: a list that grows while a run trains would lose what was picked from it.
    show_value(_ASKED, (run.id, checkpoints(RunFolder(run.folder))))


def show_fork() -> None:
    """The dialog, as long as it is open; it stays while the page behind it is drawn again."""
    run_id, found = shown_value(_ASKED) or (None, ())
    run = next((run for run in runs() if run.id == run_id), None)
    if run is not None and found:
        _choose(run, found)


def _close() -> None:
    show_value(_ASKED, None)


@st.dialog("Fork a run", width="medium", icon=":material/fork_right:", on_dismiss=_close)
def _choose(run: Run, found: tuple[Checkpoint, ...]) -> None:
    name = run_name(run, runs())
    start = _pick_checkpoint(name, found)
    old = _as_trained(run)
    training = _with_quick_fields(_pick_settings(name, old), start)
    st.caption(f"{_kept(start, old, training)} The model and the data stay those of {name}.")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Cancel", key="cancel_fork", on_click=_close):
            st.rerun()
        if st.button(
            "Fork", key="confirm_fork", type="primary", icon=":material/fork_right:",
            on_click=_fork, args=(run.id, start.step, training),
        ):  # fmt: skip
            st.rerun()


def _as_trained(run: Run) -> TrainingSpec:
    """With the learning rate that was set last."""
    training = run_project(run).training
    optimizer = training.optimizer.model_copy(update={"lr": latest_lr(run)})
    return training.model_copy(update={"optimizer": optimizer})


def _pick_checkpoint(name: str, found: tuple[Checkpoint, ...]) -> Checkpoint:
    """Offered newest first; the best is chosen at first."""
    offered = found[::-1]
    return st.selectbox(
        f"Start from the weights of {name} after", offered, index=offered.index(best_checkpoint(found) or found[-1]),
        format_func=lambda checkpoint: checkpoint_label(checkpoint, found), key="fork_checkpoint",
    )  # fmt: skip


def _pick_settings(name: str, old: TrainingSpec) -> TrainingSpec:
    """The project's where they differ from the run's, unless those are wanted."""
    new = current_project().training
    changed = differences(old, new)
    if not changed:
        return old
    labels = {_OF_PROJECT: "As the project has them now", _OF_RUN: f"As {name} had them"}
    picked = st.radio(
        "Training settings", list(labels), key="fork_settings", format_func=labels.__getitem__, horizontal=True
    )
    if picked == _OF_RUN:
        return old
    st.caption("\n".join(f"- {plain(change)}" for change in changed))
    return new


def _with_quick_fields(training: TrainingSpec, start: Checkpoint) -> TrainingSpec:
    """With the learning rate and the last epoch that are written here instead."""
    rate, epochs = st.columns(2)
    with rate:
        lr = training.optimizer.lr
        new_lr = rate_field(training, lr, f"fork_lr_{lr:g}", "A schedule gives each step its share of it.", "stretch")
    with epochs:
        last = _pick_last_epoch(training, int(start.epoch))
    optimizer = training.optimizer.model_copy(update={"lr": new_lr})
    return training.model_copy(update={"optimizer": optimizer, "epochs": last})


def _pick_last_epoch(training: TrainingSpec, done: int) -> int:
    last = training.epochs if training.epochs > done else done + more_epochs(training)
    return st.number_input(
        "Up to epoch", done + 1, form_of(TrainingSpec, "epochs").highest, value=last, key=f"fork_epochs_{done}_{last}",
        help="Epochs are counted on from the checkpoint.",
    )  # fmt: skip


def _kept(start: Checkpoint, old: TrainingSpec, training: TrainingSpec) -> str:
    """What the new run takes over from the checkpoint."""
    if not start.has_state:
        return f"The weights are taken over; {training.optimizer.label} starts afresh, as of this epoch they alone were kept."
    if keeps_gathered(training, old):
        return f"The weights and the state of {old.optimizer.label} are taken over."
    same = old.optimizer.kind == training.optimizer.kind
    why = "its settings differ" if same else f"the run had {old.optimizer.label}"
    return f"The weights are taken over; {training.optimizer.label} starts afresh, as {why}."


def _fork(run_id: str, step: int, training: TrainingSpec) -> None:
    fork_run(run_id, step, training)
    _close()
