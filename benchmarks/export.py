"""From a trained run to its certified ONNX file, in a fresh process and in one that has exported before."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import builder
from benchmarks.result import Result, result, timed
from builder.data.templates import make_project
from builder.export.core import warm_up_exporter
from builder.export.finish import export_onnx
from builder.runs.folder import RunFolder
from builder.runs.store import open_store
from builder.spec.project import Project
from builder.spec.templates import TEMPLATES
from builder.training.session import carry_out

COLD_REPEATS, WARM_REPEATS = 3, 5


def measure() -> Iterator[Result]:
    for name in ("iris", "digits-cnn"):
        folder = _trained(make_project(TEMPLATES[name]))
        yield result(f"export of {name}, fresh process", [_cold(folder) for _ in range(COLD_REPEATS)])
        warm_up_exporter()
        yield result(f"export of {name}, warm process", [timed(export_onnx, folder) for _ in range(WARM_REPEATS)])


def _trained(project: Project) -> RunFolder:
    project = project.model_copy(update={"training": project.training.model_copy(update={"epochs": 2})})
    store = open_store()
    return RunFolder(carry_out(store, store.create(project, status="running"), reraise=True).folder)


def _cold(folder: RunFolder) -> float:
    """Seconds of the whole command, Python's start and torch's import included."""
    folder.onnx.unlink(missing_ok=True)
    words = ["export", folder.path.name, "--onnx", str(folder.path / "copy.onnx"), "--json"]
    command = [sys.executable, "-m", "builder", *words]
    root = Path(builder.__file__).parents[1]
    return timed(lambda: subprocess.run(command, cwd=root, check=True, stdout=subprocess.DEVNULL))
