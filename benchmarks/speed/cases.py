"""The models that are compared, as a user would draw them, each with its data."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.speed.made_data import Made, make_features, make_pictures, make_signals, write_pictures, write_table
from builder.catalogue.layers import (
    LSTM,
    LearnedPositionalEncoding,
    Linear,
    Mean,
    Reshape,
    TransformerEncoderLayer,
)
from builder.catalogue.losses import BCEWithLogits, CrossEntropy
from builder.catalogue.metrics import Accuracy
from builder.catalogue.optimizers import Adam
from builder.data.propose import propose
from builder.spec.data import Split
from builder.spec.model import ModelSpec
from builder.spec.project import Project
from builder.spec.sources import FileSource
from builder.spec.template import convolutional, dense, stack
from builder.spec.training import TrainingSpec

LR, HELD_OUT = 0.001, 1_000

PROPOSED_FROM = 500
"""Rows that are enough to tell the types of columns."""


@dataclass(frozen=True)
class Case:
    """`make` gives so many rows and the classes of each; so many epochs are trained, of which the first is not counted."""

    name: str
    title: str
    rows: int
    batch_size: int
    epochs: int
    model: ModelSpec
    make: Callable[[int], Made]
    write: Callable[[Made, Path], Path] = write_table
    classes: int = 10

    @property
    def held_out(self) -> int:
        """Rows that are validated after each epoch, and as many test rows that no peer sees."""
        return min(HELD_OUT, self.rows // 10)

    @property
    def total_rows(self) -> int:
        return self.rows + 2 * self.held_out


def _encoder() -> ModelSpec:
    block = TransformerEncoderLayer(nhead=4, dim_feedforward=256, dropout=0.0)
    places = LearnedPositionalEncoding(max_length=128)
    return stack(Reshape(), Linear(out_features=128), places, block, block, Mean(), Linear())


_ALL = (
    Case("mlp", "784-128-10, batch 128, 60,000 rows", 60_000, 128, 4, stack(*dense(128), Linear()), make_features(784)),
    Case("wide", "1000-128-64-10, batch 32, 10,000 rows", 10_000, 32, 5, stack(*dense(128, 64), Linear()), make_features(1000)),
    Case("table", "30-128-64-1, batch 32, 10,000 rows", 10_000, 32, 6, stack(*dense(128, 64), Linear()), make_features(30, 2), classes=2),
    Case("cnn", "conv 32, pool, conv 64, pool, 128, 10 on 28×28, batch 128, 6,400 rows", 6_400, 128, 3,
         stack(*convolutional(32, 64, hidden=128, dropout=0.0), Linear()), make_pictures(28), write_pictures),
    Case("lstm", "LSTM 64 on length 100, batch 64, 3,200 rows", 3_200, 64, 4,
         stack(Reshape(), LSTM(hidden_size=64), Linear()), make_signals(100, 4), classes=4),
    Case("transformer", "2 encoder blocks, width 128, length 128, batch 32, 1,280 rows", 1_280, 32, 3, _encoder(), make_signals(128, 4), classes=4),
)  # fmt: skip

CASES: dict[str, Case] = {case.name: case for case in _ALL}


def make_project(case: Case, folder: Path) -> Project:
    """Makes the case's data in the folder, and reads it as a user would have it after bringing it."""
    x, labels = case.make(case.total_rows)
    (folder / "few").mkdir()
    few = propose(FileSource(path=str(case.write((x[:PROPOSED_FROM], labels[:PROPOSED_FROM]), folder / "few"))))
    source = FileSource(path=str(case.write((x, labels), folder)))
    share = case.held_out / case.total_rows
    split = Split(train=1 - 2 * share, validation=share, test=share, stratify=False)
    loss = BCEWithLogits() if case.classes == 2 else CrossEntropy()
    training = TrainingSpec(
        loss=loss, optimizer=Adam(lr=LR), metrics=(Accuracy(),), epochs=case.epochs, batch_size=case.batch_size
    )
    data = few.model_copy(update={"source": source, "split": split})
    return Project(name=case.title, data=data, model=case.model, training=training)
