"""Opens an ONNX file that nobody vouches for: no other file is read, nothing is believed that the bytes do not hold."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import AttributeProto, GraphProto, TensorProto, ValueInfoProto, numpy_helper

from builder.catalogue.layer import show
from builder.errors import DataError
from builder.imports.draft import is_huge
from builder.imports.imported import MISFITS
from builder.imports.onnx_file.graph import Graph, Op, first_too_early

MOST_OPERATIONS = 20_000
MOST_SHOWN = 5
OWN_DOMAINS = ("", "ai.onnx")
OWN_MARK = "strata."
"""Starts the names under which our own export notes what the file is for."""
BITS = {
    TensorProto.FLOAT: 32, TensorProto.DOUBLE: 64, TensorProto.FLOAT16: 16, TensorProto.BFLOAT16: 16,
    TensorProto.INT64: 64, TensorProto.INT32: 32, TensorProto.INT16: 16, TensorProto.INT8: 8, TensorProto.UINT8: 8,
    TensorProto.BOOL: 8,
}  # fmt: skip
"""Bits of one value of the types of constants that are read."""
PLACES = {TensorProto.FLOAT: "float_data", TensorProto.DOUBLE: "double_data", TensorProto.INT64: "int64_data"}
"""Where values lie that are not raw bytes; those of all other types lie in int32_data."""
_NUMBERS = {AttributeProto.FLOAT: "f", AttributeProto.INT: "i", AttributeProto.FLOATS: "floats", AttributeProto.INTS: "ints"}  # fmt: skip
_TEXTS = (AttributeProto.STRING, AttributeProto.STRINGS)


def open_graph(content: bytes, name: str) -> Graph:
    """Raises: DataError if the file is damaged, leans on other files, or has not one input and one output."""
    try:
        model = onnx.load_model_from_string(content)
    except (DecodeError, ValueError, RuntimeError):
        raise DataError(f"{name} is not an ONNX file, or it is damaged. Export the model again.") from None
    if any(_text(each.key).startswith(OWN_MARK) for each in model.metadata_props):
        raise DataError(f"{name} was exported by Strata, with its preprocessing built in. Open the project's JSON instead: it has the layers as they were drawn.")  # fmt: skip
    graph = model.graph
    if not graph.node:
        raise DataError(f"{name} holds no ONNX operations. Export the model again.")
    if len(graph.node) > MOST_OPERATIONS:
        raise DataError(f"{name} has {len(graph.node):,} operations; at most {MOST_OPERATIONS:,} are read. Export a smaller model.")  # fmt: skip
    if graph.sparse_initializer:
        raise DataError(f"{name} holds sparse weights, which are not read. Export it with dense ones.")
    constants = {_text(tensor.name): array_of(tensor, name) for tensor in graph.initializer}
    given = _only("input", [value for value in graph.input if _text(value.name) not in constants], name)
    output = _text(_only("output", list(graph.output), name).name)
    opset = next((each.version for each in model.opset_import if each.domain in OWN_DOMAINS), 1)
    return Graph(
        _ops(graph, {_text(given.name), *constants}, name),
        constants,
        _text(given.name),
        _sizes(given, name),
        output,
        opset,
    )


def array_of(tensor: TensorProto, name: str) -> np.ndarray:
    """The values. Raises: DataError if they lie in another file, or are not as many as the tensor says."""
    shown = _text(tensor.name) or "a constant"
    if tensor.data_location == TensorProto.EXTERNAL or tensor.external_data:
        raise DataError(f"{name} keeps {shown} in another file, which is never opened. Save the model with its weights in one file.")  # fmt: skip
    if tensor.data_type not in BITS:
        kind = TensorProto.DataType.Name(tensor.data_type) if tensor.data_type in TensorProto.DataType.values() else "?"
        raise DataError(f"{name} holds {shown} as {kind}, which is not read. Save the model in float32.")
    size, held = math.prod(tensor.dims), _held(tensor)
    if any(side < 0 for side in tensor.dims) or size != held:
        raise DataError(f"{name} is damaged: {shown} says that it has {size:,} values but holds {held:,.12g}. Export the model again.")  # fmt: skip
    try:
        array = numpy_helper.to_array(tensor)
    except MISFITS:
        raise DataError(f"{name} is damaged: the values of {shown} cannot be read. Export the model again.") from None  # fmt: skip
    return array.astype(np.float32) if tensor.data_type in (TensorProto.BFLOAT16, TensorProto.FLOAT16) else array


def _held(tensor: TensorProto) -> float:
    """How many values really lie in the file, in the place for their type; broken if bytes are left over."""
    if tensor.raw_data:
        return len(tensor.raw_data) * 8 / BITS[tensor.data_type]
    return len(getattr(tensor, PLACES.get(tensor.data_type, "int32_data")))


def _only(what: str, values: Sequence[ValueInfoProto], name: str) -> ValueInfoProto:
    if len(values) != 1:
        names = ", ".join(_text(value.name) for value in values[:MOST_SHOWN])
        got = f"{len(values)} ({names}{', …' if len(values) > MOST_SHOWN else ''})" if values else "none"
        raise DataError(f"{name} needs one {what}, as every model here; got {got}. Export it with a single {what}.")
    return values[0]


def _sizes(value: ValueInfoProto, name: str) -> tuple[int | None, ...]:
    """Sizes of the input, batch first; None where the file leaves one open."""
    if not value.type.tensor_type.HasField("shape") or len(value.type.tensor_type.shape.dim) < 2:
        raise DataError(f"{name} does not say the shape of its input, or has no batch axis in it. Export it with an example of shape (batch, …).")  # fmt: skip
    sizes = tuple(dim.dim_value if dim.dim_value > 0 else None for dim in value.type.tensor_type.shape.dim)
    if is_huge(sizes[1:]):
        raise DataError(f"{name} asks for {show(sizes[1:])} values in one example, which is too many. Export it for smaller data.")  # fmt: skip
    return sizes


def _ops(graph: GraphProto, known: set[str], name: str) -> tuple[Op, ...]:
    ops = []
    for number, node in enumerate(graph.node, 1):
        kind, domain = _text(node.op_type), _text(node.domain)
        kind = kind if domain in OWN_DOMAINS else f"{domain}::{kind}"
        if not node.output:
            raise DataError(f"{name} is damaged: {kind} '{_text(node.name)}' gives nothing. Export the model again.")
        attributes = {_text(each.name): _plain(each, name) for each in node.attribute}
        ops.append(
            Op(kind, _text(node.name) or f"number {number}", _texts(node.input), _texts(node.output), attributes)
        )
    early = first_too_early(ops, known)
    if early is not None:
        raise DataError(f"{name} is damaged: {early.type} '{early.name}' takes its own result, or what nothing before it makes. Export the model again.")  # fmt: skip
    return tuple(ops)


def _text(value: str | bytes) -> str:
    """A name of the file; protobuf hands out bytes where it is no UTF-8."""
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def _texts(values: Sequence[str | bytes]) -> tuple[str, ...]:
    return tuple(map(_text, values))


def _plain(attribute: AttributeProto, name: str) -> Any:
    """Numbers, texts and arrays; None for what no layer needs, such as a graph within the graph."""
    if attribute.type in _NUMBERS:
        value = getattr(attribute, _NUMBERS[attribute.type])
        return value if isinstance(value, int | float) else tuple(value)
    if attribute.type in _TEXTS:
        values = [text.decode(errors="replace") for text in (attribute.strings or [attribute.s])]
        return tuple(values) if attribute.type == AttributeProto.STRINGS else values[0]
    return array_of(attribute.t, name) if attribute.type == AttributeProto.TENSOR else None
