"""What looking inside a training costs: the same training with and without it, taking turns.

Processor time, on one thread: what else runs on the machine changes the time on the wall by more than a fiftieth.
"""

import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from benchmarks.epoch import MadeExamples
from benchmarks.result import Result, result, timed
from builder.catalogue.activations import ReLU
from builder.catalogue.layers import Linear
from builder.catalogue.losses import BCEWithLogits, CrossEntropy
from builder.catalogue.metrics import Accuracy
from builder.catalogue.optimizers import AdamW
from builder.data.propose import propose
from builder.runs.folder import RunFolder
from builder.runs.peeks import flat_model
from builder.runs.telemetry import TelemetryWriter
from builder.spec.facts import DataFacts, RawInput
from builder.spec.project import Project
from builder.spec.sources import SampleSource
from builder.spec.templates import stack
from builder.spec.training import TrainingSpec
from builder.training.dead_units import DeadUnits
from builder.training.layer_figures import LayerFigures
from builder.training.loop import Trainer
from builder.training.machine_use import MachineUse
from builder.training.telemetry import EVERY_S, SHARE, Telemetry
from builder.training.watching import Watcher

REPEATS, LOOKS, VALIDATION_ROWS = 9, 100, 1_000


@dataclass(frozen=True)
class Case:
    """So many epochs make a training of a second or two: its start, when looks are most frequent."""

    name: str
    features: int
    hidden: int
    classes: tuple[str, ...]
    rows: int
    batch_size: int
    epochs: int


CASES = (
    Case("30-128-64-1, batch 32, 10,000 rows", 30, 64, ("no", "yes"), 10_000, 32, 10),
    Case("784-128-10, batch 128, 60,000 rows", 784, 0, tuple("0123456789"), 60_000, 128, 2),
)


def measure() -> Iterator[Result]:
    torch.set_flush_denormal(True)
    torch.set_num_threads(1)
    for case in CASES:
        yield from _compare(case)


def _compare(case: Case) -> Iterator[Result]:
    torch.manual_seed(0)
    count = case.rows + VALIDATION_ROWS
    targets = torch.randint(0, len(case.classes), (count,))
    examples = MadeExamples(torch.randn(count, case.features), targets, case.rows, case.classes)
    if len(case.classes) == 2:
        examples.targets = targets.float().unsqueeze(1)
    without_s, with_s = [], []
    for _ in range(REPEATS):
        without_s.append(_busy_s(_trainer(case, examples)))
        with tempfile.TemporaryDirectory() as folder, TelemetryWriter(RunFolder(Path(folder))) as samples:
            with_s.append(_busy_s(_watched(case, examples, samples)))
    yield result(f"{case.name}: not looked into", without_s)
    yield result(f"{case.name}: looked into", with_s)
    yield result(f"{case.name}: one look", list(_looks_s(case, examples)), "ms", 1e3 * SHARE * EVERY_S)
    ratios = [seen / unseen for seen, unseen in zip(with_s, without_s, strict=True)]
    goal = 1 + SHARE
    yield Result(f"{case.name}: ratio", round(statistics.median(ratios), 4), round(min(ratios), 4), "×", REPEATS, goal)


def _looks_s(case: Case, examples: MadeExamples) -> Iterator[float]:
    """All that one look does, by itself; the share that looks may take allows for it once in a second."""
    trainer = _trainer(case, examples)
    layers, dead_units = LayerFigures(trainer.model), _dead_units(case, trainer, examples)
    machine = MachineUse(torch.device("cpu"))

    def look(samples: TelemetryWriter) -> None:
        layers.before_update()
        found = layers.after_update()
        samples.append(machine.look() | {"layers": found, "dead": dead_units.shares()})

    with tempfile.TemporaryDirectory() as folder, TelemetryWriter(RunFolder(Path(folder))) as samples:
        for _ in range(LOOKS):
            yield timed(look, samples)


def _busy_s(trainer: Trainer) -> float:
    began = time.process_time()
    trainer.run()
    return time.process_time() - began


def _watched(case: Case, examples: MadeExamples, samples: TelemetryWriter) -> Trainer:
    trainer = _trainer(case, examples)
    dead_units = _dead_units(case, trainer, examples)
    trainer.look_inside(Telemetry(trainer.model, dead_units, trainer.step_rows, samples))
    return trainer


def _dead_units(case: Case, trainer: Trainer, examples: MadeExamples) -> DeadUnits:
    facts = _facts(case)
    return DeadUnits(trainer.model, flat_model(_project(case), facts), facts.input_shape, examples)


def _trainer(case: Case, examples: MadeExamples) -> Trainer:
    return Trainer(_project(case), _facts(case), examples, Watcher())


def _project(case: Case) -> Project:
    widths = [width for width in (128, case.hidden) if width]
    layers = [Linear(out_features=width, activation=ReLU()) for width in widths]
    loss = BCEWithLogits() if len(case.classes) == 2 else CrossEntropy()
    training = TrainingSpec(
        loss=loss, optimizer=AdamW(), metrics=(Accuracy(),), epochs=case.epochs, batch_size=case.batch_size
    )
    return Project(data=propose(SampleSource(name="iris")), model=stack(*layers, Linear()), training=training)


def _facts(case: Case) -> DataFacts:
    task = "binary" if len(case.classes) == 2 else "multiclass"
    return DataFacts(
        input_shape=(case.features,), task=task, target="class", classes=case.classes,
        row_counts=(case.rows, VALIDATION_ROWS, VALIDATION_ROWS), raw_inputs=(RawInput(name="x", dtype="float32"),),
    )  # fmt: skip
