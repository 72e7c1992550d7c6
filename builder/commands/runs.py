"""Commands on runs: train, evaluate, export, predict. Only here does the command line wait for torch."""

import argparse
import json
import signal
import warnings
from typing import Any

from builder.errors import RunError
from builder.files import write_atomically
from builder.runs.folder import RunFolder
from builder.runs.run import Run
from builder.runs.store import open_store
from builder.spec.project import load_project


def train(arguments: argparse.Namespace) -> None:
    project = load_project(arguments.project)
    from builder.commands.progress import ProgressWatcher
    from builder.training.session import carry_out

    store = open_store()
    run = store.create(project, base=arguments.project.resolve().parent, status="running")
    signal.signal(signal.SIGINT, lambda *_: store.request_stop(run.id))
    run = carry_out(store, run, watch=lambda watcher: ProgressWatcher(watcher, project.training.epochs), reraise=True)
    report = _report(run)
    values = {metric["kind"]: metric["value"] for metric in report["metrics"]}
    result = {"run": run.id, "status": run.status, "run_dir": str(run.folder), "test": values}
    if not arguments.json:
        print(f"Run {run.id} {run.status}; its files are in {run.folder}.")
        print_report(report)
    else:
        print(json.dumps(result))


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
    _quiet()
    folder = RunFolder(run.folder)
    if arguments.source:
        from builder.export.source import write_source

        result: dict[str, Any] = {"file": str(arguments.source)}
        write_atomically(arguments.source, write_source(folder).read_bytes())
        message = f"Wrote {arguments.source}: it trains the same model from the same file."
    else:
        from builder.export.finish import export_onnx

        result = export_onnx(folder)
        if not result["passed"]:
            raise RunError(result["message"])
        write_atomically(arguments.onnx, folder.onnx.read_bytes())
        message = f"Wrote {arguments.onnx}. {result['message']}"
    print(json.dumps(result) if arguments.json else message)


def predict(arguments: argparse.Namespace) -> None:
    run = open_store().get(arguments.run)
    _report(run)
    _quiet()
    from builder.export.finish import require_certified
    from builder.predict.tables import write_predictions

    folder = RunFolder(run.folder)
    require_certified(folder)
    count = write_predictions(folder, arguments.data, arguments.output)
    print(f"Wrote {count:,} predictions to {arguments.output}.")


def print_report(report: dict[str, Any]) -> None:
    print(f"{report['rows']:,} {report['split']} rows; baseline: {report['baseline']}")
    print(f"{'metric':<12}{'model':>12}{'baseline':>12}")
    for metric in report["metrics"]:
        unit = f"  {metric['unit']}" if metric["unit"] else ""
        print(f"{metric['label']:<12}{_figure(metric['value'])}{_figure(metric['baseline'])}{unit}")


def _figure(value: float | None) -> str:
    return f"{'—':>12}" if value is None else f"{value:>12.4f}"


def _report(run: Run) -> dict[str, Any]:
    """The run's test figures. Raises: RunError with what the run says of itself if there are none."""
    path = RunFolder(run.folder).evaluation
    if not path.exists():
        raise RunError(
            run.message or f"Run {run.id} is {run.status} and has no test figures. Wait for its end, or train again."
        )
    return json.loads(path.read_bytes())


def _quiet() -> None:
    """Keeps the libraries' own warnings off the screen."""
    warnings.simplefilter("ignore")
