"""Measures what a project costs: the memory and operations of a step, and its time by training for a moment."""

import time
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor

from builder.check.report import require_trainable
from builder.data.dataset import prepare
from builder.errors import RunError
from builder.nn.batches import epoch_batches
from builder.nn.threads import thread_count
from builder.runs.measured import Measurement
from builder.runs.memory import largest_batch, usable_bytes
from builder.runs.run import Request
from builder.spec.facts import DataFacts
from builder.spec.project import Project, validated
from builder.training.examples import Examples, load_examples
from builder.training.footprint import SavedTensors, footprint
from builder.training.loop import Trainer
from builder.training.penalties import weight_penalty
from builder.training.watching import Watcher

CALIBRATION_S = 1.5
WARM_UP_STEPS = 3
VALIDATION_S, FIRST_ROWS = 0.1, 64
"""So long a validation is timed, with ever more rows; the time of the others follows from theirs."""


def measure(payload: dict[str, Any]) -> dict[str, Any]:
    """The Measurement of `payload["project"]` as JSON. Raises: BuilderError if it cannot train."""
    return asdict(measure_project(validated(Project, payload["project"])))


def measure_project(project: Project) -> Measurement:
    """What the project costs on this machine. Raises: BuilderError if it cannot train."""
    dataset = prepare(project.data)
    report = require_trainable(project, dataset.facts)
    torch.set_num_threads(thread_count(report.multiply_adds * project.training.batch_size))
    examples = load_examples(
        dataset, project.training.loss, project.training.seed, channels_last=project.training.channels_last
    )
    return measure_on(project, dataset.facts, examples)


def measure_on(project: Project, facts: DataFacts, examples: Examples) -> Measurement:
    size, usable = project.training.batch_size, usable_bytes()
    step = footprint(project, facts, examples, size)
    fits = usable is None or step.fixed + step.saved <= usable
    saved = really_saved(project, facts, examples) if fits else step.saved
    step_s, rest_s = calibrate(project, facts, examples) if fits else (None, None)
    steps = len(epoch_batches(examples.train_rows, project.training.rows_per_step(len(examples.train_rows)), 0, 0))
    return Measurement(
        batch_size=size, parameters_bytes=step.parameters, gradients_bytes=step.gradients,
        optimizer_bytes=step.optimizer, saved_bytes=saved,
        forward_flops=step.forward_flops, backward_flops=step.backward_flops, usable_bytes=usable,
        largest_batch=None if usable is None else largest_batch(step.fixed, saved / size, usable),
        steps_per_epoch=steps, step_s=step_s, epoch_s=None if step_s is None else steps * step_s + rest_s,
    )  # fmt: skip


def really_saved(project: Project, facts: DataFacts, examples: Examples) -> int:
    """Bytes that the backward pass keeps of a batch, from a forward pass as the loop does it."""
    trainer, rows = Trainer(project, facts, examples, Stopwatch()), examples.train_rows
    rows = rows[torch.arange(project.training.batch_size) % len(rows)]
    x = trainer.examples.training_inputs(rows, epoch=1)
    targets = x if trainer.gives_back else trainer.examples.targets[rows]
    with SavedTensors(trainer.model.train()) as kept:
        trainer.loss(trainer.precision.forward_of(trainer.model)(x), targets)
        weight_penalty(project.training, trainer.model)
    return kept.size_bytes


def calibrate(project: Project, facts: DataFacts, examples: Examples) -> tuple[float | None, float | None]:
    """Seconds of a step, and of what comes after the steps of an epoch, from training for a moment."""
    validation = examples.validation_rows
    few = examples.validation_rows = validation[:FIRST_ROWS]
    endless = project.model_copy(update={"training": project.training.model_copy(update={"epochs": 100_000})})
    watch = Stopwatch()
    trainer = Trainer(endless, facts, examples, watch)
    with suppress(RunError):  # the loss is no longer a number: the steps until then were timed
        trainer.run()
    examples.validation_rows = validation
    if not watch.rest_s:
        return watch.step_s, 0.0
    rest_s = max(0.0, watch.rest_s - _timed(trainer, few))
    return watch.step_s, rest_s + validation_s(trainer, validation)


def validation_s(trainer: Trainer, rows: Tensor) -> float:
    """Seconds that all the rows take, from as many as can be tried in a moment."""
    count = FIRST_ROWS
    while (spent := _timed(trainer, rows[:count])) < VALIDATION_S and count < len(rows):
        count *= 4
    return spent * max(1.0, len(rows) / count)


def _timed(trainer: Trainer, rows: Tensor) -> float:
    began = time.perf_counter()
    trainer.evaluate(rows)
    return time.perf_counter() - began


class Stopwatch(Watcher):
    """A watcher that times a training and ends it soon."""

    def __init__(self) -> None:
        self._began = self._last = time.perf_counter()
        self._steps: list[float] = []
        self._rests: list[float] = []

    @property
    def step_s(self) -> float | None:
        """Mean, the first few left out: they warm up."""
        timed = self._steps[WARM_UP_STEPS:] or self._steps[-1:]
        return sum(timed) / len(timed) if timed else None

    @property
    def rest_s(self) -> float:
        """Of the last epoch: its validation, metrics and keeping of the best weights."""
        return self._rests[-1] if self._rests else 0.0

    def step(self, step: int, epoch: float, loss: float, elapsed_s: float) -> None:
        self._steps.append(self._lap())

    def epoch(self, record: dict) -> None:
        self._rests.append(self._lap())

    def should_stop(self) -> Request | None:
        return "stop" if time.perf_counter() - self._began > CALIBRATION_S else None

    def _lap(self) -> float:
        now, before = time.perf_counter(), self._last
        self._last = now
        return now - before
