"""Trains for a moment to find something out: the project's own steps, without what only a whole training needs."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

from builder.catalogue.regularization import EarlyStopping
from builder.catalogue.schedulers import Constant
from builder.check.report import require_trainable
from builder.data.dataset import prepare
from builder.nn.threads import thread_count
from builder.runs.run import Request
from builder.spec.facts import DataFacts
from builder.spec.project import Project
from builder.spec.training import LOSS
from builder.training.examples import Examples, load_examples
from builder.training.watching import Watcher

VALIDATION_ROWS = 16

Tell = Callable[[float, str], None]
"""Told the share that is done, and what is being done."""


def prepared(project: Project) -> tuple[DataFacts, Examples]:
    """The data, ready to train on, and as many threads as a run would have. Raises: BuilderError if it cannot train."""
    dataset = prepare(project.data)
    report = require_trainable(project, dataset.facts)
    torch.set_num_threads(thread_count(report.multiply_adds * project.training.batch_size))
    training = project.training
    return dataset.facts, load_examples(dataset, training.loss, training.seed, channels_last=training.channels_last)


def trial_of(project: Project, **changes: Any) -> Project:
    """The project with these settings of its training, going on until a watcher ends it."""
    kept = tuple(item for item in project.training.regularization if not isinstance(item, EarlyStopping))
    endless = {
        "epochs": 100_000,
        "time_budget_min": None,
        "metrics": (),
        "best_by": LOSS,
        "best_direction": "auto",
        "regularization": kept,
        "scheduler": Constant(),
    }
    return project.model_copy(update={"training": project.training.model_copy(update=endless | changes)})


@contextmanager
def few_validation_rows(examples: Examples) -> Iterator[None]:
    """For trials whose validation nobody looks at."""
    all_rows = examples.validation_rows
    examples.validation_rows = all_rows[:VALIDATION_ROWS]
    try:
        yield
    finally:
        examples.validation_rows = all_rows


class TrialWatcher(Watcher):
    """Keeps loss and duration of each step; goes on until somebody else ends it."""

    def __init__(self) -> None:
        self._last = self._began = time.perf_counter()
        self.losses: list[float] = []
        self.seconds: list[float] = []

    def step(self, step: int, epoch: float, loss: float, elapsed_s: float) -> None:
        now = time.perf_counter()
        self.losses.append(loss)
        self.seconds.append(now - self._last)
        self._last = now

    @property
    def elapsed_s(self) -> float:
        return self._last - self._began


class StepsWatcher(TrialWatcher):
    """Ends after so many steps."""

    def __init__(self, most: int):
        super().__init__()
        self._most = most

    def should_stop(self) -> Request | None:
        return "discard" if len(self.losses) >= self._most else None
