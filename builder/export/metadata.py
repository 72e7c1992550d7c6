"""What the ONNX file says about itself."""

import json
from datetime import UTC, datetime
from typing import Any

import onnx
import onnxruntime
import torch

import builder
from builder.catalogue.layer import show
from builder.evaluation.trained import TrainedModel
from builder.spec.data import TableData

CERTIFICATE = "strata.certificate"


def versions() -> dict[str, str]:
    return {
        "strata": builder.__version__, "torch": str(torch.__version__).partition("+")[0],
        "onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__,
    }  # fmt: skip


def describe(trained: TrainedModel, report: dict[str, Any]) -> dict[str, str]:
    """Text by key; what is not plain text is JSON."""
    data = trained.project.data
    about = {
        "name": trained.project.name,
        "description": trained.project.description,
        "task": trained.facts.task,
        "target": trained.facts.target,
        "classes": json.dumps(trained.facts.classes, ensure_ascii=False),
        "test_metrics": json.dumps({m["kind"]: m["value"] for m in report["metrics"]}),
        "test_rows": str(report["rows"]),
        "best_epoch": str(report["best_epoch"]),
        "input_shape": show(trained.facts.input_shape),
        "versions": json.dumps(versions()),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "license": data.license,
    }
    if isinstance(data, TableData):
        columns = {column.name: column.type for column in data.features}
        about["columns"] = json.dumps(columns, ensure_ascii=False)
        about["date_columns"] = "days since 1970-01-01" if "date" in columns.values() else ""
    return {f"strata.{key}": text for key, text in about.items() if text}


def write_metadata(model: onnx.ModelProto, texts: dict[str, str]) -> None:
    model.producer_name, model.producer_version = "Strata", builder.__version__
    del model.metadata_props[:]
    for key, text in texts.items():
        model.metadata_props.add(key=key, value=text)
