"""One epoch of 784-128-10 on 60,000 rows, beside a loop written by hand; the two take turns."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from benchmarks.result import Result, result, timed
from builder.catalogue.layers import Linear
from builder.catalogue.losses import CrossEntropy
from builder.catalogue.metrics import Accuracy
from builder.catalogue.optimizers import AdamW
from builder.data.preprocessing import TablePreprocessing
from builder.data.propose import propose
from builder.spec.facts import DataFacts, RawInput
from builder.spec.project import Project
from builder.spec.sources import SampleSource
from builder.spec.templates import dense, stack
from builder.spec.training import TrainingSpec
from builder.training.examples import Examples
from builder.training.loop import Trainer
from builder.training.position import Position
from builder.training.watching import Watcher

ROWS, VALIDATION_ROWS, FEATURES, BATCH, LR, REPEATS = 60_000, 1_000, 784, 128, 0.001, 5
CLASSES = tuple(str(digit) for digit in range(10))


@dataclass
class MadeExamples(Examples):
    """Made pixels in memory, as the training has them after preprocessing."""

    x: Tensor
    targets: Tensor
    train_count: int = ROWS
    classes: tuple[str, ...] = CLASSES

    def __post_init__(self) -> None:
        self.truth, rows = self.targets, torch.arange(len(self.x))
        self.train_rows, self.validation_rows = rows[: self.train_count], rows[self.train_count :]
        self.test_rows = self.validation_rows
        width = self.x.shape[1]
        self.preprocessing = TablePreprocessing(numbers=(), categories=(), width=width, classes=self.classes)

    def inputs(self, rows: Tensor) -> Tensor:
        return self.x[rows]


def measure() -> Iterator[Result]:
    torch.set_flush_denormal(True)
    torch.manual_seed(0)
    examples = MadeExamples(
        torch.randn(ROWS + VALIDATION_ROWS, FEATURES), torch.randint(0, 10, (ROWS + VALIDATION_ROWS,))
    )
    ours = _trainer(examples)
    model = nn.Sequential(nn.Linear(FEATURES, 128), nn.ReLU(), nn.Linear(128, 10))
    optimizer = torch.optim.AdamW(model.parameters(), lr=LR, fused=True)
    by_hand_s, ours_s = [], []
    for _ in range(REPEATS):
        by_hand_s.append(timed(_epoch_by_hand, model, optimizer, examples))
        ours.position = Position()  # one epoch more
        ours_s.append(timed(ours.run))
    yield result("epoch of 60,000 × 784: a loop by hand", by_hand_s)
    yield result("epoch of 60,000 × 784: ours, with metrics and validation", ours_s)


def _epoch_by_hand(model: nn.Module, optimizer: torch.optim.Optimizer, examples: MadeExamples) -> None:
    loss_of = nn.CrossEntropyLoss()
    for rows in torch.randperm(ROWS).split(BATCH):
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(model(examples.x[rows]), examples.targets[rows])
        loss.backward()
        optimizer.step()


def _trainer(examples: MadeExamples) -> Trainer:
    training = TrainingSpec(
        loss=CrossEntropy(), optimizer=AdamW(lr=LR), metrics=(Accuracy(),), epochs=1, batch_size=BATCH
    )
    project = Project(data=propose(SampleSource(name="iris")), model=stack(*dense(128), Linear()), training=training)
    facts = DataFacts(
        input_shape=(FEATURES,), task="multiclass", target="digit", classes=CLASSES,
        row_counts=(ROWS, VALIDATION_ROWS, VALIDATION_ROWS), raw_inputs=(RawInput(name="x", dtype="float32"),),
    )  # fmt: skip
    return Trainer(project, facts, examples, Watcher())
