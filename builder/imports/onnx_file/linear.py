"""Matrix products, embeddings and added biases of ONNX."""

import numpy as np

from builder.imports.draft import Value, make
from builder.imports.imported import Unsupported
from builder.imports.onnx_file.conversion import Conversion, converts
from builder.imports.onnx_file.cutting import one_place
from builder.imports.onnx_file.graph import Op


@converts("Gemm")
def gemm(op: Op, conversion: Conversion) -> Value:
    """alpha * A @ B + beta * C with a constant B: (in, out), or (out, in) if transB."""
    if op.attributes.get("transA"):
        raise Unsupported("It transposes the data.")
    weight, bias = conversion.constant(op.inputs[1]), conversion.optional(op, 2)
    weight = (weight if op.attributes.get("transB") else weight.T) * np.float32(op.attributes.get("alpha", 1))
    if bias is not None:
        bias = np.broadcast_to(bias.reshape(-1), weight.shape[:1]) * np.float32(op.attributes.get("beta", 1))
    return linear(conversion, conversion.settled(op.inputs[0]), weight, bias)


@converts("MatMul")
def product(op: Op, conversion: Conversion) -> Value:
    weight = conversion.constant(op.inputs[1])
    if weight.ndim != 2:
        raise Unsupported(f"Its weights have {weight.ndim} axes; a Linear layer has 2.")
    return linear(conversion, conversion.settled(op.inputs[0]), weight.T, None)


def linear(conversion: Conversion, value: Value, weight: np.ndarray, bias: np.ndarray | None) -> Value:
    """`weight` is (out, in)."""
    if value.shape[-1] != weight.shape[1]:
        raise Unsupported(f"Its weights are for {weight.shape[1]} features; {value.shape[-1]} reach it.")
    weights = {"weight": weight} | ({} if bias is None else {"bias": bias})
    layer = make("Linear", out_features=weight.shape[0], bias=bias is not None)
    return conversion.draft.add(layer, value, weights=weights)


def add_bias(name: str, constant: np.ndarray, conversion: Conversion) -> Value:
    """A constant added to what a layer without bias gives. Raises: Unsupported if it is none."""
    value = conversion.value(name)
    wide = [axis - constant.ndim for axis, size in enumerate(constant.shape) if size != 1] or [-1]
    axis = _bias_axis(conversion.draft.kind_of(value), value)
    fits = len(wide) == 1 and value.axes[wide[0]] == axis and value.shape[axis - 1] == constant.size
    if not (fits and conversion.is_alone(name) and conversion.draft.add_bias(value, constant.reshape(-1))):
        raise Unsupported("It adds a constant that is no layer's bias.")
    return value


def _bias_axis(kind: str, value: Value) -> int:
    """The axis that has one bias each: the features of a Linear, the channels of a convolution."""
    return len(value.shape) if kind == "Linear" else 1


@converts("Gather")
def gather(op: Op, conversion: Conversion) -> Value:
    """Rows of a table by number are an Embedding; a fixed place on an axis of the data is cut out."""
    if op.inputs[0] not in conversion.constants:
        return one_place(op, conversion)
    table = conversion.constant(op.inputs[0])
    if table.ndim != 2 or op.attributes.get("axis", 0) != 0 or table.dtype.kind != "f":
        raise Unsupported("It looks values up in something that is no table of embeddings.")
    layer = make("Embedding", num_embeddings=table.shape[0], embedding_dim=table.shape[1])
    return conversion.draft.add(layer, conversion.settled(op.inputs[1]), weights={"weight": table})
