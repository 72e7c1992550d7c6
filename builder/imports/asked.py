"""Has the worker read a model file, so that no screen waits for it; the same file is read once."""

from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

import builder
from builder.catalogue.component import Shape
from builder.check.shapes import infer_shapes, resolved
from builder.data.uploads import keep_upload, resolve
from builder.imports.imported import Imported
from builder.imports.reading import read_model
from builder.imports.weights import keep_weights
from builder.runs.ask_queue import Answer
from builder.runs.asks import answer, ask, key_of, withdraw
from builder.spec.model import ModelSpec
from builder.spec.project import validated
from builder.spec.sources import UploadSource

KIND = "import_model"


@dataclass(frozen=True)
class Found:
    """What a file holds. `model` names the weights that are kept for it; it is None if anything is unsupported."""

    model: ModelSpec | None
    input_shape: Shape | None
    parameters: int | None
    unsupported: tuple[str, ...]


def ask_import(name: str, content: bytes | BinaryIO) -> str:
    """Keeps the file and gives the key of the answer. Raises: DataError if it is empty or too large."""
    source = keep_upload(name, content)
    key = key_of(KIND, builder.__version__, source.sha256, source.name)
    if answer(key).state == "failed":  # perhaps for want of memory or time: it is tried again
        withdraw(key)
    return ask(KIND, source.model_dump(mode="json"), key=key)


def answer_import(payload: dict[str, Any]) -> dict[str, Any]:
    """The worker's part: reads the file, keeps its weights, and gives a Found as JSON. Raises: BuilderError."""
    source = validated(UploadSource, payload)
    found = asdict(found_in(read_model(resolve(source), source.name)))
    model = found["model"]
    return found | {"model": model and model.model_dump(mode="json")}


def found_in(imported: Imported) -> Found:
    """What was read, with its weights kept under their name in the model."""
    model, shape = imported.model, imported.input_shape
    if model is not None and imported.weights:
        model = model.model_copy(update={"weights": keep_weights(imported.weights)})
    parameters = None if model is None or shape is None else _parameters(model, shape)
    return Found(model, shape, parameters, imported.unsupported)


def _parameters(model: ModelSpec, input_shape: Shape) -> int:
    """Trainable values; an import says every size itself, so no number of outputs is missing."""
    rows, _ = infer_shapes(model, resolved(model, outputs=1), input_shape)
    return sum(row.parameters for row in rows)


def found(given: Answer) -> Found | None:
    """What the worker found; None until it is done."""
    if given.state != "done":
        return None
    value = given.value
    model = value["model"] and validated(ModelSpec, value["model"])
    shape = value["input_shape"] and tuple(value["input_shape"])
    return Found(model, shape, value["parameters"], tuple(value["unsupported"]))
