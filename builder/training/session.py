"""Carries out one run: data, training, evaluation, export; what goes wrong is told in one sentence."""

import math
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import partial
from typing import NamedTuple

import torch

from builder.catalogue.metrics import METRICS
from builder.check.report import require_trainable
from builder.data.dataset import ImageDataset, TableDataset, prepare
from builder.errors import BuilderError, RunError
from builder.files import write_atomically
from builder.nn.threads import thread_count
from builder.runs.checkpoints import checkpoint_files
from builder.runs.control import DISCARDED
from builder.runs.events import EventWriter
from builder.runs.folder import RunFolder
from builder.runs.peeks import flat_model
from builder.runs.resumes import note_resume
from builder.runs.room import keep_room
from builder.runs.run import Run, Status
from builder.runs.store import RunStore
from builder.runs.telemetry import TelemetryWriter, forget_after
from builder.spec.project import Project
from builder.training.dead_units import DeadUnits
from builder.training.devices import device_of, free_on, make_repeatable, this_machine
from builder.training.examples import Examples, StreamedTableExamples, load_examples
from builder.training.fault_words import known_fault
from builder.training.found_batch import batch_note, with_found_batch
from builder.training.loading import loading
from builder.training.loop import Trainer
from builder.training.memory import limited_memory, require_memory
from builder.training.not_finite import NotFinite
from builder.training.starting import Starting, find_start
from builder.training.team import ALONE, Team
from builder.training.team_watcher import TeamWatcher
from builder.training.telemetry import Telemetry
from builder.training.verdict import judge
from builder.training.watcher import RunWatcher
from builder.training.watching import Watcher

Finish = Callable[[RunStore, Run], None]
"""What comes after the evaluation: the export, in a worker of the app."""


class Ready(NamedTuple):
    """All that a run trains with."""

    project: Project
    dataset: TableDataset | ImageDataset
    examples: Examples

    @property
    def row_order(self) -> str:
        """From where the rows come, on which their order depends."""
        return "disk" if isinstance(self.examples, StreamedTableExamples) else "memory"

    def find_start(self, folder: RunFolder) -> Starting:
        """Raises: RunError."""
        return find_start(folder, self.dataset.content, self.row_order)


def carry_out(
    store: RunStore,
    run: Run,
    *,
    finish: Finish | None = None,
    watch: Callable[[Watcher], Watcher] | None = None,
    reraise: bool = False,
    team: Team = ALONE,
) -> Run:
    """Trains the run to its end and gives its final state; a fault ends the run as failed, and is raised if asked for."""
    torch.set_flush_denormal(True)  # before the first kernel: denormals slow Adam down from epoch to epoch
    fault: Exception | None = None
    try:
        status, message = _train(store, run, watch or (lambda watcher: watcher), team)
        if finish is not None and status in ("finished", "stopped"):
            store.update(run.id, phase="exporting")
            finish(store, run)
        if status != "discarded" and store.requested(run.id) == "discard":  # asked for after the last step
            RunFolder(run.folder).discard()
            status, message = "discarded", DISCARDED
    except Exception as error:
        if team.is_lost(error):
            raise
        fault = known_fault(error, RunFolder(run.folder)) or error
        status, message = "failed", _said_of(fault)
    RunFolder(run.folder).room.unlink(missing_ok=True)
    store.end(run.id, status, message)
    if reraise and fault is not None:
        raise fault from None
    return store.get(run.id)


def _said_of(fault: Exception) -> str:
    if isinstance(fault, BuilderError):
        return str(fault)
    with suppress(OSError):  # the log may be on a full disk
        traceback.print_exception(fault)
    return f"Something of ours went wrong: {type(fault).__name__}: {fault}. The details are in the run's log.txt."


def _train(store: RunStore, run: Run, watch: Callable[[Watcher], Watcher], team: Team) -> tuple[Status, str]:
    """How it ended, and what is to be said of that."""
    folder = RunFolder(run.folder)
    folder.forget_torn()
    keep_room(folder.room)
    store.update(run.id, phase="preparing")
    ready = team.in_turn(lambda: _prepare(folder, team))
    start = ready.find_start(folder)
    team.agree(*_to_agree(start, ready))
    _write_down(folder, ready)
    store.update(run.id, phase="training")
    forget_after(folder, start.step)
    note_resume(folder, start.step)
    with (
        _memory(ready),
        EventWriter(folder, start.step, start.epoch) as events,
        TelemetryWriter(folder) as samples,
        loading(ready.examples, ready.project.training) as examples,
    ):
        watcher = RunWatcher(store, run.id, folder, events)
        trainer = Trainer(ready.project, ready.dataset.facts, examples, watch(watcher), team)
        _plan(events, trainer)
        start.bring(trainer)
        folder.forget_results()  # there will be others
        if not team.shares_state:  # no process has all weights
            trainer.look_inside(_telemetry(trainer, ready, samples))
        _run_through(trainer, watcher, folder)
    if trainer.stopped == "pause":
        return "paused", _where(trainer)
    if trainer.stopped == "discard":
        folder.discard()
        return "discarded", DISCARDED
    store.update(run.id, phase="evaluating")
    judge(folder, trainer, ready.dataset.facts, ready.examples)
    told = start.note, _why_early(trainer), _which_kept(trainer), batch_note(ready.project), ready.examples.note
    return "stopped" if trainer.stopped else "finished", " ".join(part for part in told if part)


def follow(folder: RunFolder, team: Team) -> None:
    """Trains along with the process that carries the run out. Raises: BuilderError."""
    torch.set_flush_denormal(True)
    ready = team.in_turn(lambda: _prepare(folder, team))
    start = ready.find_start(folder)
    own = _to_agree(start, ready)
    step, is_streamed = team.agree(*own)
    if step != own[0]:
        raise RunError("The processes of this run find other checkpoints. All nodes need the same STRATA_HOME, on a disk that they share.")  # fmt: skip
    if is_streamed != own[1]:
        raise RunError("Some nodes hold the rows in memory and some read them from disk, in another order. Take nodes with as much memory each.")  # fmt: skip
    with loading(ready.examples, ready.project.training) as examples:
        trainer = Trainer(ready.project, ready.dataset.facts, examples, TeamWatcher(team), team)
        start.bring(trainer)
        trainer.run()


def _to_agree(start: Starting, ready: Ready) -> tuple[float, float]:
    """What all processes of a run must have found alike."""
    return float(start.step), float(ready.row_order == "disk")


def _prepare(folder: RunFolder, team: Team) -> Ready:
    """Raises: BuilderError if the run cannot train."""
    project = folder.project
    dataset = prepare(project.data)
    report = require_trainable(project, dataset.facts, this_machine())
    device, way_out = device_of(project.training), "Make its layers or the batch size smaller."
    if not project.training.largest_batch:
        require_memory(team.memory_needed(report), "Training this model", way_out, free_on(device))
    make_repeatable(device)
    load = partial(
        load_examples, dataset, project.training.loss, project.training.seed, channels_last=project.training.channels_last
    )  # fmt: skip
    torch.set_num_threads(team.threads(thread_count(report.multiply_adds * project.training.batch_size)))
    if team.leads:
        project = with_found_batch(folder, project, dataset.facts, load)
    # As a process that resumes it will have them, from the first row on: another number may round differently.
    torch.set_num_threads(team.threads(thread_count(report.multiply_adds * project.training.batch_size)))
    return Ready(project, dataset, load())


def _memory(ready: Ready) -> AbstractContextManager[None]:
    """Of the machine as much as is free: a training that wants more ends in an error, and nothing else with it."""
    return limited_memory() if device_of(ready.project.training).type == "cpu" else nullcontext()


def _write_down(folder: RunFolder, ready: Ready) -> None:
    """What the run's figures rest on."""
    dataset, preprocessing = ready.dataset, ready.examples.preprocessing
    write_atomically(folder.data_content, dataset.content.encode())
    write_atomically(folder.row_order, ready.row_order.encode())
    write_atomically(folder.facts, dataset.facts.model_dump_json(indent=2).encode())
    write_atomically(folder.preprocessing, preprocessing.model_dump_json(indent=2).encode())


def _plan(events: EventWriter, trainer: Trainer) -> None:
    training, rows = trainer.training, len(trainer.examples.train_rows)
    measured = [metric.kind for metric in training.metrics_of_steps]
    events.plan(training.epochs, training.steps_per_epoch(rows), rows, measured)


def _telemetry(trainer: Trainer, ready: Ready, samples: TelemetryWriter) -> Telemetry:
    facts = ready.dataset.facts
    dead_units = DeadUnits(trainer.model, flat_model(ready.project, facts), facts.input_shape, ready.examples)
    return Telemetry(trainer.model, dead_units, trainer.step_rows, samples)


def _run_through(trainer: Trainer, watcher: RunWatcher, folder: RunFolder) -> None:
    """To its end; the best weights are on disk however it comes."""
    if trainer.best.epoch:  # the file may hold a later epoch's, or none
        watcher.improved(trainer.best)
    try:
        trainer.run()
    except NotFinite as error:
        raise RunError(f"{error}{_left(trainer, folder)}") from None
    finally:
        watcher.save()


def _left(trainer: Trainer, folder: RunFolder) -> str:
    """What there is to go on from where no epoch was whole before the weights broke."""
    found = checkpoint_files(folder)
    if trainer.best.kept_epoch or not found:
        return ""
    return (
        f" No epoch was whole yet; the checkpoint after step {int(found[-1].stem):,} can be forked with other settings."
    )


def _where(trainer: Trainer) -> str:
    position = trainer.position
    return f"Paused in epoch {position.epoch:,} of {trainer.training.epochs:,}, after step {position.step:,}."


def _which_kept(trainer: Trainer) -> str:
    """Of a run that keeps the last weights and ended within an epoch: those of the part of it are not kept."""
    position = trainer.position
    if trainer.training.keeps_best or not position.batch:
        return ""
    kept = trainer.best.kept_epoch
    return f"It ended in the middle of epoch {position.epoch}: the weights that are kept are those after epoch {kept}, the last whole one."  # fmt: skip


def _why_early(trainer: Trainer) -> str:
    gave_up_after, of_all = trainer.position.gave_up_after, f"of {trainer.training.epochs:,}"
    best = f"epoch {trainer.best.epoch:,} was the best."
    if trainer.ran_out_at is not None:
        done = math.ceil(trainer.ran_out_at)
        when = f"after epoch {done:,}" if done == trainer.ran_out_at else f"in epoch {done:,}"
        return f"The time budget of {trainer.training.time_budget_min:g} min ended it {when} {of_all}; {best}"
    if gave_up_after is None:
        return ""
    watched = trainer.patience.metric
    if watched != trainer.best.metric:
        best = f"{_named(watched)} no longer improved. By {_named(trainer.best.metric)} {best}"
    return f"Early stopping ended it after epoch {gave_up_after:,} {of_all}; {best}"


def _named(figure: str) -> str:
    return f"validation {METRICS[figure].label if figure in METRICS else figure}"
