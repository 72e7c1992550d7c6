"""Made examples in memory, and a watcher that writes down what it is told."""

import torch
from torch import Tensor

from builder.data.preprocessing import TablePreprocessing
from builder.runs.run import Request
from builder.training.best import Best
from builder.training.examples import Examples
from builder.training.loop import Trainer
from builder.training.packing import pack, unpack
from builder.training.watching import Watcher
from tests.projects import TARGETS, facts_of


class MadeExamples(Examples):
    """60 training, 30 validation and 30 test rows whose target follows from four features and some noise."""

    is_augmented = False

    def __init__(self, task: str = "multiclass", takes_column: bool = False, scale: float = 1.0):
        random = torch.Generator().manual_seed(7)
        self.features = torch.randn(120, 4, generator=random) * scale
        score = self.features @ torch.tensor([1.0, -2.0, 0.5, 0.0]) + torch.randn(120, generator=random)
        classes = TARGETS[task]
        self.preprocessing = TablePreprocessing(numbers=(), categories=(), width=4, classes=classes)
        if classes:
            self.truth = torch.bucketize(score, torch.linspace(-1, 1, len(classes) + 1)[1:-1])
            self.targets = self.truth.float().unsqueeze(1) if takes_column else self.truth
        else:
            self.truth = self.targets = score.unsqueeze(1)
        self.train_rows, self.validation_rows, self.test_rows = torch.arange(120).split([60, 30, 30])

    def inputs(self, rows: Tensor) -> Tensor:
        return self.features[rows]


class Notes(Watcher):
    """A watcher; asks for a stop after the step `stop_at`."""

    def __init__(self, stop_at: int | None = None):
        self.stop_at = stop_at
        self.losses: list[float] = []
        self.epochs: list[dict] = []
        self.kept: list[int] = []

    def step(self, step: int, epoch: float, loss: float, elapsed_s: float) -> None:
        assert step == len(self.losses) + 1
        self.losses.append(loss)

    def epoch(self, record: dict) -> None:
        self.epochs.append(record)

    def improved(self, best: Best) -> None:
        self.kept.append(best.epoch)

    def should_stop(self) -> Request | None:
        return "stop" if len(self.losses) == self.stop_at else None


class Saving(Notes):
    """Keeps what a checkpoint after the step `stop_at` would hold, as it comes back from its file."""

    def should_stop(self):
        return "pause" if len(self.losses) == self.stop_at else None

    def could_save(self, trainer: Trainer, *, must: bool = False) -> None:
        if must:
            packed, tensors = pack(trainer.state())
            self.saved = unpack(packed, {name: tensor.clone() for name, tensor in tensors.items()})


def trainer_of(project, task: str = "multiclass", notes: Notes | None = None, **made) -> Trainer:
    examples = MadeExamples(task, project.training.loss.takes_column, **made)
    return Trainer(project, facts_of((4,), task, rows=60), examples, notes or Notes())
