"""A table of 10 million rows and 30 features, sorted by class: import and training in bounded memory, and how well it is shuffled.

`python -m benchmarks.big_table PATH [ROWS]` writes the table alone, as Parquet, or as CSV if PATH ends so.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow.csv import CSVWriter

from benchmarks.result import Result
from builder.catalogue.activations import ReLU
from builder.catalogue.layers import Linear
from builder.catalogue.losses import CrossEntropy
from builder.catalogue.metrics import Accuracy
from builder.runs.events import EventReader
from builder.runs.folder import RunFolder
from builder.runs.launch import ALLOCATOR, THREADS
from builder.runs.store import open_store
from builder.spec.project import Project, load_project
from builder.spec.templates import stack
from builder.spec.training import TrainingSpec

ROWS, CSV_ROWS, SHUFFLED_ROWS = 10_000_000, 1_000_000, 1_000_000
FEATURES, CLASSES, CHUNK = 30, 5, 250_000
MOST_MB = 1500
BATCH = 1024
LOOKS_AT_STEP, SEEDS = (100, 300, 600), (0, 1, 2)
MODEL = stack(Linear(out_features=128, activation=ReLU()), Linear(out_features=64, activation=ReLU()), Linear())


def measure() -> Iterator[Result]:
    with tempfile.TemporaryDirectory(prefix="strata-bench-") as folder:
        yield from _import_and_train(write_table(Path(folder) / "big.parquet", ROWS), ROWS)
        yield from _import(write_table(Path(folder) / "big.csv", CSV_ROWS), CSV_ROWS)
        yield from _shuffles(write_table(Path(folder) / "sorted.parquet", SHUFFLED_ROWS))


def write_table(path: Path, rows: int) -> Path:
    """Numbers around two places for each class, so that classes overlap; all rows of a class stand together."""
    centers = np.random.default_rng(0).normal(size=(CLASSES, 2, FEATURES)) * 0.4
    names = [f"f{at:02}" for at in range(FEATURES)]
    schema = pa.schema([*((name, pa.float64()) for name in names), ("class", pa.string())])
    writer = (CSVWriter if path.suffix == ".csv" else pq.ParquetWriter)(path, schema)
    for start in range(0, rows, CHUNK):
        random, count = np.random.default_rng([1, start]), min(CHUNK, rows - start)
        labels = (np.arange(start, start + count) * CLASSES) // rows
        values = centers[labels, random.integers(0, 2, count)] + random.normal(size=(count, FEATURES))
        columns = [*values.round(3).T, np.array([f"class {place}" for place in range(CLASSES)])[labels]]
        writer.write_table(pa.table([pa.array(column) for column in columns], schema=schema))
    writer.close()
    return path


def _import_and_train(table: Path, rows: int) -> Iterator[Result]:
    project = table.with_suffix(".json")
    yield from _import(table, rows)
    run = open_store().create(_with_training(load_project(project)), base=table.parent)
    _, peak_mb = _watched(["builder.training.worker", str(run.folder)], {**ALLOCATOR, **THREADS})
    ended = open_store().get(run.id)
    if ended.status != "finished":
        raise RuntimeError(ended.message)
    folder = RunFolder(run.folder)
    epoch, certificate = EventReader(folder).read().epochs[-1], json.loads(folder.certificate.read_bytes())
    accuracy = next(
        m["value"] for m in json.loads(folder.evaluation.read_bytes())["metrics"] if m["kind"] == "Accuracy"
    )
    yield _figure(f"{rows:,} rows: trained from disk, batch {BATCH}", epoch["rows_per_s"], "rows/s")
    yield _figure(f"{rows:,} rows: run from start to end", ended.ended_at - ended.started_at, "s")
    yield _figure(f"{rows:,} rows: most memory of the run, evaluation and export with it", peak_mb, "MB", MOST_MB)
    yield _figure(f"{rows:,} rows: test accuracy", accuracy, "")
    yield _figure(f"{rows:,} rows: raw rows with which the ONNX file was proven", certificate["rows"] * certificate["passed"], "rows")  # fmt: skip


def _import(table: Path, rows: int) -> Iterator[Result]:
    """Read, typed, split, fitted, looked through for warnings: all that the command `new` does."""
    command = ["builder", "new", "--data", str(table), "--target", "class", "-o", str(table.with_suffix(".json"))]
    seconds, peak_mb = _watched(command)
    kind = table.suffix[1:]
    yield _figure(f"{rows:,} rows: {kind} imported and looked through", rows / seconds, "rows/s")
    yield _figure(f"{rows:,} rows: most memory of the {kind} import", peak_mb, "MB", MOST_MB)


def _watched(command: Sequence[str], settings: dict[str, str] | None = None) -> tuple[float, float]:
    """Seconds that a module of ours took as a process of its own, and the MB that were resident at most."""
    began = time.perf_counter()
    child = subprocess.Popen([sys.executable, "-m", *command], env={**(settings or {}), **os.environ})
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}")
    return time.perf_counter() - began, used.ru_maxrss * 1024 / 1e6


def _with_training(project: Project, **changes) -> Project:
    training = TrainingSpec(loss=CrossEntropy(), metrics=(Accuracy(),), epochs=1, batch_size=BATCH)
    return project.model_copy(update={"model": MODEL, "training": training.model_copy(update=changes)})


def _shuffles(table: Path) -> Iterator[Result]:
    """Validation accuracy after some steps, for three ways to order the rows."""
    import torch

    from builder.data.dataset import prepare
    from builder.data.propose import propose
    from builder.spec.sources import FileSource
    from builder.training import examples, row_file

    row_file.BLOCK_BYTES //= ROWS // SHUFFLED_ROWS  # as many blocks as the large table has
    torch.set_num_threads(1)
    data = propose(FileSource(path=str(table)), target="class")
    in_memory = examples.TableExamples(prepare(data), CrossEntropy())
    os.environ["STRATA_TABLE_MB"] = "1"
    facts = (dataset := prepare(data)).facts
    streamed = examples.StreamedTableExamples(dataset, CrossEntropy())
    as_sorted = examples.TableExamples(dataset, CrossEntropy())
    as_sorted.order = lambda seed, epoch: as_sorted.train_rows
    project = _with_training(Project(data=data, model=MODEL, training=TrainingSpec(loss=CrossEntropy())))
    for name, taken in (("blocks from disk", streamed), ("all in memory", in_memory), ("as sorted", as_sorted)):
        found = np.array([_accuracies(project, facts, taken, seed) for seed in SEEDS])
        for step, accuracies in zip(LOOKS_AT_STEP, found.T, strict=True):
            middle, least = float(np.median(accuracies)), float(accuracies.min())
            yield Result(f"sorted by class, {name}: accuracy after {step} steps", middle, least, "", len(SEEDS))


def _accuracies(project: Project, facts, taken, seed: int) -> list[float]:
    import torch

    from builder.training.loop import Trainer
    from builder.training.watching import Watcher

    rows = taken.validation_rows[:: max(1, len(taken.validation_rows) // 20_000)]
    found: list[float] = []

    class Looks(Watcher):
        def should_stop(self):
            return "discard" if len(found) == len(LOOKS_AT_STEP) else None

        def step(self, step, epoch, loss, elapsed_s):
            if step in LOOKS_AT_STEP:
                with torch.no_grad():
                    answers = trainer.model.eval()(taken.inputs(rows)).argmax(1)
                trainer.model.train()
                found.append((answers == taken.truth[rows]).double().mean().item())

    trainer = Trainer(_with_training(project, seed=seed), facts, taken, Looks())
    trainer.run()
    return found


def _figure(name: str, value: float, unit: str, goal: float | None = None) -> Result:
    return Result(name, round(value, 4), round(value, 4), unit, 1, goal)


if __name__ == "__main__":
    write_table(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else ROWS)
