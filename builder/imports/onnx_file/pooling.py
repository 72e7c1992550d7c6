"""Pooling over windows and over whole axes, of ONNX."""

from collections.abc import Sequence

from builder.imports.draft import UNIT, Value, make
from builder.imports.imported import Unsupported
from builder.imports.onnx_file.conversion import Conversion, converts
from builder.imports.onnx_file.convolution import pads_of
from builder.imports.onnx_file.cutting import over_axis
from builder.imports.onnx_file.graph import Op
from builder.imports.pooling import pooled
from builder.imports.settings import per_axis

REDUCED = {"ReduceMean": "Avg", "ReduceMax": "Max"}


@converts("MaxPool", "AveragePool")
def pool(op: Op, conversion: Conversion) -> Value:
    value, kernel = conversion.settled(op.inputs[0]), op.attributes["kernel_shape"]
    ones = (1,) * len(kernel)
    fields = {"ceil_mode": True} if op.attributes.get("ceil_mode") else {}
    if any(spread != 1 for spread in op.attributes.get("dilations", ones)):
        fields["dilation"] = per_axis(op.attributes["dilations"])
    if op.type == "AveragePool":
        fields["count_include_pad"] = bool(op.attributes.get("count_include_pad", 0))
    strides, pads = op.attributes.get("strides", ones), pads_of(op, value, kernel)
    return pooled(conversion.draft, value, op.type[:3], kernel, strides, pads, fields)


@converts("GlobalAveragePool", "GlobalMaxPool")
def global_pool(op: Op, conversion: Conversion) -> Value:
    value = conversion.settled(op.inputs[0])
    kind = "Avg" if op.type == "GlobalAveragePool" else "Max"
    return conversion.draft.add(make(f"Adaptive{kind}Pool{len(value.shape) - 1}d", output_size=1), value)


@converts(*REDUCED)
def reduce(op: Op, conversion: Conversion) -> Value:
    value = conversion.value(op.inputs[0])
    axes = conversion.numbers(op, "axes", 1)
    if axes is None:
        raise Unsupported("It mixes all axes, the batch among them.")
    places = [axis % len(value.axes) for axis in axes]
    codes = sorted(value.axes[place] for place in places if value.axes[place] != UNIT)
    keeps = bool(op.attributes.get("keepdims", 1))
    if codes and codes == list(range(2, len(value.shape) + 1)):
        return _over_space(op, conversion, value, places, keeps)
    return over_axis(conversion.draft, value, REDUCED[op.type], places, keeps=keeps)


def _over_space(op: Op, conversion: Conversion, value: Value, places: Sequence[int], keeps: bool) -> Value:
    """The mean or maximum of each channel, with or without axes of size 1 left over."""
    draft, kind = conversion.draft, REDUCED[op.type]
    if keeps:
        small = draft.add(make(f"Adaptive{kind}Pool{len(value.shape) - 1}d", output_size=1), draft.own(value))
        return Value(small.node, small.shape, value.axes)
    flat = draft.add(make(f"Global{kind}Pool"), draft.own(value))
    return Value(flat.node, flat.shape, tuple(axis for at, axis in enumerate(value.axes) if at not in places))
