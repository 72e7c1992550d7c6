"""What looking inside a training costs: the same training with and without it, taking turns, for each model of speed.

Processor time, on one thread: what else runs on the machine changes the time on the wall by more than a fiftieth.
STRATA_BENCH_CASES names some of the models, with commas between.
"""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from benchmarks.result import Result, result, timed
from benchmarks.speed.cases import CASES, Case, make_project
from benchmarks.speed.chosen import chosen
from builder.data.dataset import ImageDataset, TableDataset, prepare
from builder.runs.folder import RunFolder
from builder.runs.peeks import flat_model
from builder.runs.telemetry import TelemetryWriter
from builder.spec.project import Project
from builder.training.dead_units import DeadUnits
from builder.training.examples import Examples, load_examples
from builder.training.layer_figures import LayerFigures
from builder.training.loop import Trainer
from builder.training.machine_use import MachineUse
from builder.training.telemetry import EVERY_S, SHARE, Telemetry
from builder.training.watching import Watcher

REPEATS, LOOKS, GOAL = 7, 50, 1.03
SIZES = {
    "mlp": (20_000, 4), "wide": (10_000, 3), "table": (10_000, 8), "cnn": (1_280, 2), "lstm": (1_280, 4), "transformer": (320, 3),
}  # fmt: skip
"""Rows and epochs that make a training of a second or two: its start, when looks are most frequent."""


@dataclass(frozen=True)
class Subject:
    """All that a training is made of."""

    project: Project
    dataset: TableDataset | ImageDataset
    examples: Examples

    def trainer(self) -> Trainer:
        return Trainer(self.project, self.dataset.facts, self.examples, Watcher())

    def watched(self, samples: TelemetryWriter) -> Trainer:
        trainer = self.trainer()
        trainer.look_inside(Telemetry(trainer.model, self.dead_units(trainer), trainer.step_rows, samples))
        return trainer

    def dead_units(self, trainer: Trainer) -> DeadUnits:
        facts = self.dataset.facts
        return DeadUnits(trainer.model, flat_model(self.project, facts), facts.input_shape, self.examples)


def measure() -> Iterator[Result]:
    torch.set_flush_denormal(True)
    torch.set_num_threads(1)
    for name in chosen("STRATA_BENCH_CASES", tuple(CASES)):
        rows, epochs = SIZES[name]
        with tempfile.TemporaryDirectory(prefix="strata-bench-") as folder:
            yield from _compare(replace(CASES[name], rows=rows, epochs=epochs), Path(folder))


def _compare(case: Case, folder: Path) -> Iterator[Result]:
    project = make_project(case, folder)
    dataset = prepare(project.data)
    subject = Subject(project, dataset, load_examples(dataset, project.training.loss, project.training.seed))
    without_s, with_s = [], []
    for _ in range(REPEATS):
        without_s.append(_busy_s(subject.trainer()))
        with tempfile.TemporaryDirectory() as run, TelemetryWriter(RunFolder(Path(run))) as samples:
            with_s.append(_busy_s(subject.watched(samples)))
    yield result(f"{case.name}: not looked into", without_s)
    yield result(f"{case.name}: looked into", with_s)
    yield result(f"{case.name}: one look", list(_looks_s(subject)), "ms", 1e3 * SHARE * EVERY_S)
    least = min(with_s) / min(without_s)  # what else runs on the machine only ever adds
    yield Result(f"{case.name}: ratio", round(least, 4), round(least, 4), "×", REPEATS, GOAL)


def _looks_s(subject: Subject) -> Iterator[float]:
    """All that one look does, by itself; the share that looks may take allows for it once in a second."""
    trainer = subject.trainer()
    layers, dead_units = LayerFigures(trainer.model), subject.dead_units(trainer)
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
