"""Trains for a while with one learning rate and its neighbours, and moves on as long as a neighbour is clearly better."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from builder.errors import RunError
from builder.spec.facts import DataFacts
from builder.spec.project import Project
from builder.spec.training import LOSS
from builder.training.examples import Examples
from builder.training.loop import Trainer
from builder.training.trial import TrialWatcher

STEP = 10**0.5
"""From one candidate to the next."""
MOST = 5
PARTS = 10
"""The validation rows are looked at in so many parts, whose differences tell luck from a better rate."""
CLEAR = 2.0
"""Standard errors by which a candidate has to be better to be preferred."""

Try = Callable[[float], "Candidate | None"]
"""Trains with a learning rate; None if there is no time for one more than the first."""

Told = Callable[[int, float], None]
"""Told how many were tried, and the rate that is tried next."""


@dataclass(frozen=True)
class Candidate:
    """A learning rate, and the validation loss of each part of the rows after a training with it; infinite if it broke off."""

    lr: float
    losses: np.ndarray

    @property
    def loss(self) -> float:
        return float(self.losses.mean())

    def clearly_beats(self, other: "Candidate") -> bool:
        if not np.isfinite(self.losses).all():
            return False
        if not np.isfinite(other.losses).all():
            return True
        ahead = other.losses - self.losses
        return bool(ahead.mean() > CLEAR * ahead.std(ddof=1) / np.sqrt(len(ahead))) if len(ahead) > 1 else False


def race(first: float, highest: float, attempt: Try) -> list[Candidate]:
    """All candidates, the winner last: upwards from the first as long as that is clearly better, else downwards."""
    best = attempt(first)
    seen = [best]
    for factor in (STEP, 1 / STEP):
        while len(seen) < MOST and best.lr * factor < highest:
            tried = attempt(best.lr * factor)
            seen += [tried] if tried else []
            if tried is None or not tried.clearly_beats(best):
                break
            best = tried
        if best.lr != first:
            break
    return [one for one in seen if one is not best] + [best]


class Candidates:
    """Trains candidates alike, as the project says, for so many epochs; all of them in about so many seconds."""

    def __init__(self, project: Project, facts: DataFacts, examples: Examples, epochs: int, seconds: float, tell: Told):
        self._project, self._facts, self._examples, self._epochs = project, facts, examples, epochs
        self._tell, self._count, self._began, self._seconds = tell, 0, time.monotonic(), seconds

    def __call__(self, lr: float) -> Candidate | None:
        spent = time.monotonic() - self._began
        if self._count and spent * (self._count + 1) / self._count > self._seconds:
            return None
        self._tell(self._count, lr)
        self._count += 1
        return self._trained(lr)

    def _trained(self, lr: float) -> Candidate:
        training = self._project.training
        optimizer = training.optimizer.model_copy(update={"lr": lr})
        changed = training.model_copy(
            update={
                "optimizer": optimizer,
                "epochs": self._epochs,
                "best_by": LOSS,
                "best_direction": "auto",
                "time_budget_min": None,
            }
        )
        project = self._project.model_copy(update={"training": changed})
        trainer = Trainer(project, self._facts, self._examples, TrialWatcher())
        parts = _parts(self._examples.validation_rows)
        try:
            trainer.run()
        except RunError:  # the loss is no longer a number
            return Candidate(lr, np.full(len(parts), np.inf))
        return Candidate(lr, np.array([trainer.evaluate(rows)[LOSS] for rows in parts]))


def _parts(rows: Tensor) -> list[Tensor]:
    return list(rows.tensor_split(max(1, min(PARTS, len(rows) // 2))))
