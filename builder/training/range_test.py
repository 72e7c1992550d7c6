"""Raises the learning rate with each step until the loss diverges: the range test (Smith 2015, arXiv:1506.01186)."""

import time
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

import numpy as np

from builder.errors import RunError
from builder.runs.run import Request
from builder.spec.facts import DataFacts
from builder.spec.project import Project
from builder.training.examples import Examples
from builder.training.loop import Trainer
from builder.training.trial import StepsWatcher, Tell, few_validation_rows, trial_of

LOWEST, HIGHEST = 1e-6, 10.0
"""Between them lie all rates that are of use; a project may not say a higher one."""
MOST_POINTS, FEWEST_POINTS = 120, 40
SWEEPS, SWEEPS_S = 4, 8.0
"""Sweeps from other first weights and in another order, as many of them as this time allows."""
TIMED_STEPS, WARM_UP_STEPS = 6, 3
RECENT = 5


class RangeTest(NamedTuple):
    """Learning rates, evenly on a log scale (points,), and the loss that each step found (sweeps, points).

    What comes after the divergence of a sweep is NaN.
    """

    lrs: np.ndarray
    losses: np.ndarray
    step_s: float


def range_test(project: Project, facts: DataFacts, examples: Examples, tell: Tell) -> RangeTest:
    """As many sweeps as time allows, one at least."""
    step_s, began = _step_s(project, facts, examples), time.monotonic()
    lrs = np.geomspace(LOWEST, HIGHEST, int(np.clip(SWEEPS_S / step_s, FEWEST_POINTS, MOST_POINTS)))
    found: list[np.ndarray] = []
    while len(found) < SWEEPS and (time.monotonic() - began) * (len(found) + 1) <= SWEEPS_S * max(len(found), 1):
        tell(len(found) / SWEEPS, f"Sweep {len(found) + 1}: the learning rate rises until the loss diverges")
        losses = sweep(project, facts, examples, lrs, len(found))
        found.append(np.array(losses + [np.nan] * (len(lrs) - len(losses))))
    return RangeTest(lrs, np.array(found), step_s)


def sweep(project: Project, facts: DataFacts, examples: Examples, lrs: Sequence[float], number: int) -> list[float]:
    """The loss at each of these learning rates, one step for each, until it diverges."""
    watcher = _SweepWatcher(lrs)
    with suppress(RunError):  # the loss is no longer a number
        _run(project, facts, examples, number, watcher)
    return watcher.losses


def _step_s(project: Project, facts: DataFacts, examples: Examples) -> float:
    """Seconds of a step, from a few at the lowest rate."""
    watcher = _RisingWatcher([LOWEST] * TIMED_STEPS)
    _run(project, facts, examples, 0, watcher)
    return float(np.median(watcher.seconds[WARM_UP_STEPS:]))


def _run(project: Project, facts: DataFacts, examples: Examples, number: int, watcher: StepsWatcher) -> None:
    seed = (project.training.seed + number) % 2**31
    with few_validation_rows(examples):
        Trainer(trial_of(project, seed=seed), facts, examples, watcher).run()


class _RisingWatcher(StepsWatcher):
    """Gives each step its own learning rate."""

    def __init__(self, lrs: Sequence[float]):
        super().__init__(len(lrs))
        self._lrs = lrs

    def asked_lr(self, step: int, epoch: float) -> float:
        return float(self._lrs[step - 1])


class _SweepWatcher(_RisingWatcher):
    """Ends the sweep once it has diverged."""

    def __init__(self, lrs: Sequence[float]):
        super().__init__(lrs)
        self._lowest = np.inf

    def step(self, step: int, epoch: float, loss: float, elapsed_s: float) -> None:
        super().step(step, epoch, loss, elapsed_s)
        if len(self.losses) >= RECENT:
            self._lowest = min(self._lowest, self._recent)

    def should_stop(self) -> Request | None:
        return "discard" if self._has_diverged else super().should_stop()

    @property
    def _recent(self) -> float:
        return float(np.mean(self.losses[-RECENT:]))

    @property
    def _has_diverged(self) -> bool:
        """Whether it rose above where it began by more than it fell, and by as much as it was: single batches differ."""
        if len(self.losses) < 2 * RECENT:
            return False
        start = float(np.mean(self.losses[:RECENT]))
        return self._recent - start > max(start - self._lowest, abs(start))
