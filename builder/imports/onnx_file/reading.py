"""Reads an ONNX file into a model."""

from builder.imports.imported import Imported
from builder.imports.onnx_file import (
    activation,
    convolution,
    cutting,
    layout,
    linear,
    merging,
    normalization,
    pooling,
    recurrent,
    resampling,
)
from builder.imports.onnx_file.conversion import Conversion
from builder.imports.onnx_file.opening import open_graph

OPERATIONS = (activation, convolution, cutting, layout, linear, merging, normalization, pooling, recurrent, resampling)
"""Importing them tells the conversion of the operations that they know."""


def read_onnx(content: bytes, name: str) -> Imported:
    """Raises: DataError if the file cannot be used at all."""
    return Conversion(open_graph(content, name), len(content)).run()
