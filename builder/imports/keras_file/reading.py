"""Reads a Keras file into a model."""

from builder.errors import DataError
from builder.imports.imported import MISFITS, Imported
from builder.imports.keras_file import activation, convolution, dense, merging, normalization, pooling, recurrent
from builder.imports.keras_file.conversion import Conversion
from builder.imports.keras_file.graph import Reader
from builder.imports.keras_file.opening import open_keras

LAYERS = (activation, convolution, dense, merging, normalization, pooling, recurrent)
"""Importing them tells the conversion of the layers that they know."""


def read_keras(content: bytes, name: str) -> Imported:
    """Raises: DataError if the file cannot be used at all."""
    try:
        saved = open_keras(content, name)
        reader = Reader(saved, name)
    except (*MISFITS, OSError, RuntimeError):  # the last two are HDF5's own
        raise DataError(f"{name} describes its model in a way that is not Keras'. Save it again with Keras 2 or 3.") from None  # fmt: skip
    return Conversion(reader.layers, reader.output, saved.version, len(content)).run()
