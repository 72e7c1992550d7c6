"""Commands that steer a run: pause, resume, stop, discard, continue, fork, another learning rate."""

import argparse
import json
from collections.abc import Callable
from typing import Any

from builder.commands.here import carry_out_here
from builder.commands.runs import tell_end
from builder.errors import RunError
from builder.runs import control
from builder.runs.checkpoints import checkpoints
from builder.runs.folder import RunFolder
from builder.runs.run import Run
from builder.runs.store import open_store
from builder.spec.project import validated
from builder.spec.training import TrainingSpec


def pause(arguments: argparse.Namespace) -> None:
    run = _steerable(arguments.run)
    if run.status == "queued":
        raise RunError(f"Run {run.id} waits for its turn and cannot be paused. Stop it, and train again later.")
    if run.phase in ("evaluating", "exporting"):
        raise RunError(f"The training of run {run.id} is over: it is measured and exported, and cannot be paused.")
    control.pause(run.id)
    print(f"Run {run.id} pauses after its current batch; `python -m builder resume {run.id}` goes on with it.")


def stop(arguments: argparse.Namespace) -> None:
    run = control.stop(_steerable(arguments.run, "paused").id)
    said = {
        "cancelled": f"Run {run.id} is cancelled.",
        "queued": f"Run {run.id} goes on only to measure and export its best weights.",
    }  # fmt: skip
    print(said.get(run.status, f"Run {run.id} stops after its current batch."))


def discard(arguments: argparse.Namespace) -> None:
    run = control.discard(open_store().get(arguments.run).id)
    print(f"Run {run.id} ends after its current batch." if run.is_active else f"Run {run.id} is {run.status}.")


def set_lr(arguments: argparse.Namespace) -> None:
    store = open_store()
    store.reconcile()  # one whose process was killed does not hear
    run = store.get(arguments.run)
    control.set_lr(run.id, arguments.lr)
    print(f"Run {run.id} learns at {arguments.lr:g} from its next step on.")


def show_checkpoints(arguments: argparse.Namespace) -> None:
    run = open_store().get(arguments.run)
    found = checkpoints(RunFolder(run.folder))
    if not found:
        raise RunError(f"Run {run.id} has no checkpoints.")
    for checkpoint in found:
        figure = "" if checkpoint.figure is None else f"  validation {checkpoint.metric} {checkpoint.figure:.4f}"
        print(f"step {checkpoint.step:>8}  epoch {checkpoint.epoch:>8.2f}{figure}{'  best' * checkpoint.is_best}")


def resume(arguments: argparse.Namespace) -> None:
    run = open_store().get(arguments.run)
    _carry_out(arguments, lambda: control.resume(run.id, "running"))


def continue_run(arguments: argparse.Namespace) -> None:
    run = open_store().get(arguments.run)
    _carry_out(arguments, lambda: control.continue_for(run.id, arguments.epochs, "running"))


def fork(arguments: argparse.Namespace) -> None:
    run = open_store().get(arguments.run)
    training = _changed(RunFolder(run.folder).project.training, arguments.set)
    step = arguments.step
    if step is None:
        found = checkpoints(RunFolder(run.folder))
        if not found:
            raise RunError(f"Run {run.id} has no checkpoint to start from. Train again.")
        step = found[-1].step
    _carry_out(arguments, lambda: control.fork(run.id, step, training, status="running"))


def _carry_out(arguments: argparse.Namespace, begin: Callable[[], Run]) -> None:
    tell_end(carry_out_here(begin, tell=not arguments.json), as_json=arguments.json)


def _steerable(run_id: str, *others: str) -> Run:
    store = open_store()
    store.reconcile()  # one whose process was killed does not hear
    run = store.get(run_id)
    if not run.is_active and run.status not in others:
        raise RunError(f"Run {run.id} has ended already: {run.status}.")
    return run


def _changed(training: TrainingSpec, settings: list[str]) -> TrainingSpec:
    """`settings` are `optimizer.lr=0.01`. Raises: RunError, SpecError."""
    document = training.model_dump(mode="json")
    for setting in settings:
        path, is_set, text = setting.partition("=")
        *outer, name = path.split(".")
        place: Any = document
        for part in outer:
            place = place.get(part) if isinstance(place, dict) else None
        if not is_set or not isinstance(place, dict):
            raise RunError(f"{setting!r} is no setting of the training. Write it as optimizer.lr=0.01 or epochs=80.")
        place[name] = _value(text)
    return validated(TrainingSpec, document)


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:  # a word
        return text
