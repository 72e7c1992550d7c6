"""Trains a checked project for one short epoch on made rows of the shape that its facts tell."""

import math

import torch
from torch import Tensor

from builder.data.preprocessing import TablePreprocessing
from builder.spec.facts import DataFacts
from builder.spec.project import Project
from builder.training.examples import Examples
from builder.training.loop import Trainer
from builder.training.watching import Watcher

ROWS = 6


class MadeExamples(Examples):
    """Random inputs with random targets, in the form that the loss takes."""

    def __init__(self, project: Project, facts: DataFacts):
        self.preprocessing = TablePreprocessing(numbers=(), categories=(), width=1, classes=facts.classes)
        self._inputs = torch.randn(2 * ROWS, *facts.input_shape)
        if facts.task == "reconstruction":
            self.targets = self.truth = self._inputs
        elif facts.task == "regression":
            self.targets = self.truth = torch.randn(2 * ROWS, 1)
        else:
            self.truth = torch.arange(2 * ROWS) % len(facts.classes)
            self.targets = self.truth[:, None].float() if project.training.loss.takes_column else self.truth
        self.train_rows, self.validation_rows = torch.arange(ROWS), torch.arange(ROWS, 2 * ROWS)
        self.test_rows = self.validation_rows

    def inputs(self, rows: Tensor) -> Tensor:
        return self._inputs[rows]


class Listener(Watcher):
    """Remembers the losses."""

    def __init__(self) -> None:
        self.losses: list[float] = []

    def step(self, step: int, epoch: float, loss: float, elapsed_s: float) -> None:
        self.losses.append(loss)


def train_briefly(project: Project, facts: DataFacts) -> list[float]:
    """The loss of every step of one epoch, after which weights have moved."""
    once = project.model_copy(update={"training": project.training.model_copy(update={"epochs": 1})})
    listener = Listener()
    trainer = Trainer(once, facts, MadeExamples(project, facts), listener)
    before = [weight.clone() for weight in trainer.model.parameters()]
    trainer.run()
    assert any(not torch.equal(old, new) for old, new in zip(before, trainer.model.parameters(), strict=True))
    assert listener.losses and all(math.isfinite(loss) for loss in listener.losses)
    return listener.losses
