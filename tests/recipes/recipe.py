"""Trains a project with several seeds and lets onnxruntime alone answer for its test rows."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from builder.data.dataset import ImageDataset, prepare
from builder.data.uploads import resolve
from builder.evaluation.report import metric_values
from builder.export.finish import export_run
from builder.runs.folder import RunFolder
from builder.runs.store import open_store
from builder.spec.project import Project
from builder.training.session import carry_out

SEEDS = (0, 1, 2)
MOST_CPU_S = 60
ONNX_ALONE = Path(__file__).with_name("onnx_alone.py")


@dataclass(frozen=True)
class Recipe:
    """What a project reaches at least: the mean of its test metrics over the seeds."""

    name: str
    bounds: Mapping[str, float]

    def within(self, margin: float) -> dict[str, float]:
        return {kind: bound - margin for kind, bound in self.bounds.items()}


def means_of_seeds(project: Project, folder: Path, seeds: Sequence[int] = SEEDS) -> dict[str, float]:
    """Test metrics; the seed deals the rows as well as the first weights. Every export must stand on its own."""
    reports = [_trained(seeded(project, seed), folder) for seed in seeds]
    return {kind: statistics.mean(report[kind] for report in reports) for kind in reports[0]}


def assert_reaches(means: dict[str, float], bounds: Mapping[str, float]) -> None:
    reached = {kind: means[kind] for kind in bounds}
    print(reached)  # pytest shows it with -rP
    assert all(reached[kind] >= bound for kind, bound in bounds.items()), (reached, bounds)


def seeded(project: Project, seed: int) -> Project:
    data = project.data.model_copy(update={"split": project.data.split.model_copy(update={"seed": seed})})
    return project.model_copy(update={"data": data, "training": project.training.model_copy(update={"seed": seed})})


def _trained(project: Project, folder: Path) -> dict[str, float]:
    store, began = open_store(), time.process_time()
    run = carry_out(store, store.create(project, base=folder, status="running"), finish=export_run, reraise=True)
    assert time.process_time() - began < MOST_CPU_S
    files = RunFolder(run.folder)
    assert json.loads(files.certificate.read_bytes())["passed"]
    _assert_onnx_alone_agrees(files)
    return metric_values(json.loads(files.evaluation.read_bytes()))


def _assert_onnx_alone_agrees(files: RunFolder) -> None:
    """Equal labels and 1e-5 in probability, or 1e-5 of the value."""
    data, source = files.project.data, resolve(files.project.data.source)
    dataset = prepare(data)
    names = json.dumps(dataset.names if isinstance(dataset, ImageDataset) else [])
    alone = subprocess.run(
        [sys.executable, "-I", ONNX_ALONE, files.onnx, source, files.predictions],
        input=names, cwd=files.path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert alone.returncode == 0, alone.stderr
    answer = json.loads(alone.stdout)
    assert answer["rows"] == len(dataset.split.test)
    assert answer["other_labels"] == 0
    assert answer["largest_difference"] <= 1e-5
