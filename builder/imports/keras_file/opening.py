"""Opens a Keras file: the model's description as plain JSON, and the weights of each layer in their order."""

import io
import json
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from builder.errors import DataError
from builder.imports.keras_file.hdf5 import Hdf5

LARGEST_CONFIG = 50 << 20
LARGEST_WEIGHTS = 2 << 30
LARGEST_RATIO = 100
"""Of unpacked to packed bytes; Keras packs nothing."""
SMALL = 10 << 20
PARTS = ((), ("layer",), ("cell",), ("forward_layer", "cell"), ("backward_layer", "cell"))
"""Where the weights of one layer lie in its group, in their order: its own, those it wraps, those of its cell."""
HDF5_START = b"\x89HDF\r\n\x1a\n"


@dataclass(frozen=True)
class Saved:
    """`weights` gives the arrays of a layer from its path: names of the models it lies in, then its own."""

    config: dict[str, Any]
    version: str
    weights: Callable[[tuple[str, ...], tuple[str, ...]], list[np.ndarray]]
    keeps_nested: bool
    """Whether the weights of models within the model can be told apart."""


def open_keras(content: bytes, name: str) -> Saved:
    """Raises: DataError if the file is damaged, a bomb, or leans on other files."""
    return _open_h5(content, name) if content.startswith(HDF5_START) else _open_zip(content, name)


def _open_zip(content: bytes, name: str) -> Saved:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        raise DataError(f"{name} is neither a .keras archive nor an .h5 file, or it is damaged. Save the model again.") from None  # fmt: skip
    config = _json(_member(archive, "config.json", LARGEST_CONFIG, name), name)
    about = _json(_member(archive, "metadata.json", LARGEST_CONFIG, name), name)
    file = Hdf5(_member(archive, "model.weights.h5", LARGEST_WEIGHTS, name), f"{name} (model.weights.h5)")

    def weights(path: tuple[str, ...], kinds: tuple[str, ...]) -> list[np.ndarray]:
        place = [part for kind in kinds for part in ("layers", kind)]
        return [array for part in PARTS for array in file.arrays(*place, *part, "vars")]

    return Saved(config, str(about.get("keras_version", "")), weights, True)


def _open_h5(content: bytes, name: str) -> Saved:
    file = Hdf5(content, name)
    config = file.attribute(file.root, "model_config")
    if config is None:
        raise DataError(f"{name} holds weights without a model. Save the whole model: model.save('model.keras').")

    def weights(path: tuple[str, ...], kinds: tuple[str, ...]) -> list[np.ndarray]:
        group = file.group("model_weights", *path)
        return [] if group is None else [file.array(group, each) for each in file.names(group, "weight_names")]

    return Saved(_json(config.encode(), name), file.attribute(file.root, "keras_version") or "", weights, False)


def _member(archive: zipfile.ZipFile, member: str, largest: int, name: str) -> bytes:
    """Its bytes, never more than allowed, whatever the archive says of itself."""
    try:
        info = archive.getinfo(member)
    except KeyError:
        raise DataError(f"{name} has no {member}, so it is no Keras model. Save the model again.") from None
    most = min(largest, max(SMALL, LARGEST_RATIO * info.compress_size))
    try:
        with archive.open(info) as file:
            content = file.read(most + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error):
        raise DataError(f"{name} is damaged: {member} cannot be unpacked. Save the model again.") from None
    if len(content) > most:
        raise DataError(f"{name} unpacks to far more than its packed size, as a zip bomb does. Save the model again.")
    return content


def _json(content: bytes, name: str) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise DataError(f"{name} does not describe its model in readable JSON. Save the model again.")
    return document
