"""Commands on runs: train, evaluate, export, predict. Only here does the command line wait for torch."""

import argparse
import json
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from builder.check.report import require_trainable
from builder.commands.here import carry_out_here
from builder.data.dataset import prepare
from builder.errors import RunError
from builder.files import write_atomically
from builder.imports.weights import INITIAL_WEIGHTS, kept_weights
from builder.runs.folder import RunFolder
from builder.runs.machine import known_machine
from builder.runs.run import Run
from builder.runs.scale import Scale, require_scalable, write_scale
from builder.runs.store import open_store
from builder.spec.project import load_project


def train(arguments: argparse.Namespace) -> None:
    project = load_project(arguments.project)
    base = arguments.project.resolve().parent
    require_trainable(project, prepare(project.data, base).facts, known_machine())  # before torch is waited for
    scale = Scale(arguments.processes, shards=arguments.fsdp)
    require_scalable(project, scale)
    run = carry_out_here(
        lambda: open_store().create(project, base=base, status="running", prepare=partial(write_scale, scale=scale)),
        tell=not arguments.json,
    )
    tell_end(run, as_json=arguments.json)


def tell_end(run: Run, *, as_json: bool) -> None:
    """What became of a run that was carried out here. Raises: RunError if it has no figures and says why."""
    if run.status in ("paused", "discarded"):
        print(json.dumps({"run": run.id, "status": run.status}) if as_json else f"Run {run.id}: {run.message}")
        return
    report = _report(run)
    if as_json:
        values = {metric["kind"]: metric["value"] for metric in report["metrics"]}
        print(json.dumps({"run": run.id, "status": run.status, "run_dir": str(run.folder), "test": values}))
    else:
        print(f"Run {run.id} {run.status}; its files are in {run.folder}. {run.message}".rstrip())
        print_report(report)


def show_runs(arguments: argparse.Namespace) -> None:
    store = open_store()
    store.reconcile()
    for run in store.list():
        when = datetime.fromtimestamp(run.created_at).strftime("%Y-%m-%d %H:%M")
        place = store.position(run.id) if run.status == "queued" else 0
        print(f"{run.id}  {when}  {f'{run.status} {place}' if place else run.status:<12} {run.name}")


def evaluate(arguments: argparse.Namespace) -> None:
    run = open_store().get(arguments.run)
    if arguments.data:
        from builder.evaluation.other_data import evaluate_on

        report = evaluate_on(RunFolder(run.folder), arguments.data)
    else:
        report = _report(run)
    if arguments.json:
        print(json.dumps(report))
    else:
        print_report(report)


def export(arguments: argparse.Namespace) -> None:
    run = open_store().get(arguments.run)
    _report(run)
    folder = RunFolder(run.folder)
    if arguments.source:
        from builder.export.source import write_source

        result: dict[str, Any] = {"file": str(arguments.source)}
        write_atomically(arguments.source, write_source(folder).read_bytes())
        message = f"Wrote {arguments.source}: it trains the same model from the same file."
        if folder.project.model.weights:
            beside = arguments.source.with_name(INITIAL_WEIGHTS)
            write_atomically(beside, kept_weights(folder.project.model.weights).read_bytes())
            message += f" It starts from {beside}."
    else:
        write_atomically(arguments.onnx, certified_file(folder).read_bytes())
        result = json.loads(folder.certificate.read_bytes())
        message = f"Wrote {arguments.onnx}. {result['message']}"
    print(json.dumps(result) if arguments.json else message)


def predict(arguments: argparse.Namespace) -> None:
    run = open_store().get(arguments.run)
    _report(run)
    from builder.predict.tables import write_predictions

    folder = RunFolder(run.folder)
    certified_file(folder)
    count = write_predictions(folder, arguments.data, arguments.output)
    print(f"Wrote {count:,} predictions to {arguments.output}.")


def print_report(report: dict[str, Any]) -> None:
    of_rows = report.get("of_rows", report["rows"])
    picked = "" if of_rows == report["rows"] else f", evenly picked from {of_rows:,}"
    print(f"{report['rows']:,} {report['split']} rows{picked}; baseline: {report['baseline']}")
    print(f"{'metric':<12}{'model':>12}{'baseline':>12}")
    for metric in report["metrics"]:
        unit = f"  {metric['unit']}" if metric["unit"] else ""
        print(f"{metric['label']:<12}{_figure(metric['value'])}{_figure(metric['baseline'])}{unit}")
    if report["per_class"]:
        print(f"{'class':<24}{'precision':>12}{'recall':>12}{'F1':>12}{'rows':>8}")
    for row in report["per_class"]:
        figures = "".join(_figure(row[name]) for name in ("precision", "recall", "f1"))
        print(f"{row['name']:<24}{figures}{row['support']:>8,}")


def certified_file(folder: RunFolder) -> Path:
    """The run's ONNX file, exported now if it is not there: only one that passed is kept. Raises: RunError."""
    if not (folder.onnx.exists() and folder.certificate.exists()):
        from builder.export.finish import export_onnx

        certificate = export_onnx(folder)
        if not certificate["passed"]:
            raise RunError(certificate["message"])
    return folder.onnx


def _figure(value: float | None) -> str:
    """Four decimals; in powers of ten where they would show nothing, or too much."""
    if value is None:
        return f"{'—':>12}"
    return f"{value:>12.4f}" if value == 0 or 1e-3 <= abs(value) < 1e6 else f"{value:>12.4g}"


def _report(run: Run) -> dict[str, Any]:
    """The run's test figures. Raises: RunError with what the run says of itself if there are none."""
    path = RunFolder(run.folder).evaluation
    if not path.exists():
        raise RunError(
            run.message or f"Run {run.id} is {run.status} and has no test figures. Wait for its end, or train again."
        )
    return json.loads(path.read_bytes())
