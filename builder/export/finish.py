"""Exports a trained run: ONNX with its certificate, and the stand-alone script; a file without proof is not kept."""

import json
import traceback
from typing import Any

import onnx
import torch

from builder.data.dataset import ImageDataset, TableDataset, prepare
from builder.data.preprocessing import TablePreprocessing
from builder.data.uploads import name_of
from builder.errors import BuilderError, RunError
from builder.evaluation.trained import TrainedModel, load_trained
from builder.export.certificate import RawRows, certify, failed, open_session
from builder.export.core import export_core
from builder.export.metadata import CERTIFICATE, describe, write_metadata
from builder.export.raw import wrap_image, wrap_table
from builder.export.seen import rows_seen, seen_on_screen
from builder.export.source import write_source
from builder.files import write_atomically
from builder.runs.folder import RunFolder
from builder.runs.run import Run
from builder.runs.store import RunStore

TOO_LARGE_BYTES = 1_900_000_000
"""ONNX files end at 2 GB."""


def export_run(store: RunStore, run: Run) -> None:
    """Writes the script, the certificate, and the ONNX file if it passed; a model that cannot be exported keeps its run."""
    folder = RunFolder(run.folder)
    try:
        write_source(folder)
        export_onnx(folder)
    except Exception as error:
        traceback.print_exc()  # into the run's log
        ours = f"Something of ours went wrong: {type(error).__name__}: {error}. The details are in the run's log.txt."
        _write_certificate(folder, failed(str(error) if isinstance(error, BuilderError) else ours))


def export_onnx(folder: RunFolder) -> dict[str, Any]:
    """The certificate; model.onnx is there only if it passed. Raises: RunError if the run is not trained."""
    trained = load_trained(folder)
    if not folder.evaluation.exists():
        raise RunError(f"Run {folder.path.name} has no test figures. Wait until it is finished, or train again.")
    report, dataset = json.loads(folder.evaluation.read_bytes()), prepare(trained.project.data)
    require_same_data(folder, dataset)
    folder.onnx.unlink(missing_ok=True)
    model = build_onnx(trained)
    write_metadata(model, describe(trained, report))
    rows = RawRows(dataset, rows_seen(folder), trained.preprocessing)
    seen = seen_on_screen(folder, trained, dataset)
    certificate = certify(_checked(model), rows, seen)
    content = _with_certificate(model, certificate)
    # The example stays out of the file, which may be given to people who must not see the data.
    certificate |= {"file_size_bytes": len(content), "example": rows.example()}
    if certificate["passed"]:
        _prove_final_file(content, rows)
        write_atomically(folder.onnx, content)
    _write_certificate(folder, certificate)
    return certificate


def require_same_data(folder: RunFolder, dataset: TableDataset | ImageDataset) -> None:
    """Raises: RunError if the data is no longer what the run was trained on."""
    if folder.data_content.read_text() != dataset.content:
        raise RunError(
            f"{name_of(dataset.data.source)} has changed since run {folder.path.name} was trained on it, so the run "
            "cannot be proven with it. Put the old data back, or train again."
        )


def _write_certificate(folder: RunFolder, certificate: dict[str, Any]) -> None:
    write_atomically(folder.certificate, json.dumps(certificate, indent=1).encode())


def build_onnx(trained: TrainedModel) -> onnx.ModelProto:
    """The file without metadata."""
    with torch.no_grad():
        core = export_core(trained)
    if isinstance(trained.preprocessing, TablePreprocessing):
        return wrap_table(core, trained.preprocessing, trained.facts)
    return wrap_image(core, trained.facts)


def _checked(model: onnx.ModelProto) -> bytes:
    size = model.ByteSize()
    if size > TOO_LARGE_BYTES:
        raise RunError(f"The model is {size / 1e9:.1f} GB; one ONNX file holds 2 GB. Make its layers smaller.")
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString()


def _with_certificate(model: onnx.ModelProto, certificate: dict[str, Any]) -> bytes:
    model.metadata_props.add(key=CERTIFICATE, value=json.dumps(certificate))
    return _checked(model)


def _prove_final_file(content: bytes, rows: RawRows) -> None:
    """The bytes that are handed out load and run."""
    open_session(content).run(None, rows.feed(next(rows.batches(1))))
