"""Finds batch sizes by trial: doubles them, with real steps, until they no longer fit."""

import gc
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import torch

from builder.errors import RunError
from builder.runs.batch_search import BatchSearch, End, TriedBatch
from builder.runs.memory import LARGEST_BATCH
from builder.runs.run import Request
from builder.spec.facts import DataFacts
from builder.spec.project import Project, validated
from builder.training.examples import Examples
from builder.training.footprint import footprint
from builder.training.loop import Trainer
from builder.training.memory import is_out_of_memory
from builder.training.peak_memory import PeakMemory
from builder.training.trial import StepsWatcher, Tell, TrialWatcher, few_validation_rows, prepared, trial_of

FIRST = 8
SEARCH_S, TRIAL_S, LONGEST_TRIAL_S = 25.0, 0.4, 5.0
STEPS = 3
"""A trial takes so many steps at least, unless they take too long."""
LEAST_STEPS = 10
"""With fewer steps in an epoch a model learns little from it."""
COPIES = 2
"""Of all that goes into a checkpoint, while it becomes a file."""
NEARLY = 0.9
"""Share of the greatest speed that is quick enough."""


def find_batch(payload: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """The BatchSearch of `payload["project"]` as JSON. Raises: BuilderError if it cannot train."""
    return asdict(find_batch_of(validated(Project, payload["project"]), tell))


def find_batch_of(project: Project, tell: Tell) -> BatchSearch:
    """Raises: BuilderError if it cannot train, or if not even one row fits."""
    tell(0.0, "Preparing the data")
    return find_batch_on(project, *prepared(project), tell)


def find_batch_on(project: Project, facts: DataFacts, examples: Examples, tell: Tell) -> BatchSearch:
    search = BatchTrials(project, facts, examples)
    sizes = list(_sizes(len(examples.train_rows)))
    for number, size in enumerate(sizes):
        tell(number / len(sizes), f"Training a few steps with {size:,} rows each")
        if not search.fits(size):
            break
    if not search.tried:
        raise RunError(
            f"Not even {sizes[0]:,} rows at a time fit into the memory that is free. Make the model smaller."
        )
    return _concluded(search)


def largest_that_fits(project: Project, facts: DataFacts, examples: Examples) -> int:
    """The largest power of two of rows whose steps fit into memory and leave enough of them in an epoch."""
    training, rows = project.training, len(examples.train_rows)
    if not training.optimizer.is_full_batch:  # else batches are parts of one and the same step
        rows //= LEAST_STEPS * training.accumulation
    search = BatchTrials(project, facts, examples)
    for size in _sizes(rows):
        if not search.fits(size):
            break
    return search.tried[-1].size if search.tried else 1


def largest_below(size: int, project: Project, facts: DataFacts, examples: Examples) -> int:
    """The largest power of two below this size whose steps fit into memory; 0 if not a single row does.

    Beside them stays room for what a trial does without: the weights that are kept, and a checkpoint while it is written.
    """
    step = footprint(project, facts, examples, 1)
    room = torch.empty(COPIES * (2 * step.parameters + step.optimizer) + step.parameters, dtype=torch.uint8)
    search = BatchTrials(project, facts, examples)
    for fewer in _sizes(min(size - 1, len(examples.train_rows))):
        if not search.fits(fewer):
            break
    few = (fewer for fewer in (4, 2, 1) if fewer < size)
    found = search.tried[-1].size if search.tried else next((fewer for fewer in few if search.fits(fewer)), 0)
    del room
    return found


def _sizes(rows: int) -> Iterator[int]:
    size = min(FIRST, 1 << max(0, rows.bit_length() - 1))
    yield size
    while size * 2 <= min(rows, LARGEST_BATCH):
        size *= 2
        yield size


class BatchTrials:
    """Tries one size after another, each larger than the one before."""

    def __init__(self, project: Project, facts: DataFacts, examples: Examples):
        self._project, self._facts, self._examples = project, facts, examples
        self._peak: PeakMemory | None = None
        self._spent_s = self._last_s = 0.0
        self.tried: list[TriedBatch] = []
        self.end: End = "rows"

    @property
    def usable_bytes(self) -> int | None:
        return self._peak.usable_bytes if self._peak else None

    def fits(self, size: int) -> bool:
        """Whether steps of so many rows fit into memory and into the time; `end` says what was in the way."""
        if self._spent_s + 2 * self._last_s > SEARCH_S:
            self.end = "time"
        elif self._foreseen(size) or not self._tries(size):
            self.end = "memory"
        else:
            return True
        return False

    def _foreseen(self, size: int) -> bool:
        """Whether it takes too much if memory goes on growing as it did: it need not come so far."""
        if self.usable_bytes is None or len(self.tried) < 2:
            return False
        before, last = self.tried[-2:]
        if before.memory_bytes is None or last.memory_bytes is None:
            return False
        row_bytes = (last.memory_bytes - before.memory_bytes) / (last.size - before.size)
        return last.memory_bytes + row_bytes * (size - last.size) > self.usable_bytes

    def _tries(self, size: int) -> bool:
        try:
            self.tried.append(self._trial(size))
        except Exception as error:
            if not is_out_of_memory(error):
                raise
        else:
            return True
        gc.collect()  # what the trial held, now that its error is forgotten
        torch.cuda.empty_cache()  # nothing where there is no card
        return False

    def _trial(self, size: int) -> TriedBatch:
        if self._peak is None:
            self._run(size, StepsWatcher(1))  # the first step of a process loads what no later one has to
        watcher, rows, began = _TimedWatcher(), len(self._examples.train_rows), time.monotonic()
        training = self._run(size, watcher).training
        self._last_s = time.monotonic() - began
        self._spent_s += self._last_s
        if not watcher.seconds:
            raise RunError(
                "The loss is no number from the first step on, so no step can be timed. Lower the learning rate."
            )
        rows_per_s = min(training.rows_per_step(rows), rows) / watcher.step_s
        return TriedBatch(size, rows_per_s, self._peak.size_bytes, training.steps_per_epoch(rows))

    def _run(self, size: int, watcher: TrialWatcher) -> Trainer:
        with few_validation_rows(self._examples):
            trainer = Trainer(
                trial_of(self._project, batch_size=size, accumulation=1), self._facts, self._examples, watcher
            )
            self._peak = self._peak or PeakMemory(next(trainer.model.parameters()).device)
            with suppress(RunError):  # the loss is no longer a number: the steps until then were timed
                trainer.run()
        return trainer


class _TimedWatcher(TrialWatcher):
    @property
    def step_s(self) -> float:
        """That of a quick one: what else the machine does slows the others. The first warms up."""
        timed = sorted(self.seconds[1:] or self.seconds)
        return timed[len(timed) // 4]

    def should_stop(self) -> Request | None:
        is_enough = len(self.seconds) > STEPS and self.elapsed_s > TRIAL_S
        return "discard" if is_enough or self.elapsed_s > LONGEST_TRIAL_S else None


def _concluded(search: BatchTrials) -> BatchSearch:
    sensible = [one for one in search.tried if one.steps_per_epoch >= LEAST_STEPS] or search.tried[:1]
    most = max(one.rows_per_s for one in sensible)
    quickest = next(one for one in sensible if one.rows_per_s >= NEARLY * most)
    return BatchSearch(
        tried=tuple(search.tried), end=search.end, usable_bytes=search.usable_bytes, quickest=quickest.size,
        reason=_reason(quickest, search.tried),
    )  # fmt: skip


def _reason(quickest: TriedBatch, tried: list[TriedBatch]) -> str:
    most = max(tried, key=lambda one: one.rows_per_s)
    steps = f"{quickest.steps_per_epoch:,} step{'s' if quickest.steps_per_epoch != 1 else ''} in an epoch"
    speed = f"Batches of {quickest.size:,} go through {quickest.rows_per_s:,.0f} rows a second and leave {steps}"
    if most.size <= quickest.size:
        return f"{speed}: no other size is quicker."
    if quickest.rows_per_s >= NEARLY * most.rows_per_s:
        return f"{speed}; larger ones are hardly quicker and learn less from each row."
    return f"{speed}; {most.size:,} would be quicker, but leave fewer than {LEAST_STEPS} steps, from which a model learns slowly."
