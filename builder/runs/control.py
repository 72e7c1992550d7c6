"""What a user can ask of a run while it trains, and once it does not: pause, resume, stop, discard, fork, go on."""

import os
import shutil

from builder.catalogue.optimizers import Optimizer
from builder.check.report import require_trainable
from builder.errors import RunError
from builder.runs.changes import ask_lr, changes
from builder.runs.checkpoints import Checkpoint, checkpoint_files, checkpoints, is_whole, why_not_resumed
from builder.runs.folder import RunFolder
from builder.runs.launch import ensure_worker
from builder.runs.origin import Origin, write_origin
from builder.runs.run import RESUMABLE, Request, Run, Status
from builder.runs.store import open_store
from builder.spec.facts import DataFacts
from builder.spec.training import TrainingSpec

DISCARDED = "Discarded: its curves are kept, its weights are not."


def pause(run_id: str) -> Run:
    """Asks a running run to save a checkpoint after its batch and to end: nothing is lost, and its slot is free."""
    return open_store().request(run_id, "pause")


def stop(run_id: str) -> Run:
    """Asks a running run to end after its batch and to keep its best weights; a waiting one is cancelled.

    A paused run is gone on with for as long as it takes to measure and export its best weights.
    """
    store = open_store()
    run = store.get(run_id)
    return _go_on(run, "stop") if run.status == "paused" else store.request(run_id, "stop")


def discard(run_id: str) -> Run:
    """Keeps the curves of a run alone; one that trains is asked to end after its batch."""
    store = open_store()
    run = store.request(run_id, "discard")
    if store.change(run.id, (*RESUMABLE, "finished"), status="discarded", message=DISCARDED):  # nobody resumes it now
        RunFolder(run.folder).discard()
    return store.get(run_id)


def resume(run_id: str, status: Status = "queued") -> Run:
    """Puts a run that did not come to its end back into the queue; it goes on at its newest checkpoint.

    One that shall be "running" belongs to the calling process. Raises: RunError if it is not such a run, or has no
    checkpoint.
    """
    return _go_on(open_store().get(run_id), None, status)


def is_resumable(run: Run) -> bool:
    """Whether `resume` would take it."""
    return run.status in RESUMABLE and _can_start(RunFolder(run.folder))


def _can_start(folder: RunFolder) -> bool:
    return bool(checkpoint_files(folder)) or folder.start.exists()


def set_lr(run_id: str, lr: float) -> None:
    """Gives a running training another learning rate from its next step on. Raises: RunError."""
    run = open_store().get(run_id)
    if run.status != "running":
        raise RunError(f"Run {run.id} does not train: it is {run.status}. Fork it to go on with another learning rate.")
    if run.phase not in ("training", "preparing", ""):
        raise RunError(f"Run {run.id} has done its last step. Fork it to go on with another learning rate.")
    folder = RunFolder(run.folder)
    highest = highest_lr(folder.project.training.optimizer)
    if not 0 < lr <= highest:
        raise RunError(f"The learning rate must be above 0 and at most {highest:g}; got {lr:g}.")
    ask_lr(folder, lr)


def highest_lr(optimizer: Optimizer) -> float:
    """The bound that its declaration gives."""
    return next(bound.le for bound in type(optimizer).model_fields["lr"].metadata if hasattr(bound, "le"))


def latest_lr(run: Run) -> float:
    """The learning rate that its schedule is taken of now."""
    folder = RunFolder(run.folder)
    changed = changes(folder)
    return changed[-1].lr if changed else folder.project.training.optimizer.lr


def fork(
    run_id: str, step: int, training: TrainingSpec, project_id: str | None = None, status: Status = "queued"
) -> Run:
    """Queues a new run of the same data and model that starts from a checkpoint of this one, with other settings.

    Raises: RunError if there is no checkpoint of that step, or the settings do not fit the model.
    """
    store = open_store()
    run = store.get(run_id)
    folder, checkpoint = RunFolder(run.folder), _checkpoint_of(run, step)
    project = folder.project.model_copy(update={"training": training})
    require_trainable(project, DataFacts.model_validate_json(folder.facts.read_bytes()))
    if training.epochs <= checkpoint.epoch:
        raise RunError(
            f"The checkpoint stands after {checkpoint.epoch:g} epochs and the settings end after {training.epochs}. "
            "Set more epochs, or take an earlier checkpoint."
        )
    origin = Origin(run.id, checkpoint.step, checkpoint.epoch, folder.project.training)
    forked = store.create(
        project, project_id or run.project_id, status=status,
        prepare=lambda new: _copy_start(folder, checkpoint, origin, new),
    )  # fmt: skip
    _have_worked(forked)
    return forked


def continue_for(run_id: str, epochs: int, status: Status = "queued") -> Run:
    """Forks the newest checkpoint with so many epochs more than it has, and the learning rate that was set last.

    A schedule that falls to the last epoch is then stretched over all of them, so its rate rises again at first.
    """
    run = open_store().get(run_id)
    found = checkpoints(RunFolder(run.folder))
    if not found:
        raise RunError(f"Run {run.id} has no checkpoint to go on from. Train again.")
    training, newest = RunFolder(run.folder).project.training, found[-1]
    optimizer = training.optimizer.model_copy(update={"lr": latest_lr(run)})
    changed = {"epochs": int(newest.epoch) + epochs, "optimizer": optimizer}
    return fork(run.id, newest.step, training.model_copy(update=changed), status=status)


def _go_on(run: Run, request: Request | None, status: Status = "queued") -> Run:
    if run.status not in RESUMABLE:
        raise RunError(
            f"Run {run.id} is {run.status}: there is nothing to resume. Train again, or continue it for more epochs."
        )
    why_not = why_not_resumed(RunFolder(run.folder))
    if why_not:
        raise RunError(f"Run {run.id} cannot go on. {why_not}")
    run = open_store().queue_again(run.id, request, status)
    _have_worked(run)
    return run


def _have_worked(run: Run) -> None:
    if run.status == "queued":
        ensure_worker()


def _checkpoint_of(run: Run, step: int) -> Checkpoint:
    found = {checkpoint.step: checkpoint for checkpoint in checkpoints(RunFolder(run.folder))}
    known = ", ".join(str(known) for known in found) or "none"
    if step not in found:
        raise RunError(f"Run {run.id} has no checkpoint of step {step}. It has: {known}.")
    if not is_whole(found[step].path):
        raise RunError(f"The checkpoint of step {step} of run {run.id} is damaged. Take another of these: {known}.")
    return found[step]


def _copy_start(parent: RunFolder, checkpoint: Checkpoint, origin: Origin, new: RunFolder) -> None:
    """A link where that can be: checkpoints are never written to again."""
    try:
        os.link(checkpoint.path, new.start)
    except OSError:
        shutil.copyfile(checkpoint.path, new.start)
    if parent.data_content.exists():
        shutil.copyfile(parent.data_content, new.data_content)
    write_origin(new, origin)
