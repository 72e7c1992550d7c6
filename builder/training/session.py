"""Carries out one run: data, training, evaluation, export; what goes wrong is told in one sentence."""

import errno
import math
import traceback
from collections.abc import Callable

import torch

from builder.check.report import require_trainable
from builder.data.dataset import prepare
from builder.errors import BuilderError, RunError
from builder.files import write_atomically
from builder.nn.threads import thread_count
from builder.runs.control import DISCARDED
from builder.runs.events import EventWriter
from builder.runs.folder import RunFolder
from builder.runs.peeks import flat_model
from builder.runs.resumes import note_resume
from builder.runs.run import Run, Status
from builder.runs.store import RunStore
from builder.runs.telemetry import TelemetryWriter, forget_after
from builder.training.dead_units import DeadUnits
from builder.training.devices import device_of, free_on, make_repeatable, this_machine
from builder.training.examples import load_examples
from builder.training.found_batch import batch_note, with_found_batch
from builder.training.loop import Trainer
from builder.training.memory import require_memory
from builder.training.starting import find_start
from builder.training.telemetry import Telemetry
from builder.training.verdict import judge
from builder.training.watcher import RunWatcher
from builder.training.watching import Watcher

Finish = Callable[[RunStore, Run], None]
"""What comes after the evaluation: the export, in a worker of the app."""


def carry_out(
    store: RunStore,
    run: Run,
    *,
    finish: Finish | None = None,
    watch: Callable[[Watcher], Watcher] | None = None,
    reraise: bool = False,
) -> Run:
    """Trains the run to its end and gives its final state; a fault ends the run as failed, and is raised if asked for."""
    torch.set_flush_denormal(True)  # before the first kernel: denormals slow Adam down from epoch to epoch
    try:
        status, message = _train(store, run, watch or (lambda watcher: watcher))
        if finish is not None and status in ("finished", "stopped"):
            store.update(run.id, phase="exporting")
            finish(store, run)
        if status != "discarded" and store.requested(run.id) == "discard":  # asked for after the last step
            RunFolder(run.folder).discard()
            status, message = "discarded", DISCARDED
        store.end(run.id, status, message)
    except Exception as error:
        fault = known_fault(error, run)
        if fault is None:
            traceback.print_exc()
        ours = f"Something of ours went wrong: {type(error).__name__}: {error}. The details are in the run's log.txt."
        store.end(run.id, "failed", str(fault) if fault else ours)
        if reraise:
            raise (fault or error) from None
    return store.get(run.id)


def _train(store: RunStore, run: Run, watch: Callable[[Watcher], Watcher]) -> tuple[Status, str]:
    """How it ended, and what is to be said of that."""
    folder = RunFolder(run.folder)
    store.update(run.id, phase="preparing")
    project = folder.project
    dataset = prepare(project.data)
    facts = dataset.facts
    report = require_trainable(project, facts, this_machine())
    device, way_out = device_of(project.training), "Make its layers or the batch size smaller."
    if not project.training.largest_batch:
        require_memory(report.memory_bytes, "Training this model", way_out, free_on(device))
    make_repeatable(device)
    torch.set_num_threads(thread_count(report.multiply_adds * project.training.batch_size))
    examples = load_examples(
        dataset, project.training.loss, project.training.seed, channels_last=project.training.channels_last
    )
    project = with_found_batch(folder, project, facts, examples)
    start = find_start(folder, dataset.content)
    write_atomically(folder.data_content, dataset.content.encode())
    write_atomically(folder.facts, facts.model_dump_json(indent=2).encode())
    write_atomically(folder.preprocessing, examples.preprocessing.model_dump_json(indent=2).encode())
    store.update(run.id, phase="training")
    forget_after(folder, start.step)
    note_resume(folder, start.step)
    with EventWriter(folder, start.step, start.epoch) as events, TelemetryWriter(folder) as samples:
        rows = len(examples.train_rows)
        measured = [metric.kind for metric in project.training.metrics_of_steps]
        events.plan(project.training.epochs, project.training.steps_per_epoch(rows), rows, measured)
        watcher = RunWatcher(store, run.id, folder, events)
        trainer = Trainer(project, facts, examples, watch(watcher))
        start.bring(trainer)
        folder.forget_results()  # there will be others
        if trainer.best.epoch:  # the file may hold a later epoch's, or none
            watcher.improved(trainer.best)
        dead_units = DeadUnits(trainer.model, flat_model(project, facts), facts.input_shape, examples)
        trainer.look_inside(Telemetry(trainer.model, dead_units, trainer.step_rows, samples))
        try:
            trainer.run()
        finally:
            watcher.save()
    if trainer.stopped == "pause":
        return "paused", _where(trainer)
    if trainer.stopped == "discard":
        folder.discard()
        return "discarded", DISCARDED
    store.update(run.id, phase="evaluating")
    judge(folder, trainer, facts, examples)
    status: Status = "stopped" if trainer.stopped else "finished"
    return status, " ".join(part for part in (start.note, _why_early(trainer), batch_note(project)) if part)


def _where(trainer: Trainer) -> str:
    position = trainer.position
    return f"Paused in epoch {position.epoch:,} of {trainer.training.epochs:,}, after step {position.step:,}."


def _why_early(trainer: Trainer) -> str:
    gave_up_after, of_all = trainer.position.gave_up_after, f"of {trainer.training.epochs}"
    best = f"epoch {trainer.best.epoch} was the best."
    if trainer.ran_out_at is not None:
        done = math.ceil(trainer.ran_out_at)
        when = f"after epoch {done}" if done == trainer.ran_out_at else f"in epoch {done}"
        return f"The time budget of {trainer.training.time_budget_min:g} min ended it {when} {of_all}; {best}"
    return "" if gave_up_after is None else f"Early stopping ended it after epoch {gave_up_after} {of_all}; {best}"


def known_fault(error: Exception, run: Run) -> BuilderError | None:
    """The fault in plain words if it is the input's or the machine's; None if it is ours."""
    text = str(error).lower()
    if isinstance(error, BuilderError):
        return error
    if isinstance(error, MemoryError) or "can't allocate memory" in text or "out of memory" in text:
        size = RunFolder(run.folder).project.training.batch_size
        way_out = f"Set it to {max(1, size // 2)}, or make the model or the images smaller."
        return RunError(f"The training ran out of memory at batch size {size}. {way_out}")
    if (isinstance(error, OSError) and error.errno == errno.ENOSPC) or "no space left" in text:
        return RunError(
            "The disk is full. Free some space, then resume this run or train again; finished runs are intact."
        )
    return None
