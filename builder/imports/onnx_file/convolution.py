"""Convolutions of ONNX."""

from collections.abc import Sequence

import numpy as np

from builder.imports.draft import Value, make
from builder.imports.imported import Unsupported
from builder.imports.onnx_file.conversion import Conversion, converts
from builder.imports.onnx_file.graph import Op
from builder.imports.settings import convolution_padding, ends_of, is_even, per_axis, same_padding


@converts("Conv")
def convolution(op: Op, conversion: Conversion) -> Value:
    """W is (out, in / groups, *kernel), as torch has it."""
    value, weight = conversion.settled(op.inputs[0]), conversion.constant(op.inputs[1])
    kernel = weight.shape[2:]
    fields = _fields(op, kernel) | {"out_channels": weight.shape[0]}
    pads = pads_of(op, value, kernel)
    value, padding = convolution_padding(conversion.draft, value, pads)
    return _add(op, conversion, value, f"Conv{len(kernel)}d", fields | {"padding": padding}, weight)


@converts("ConvTranspose")
def transposed(op: Op, conversion: Conversion) -> Value:
    """W is (in, out / groups, *kernel), as torch has it."""
    value, weight = conversion.settled(op.inputs[0]), conversion.constant(op.inputs[1])
    kernel = weight.shape[2:]
    if "output_shape" in op.attributes or op.attributes.get("auto_pad", "NOTSET") not in ("NOTSET", "VALID"):
        raise Unsupported("Its padding follows from a wanted output size.")
    pads = op.attributes.get("pads", (0,) * 2 * len(kernel))
    if not is_even(pads):
        raise Unsupported("It cuts more from one end than from the other.")
    fields = _fields(op, kernel) | {"out_channels": weight.shape[1] * op.attributes.get("group", 1)}
    fields["output_padding"] = per_axis(op.attributes.get("output_padding", (0,) * len(kernel)))
    return _add(
        op,
        conversion,
        value,
        f"ConvTranspose{len(kernel)}d",
        fields | {"padding": per_axis(pads[: len(kernel)])},
        weight,
    )


def pads_of(op: Op, value: Value, kernel: Sequence[int]) -> tuple[int, ...]:
    """Starts, then ends, of each axis; also where the file says only SAME or VALID."""
    mode, ones = op.attributes.get("auto_pad", "NOTSET"), (1,) * len(kernel)
    if mode == "NOTSET":
        return op.attributes.get("pads", (0,) * 2 * len(kernel))
    if mode == "VALID":
        return (0,) * 2 * len(kernel)
    strides, dilations = op.attributes.get("strides", ones), op.attributes.get("dilations", ones)
    totals = same_padding(value.shape[1:], kernel, strides, dilations)
    return ends_of(totals, more_at_start=mode == "SAME_LOWER")


def _fields(op: Op, kernel: Sequence[int]) -> dict:
    ones = (1,) * len(kernel)
    return {
        "kernel_size": per_axis(kernel), "groups": op.attributes.get("group", 1),
        "stride": per_axis(op.attributes.get("strides", ones)),
        "dilation": per_axis(op.attributes.get("dilations", ones)),
    }  # fmt: skip


def _add(op: Op, conversion: Conversion, value: Value, kind: str, fields: dict, weight: np.ndarray) -> Value:
    bias = conversion.optional(op, 2)
    weights = {"weight": weight} | ({} if bias is None else {"bias": bias})
    return conversion.draft.add(make(kind, bias=bias is not None, **fields), value, weights=weights)
