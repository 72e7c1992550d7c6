"""Keras' convolutions: kernels are (*kernel, in, out) there and (out, in, *kernel) here."""

from collections.abc import Sequence

import numpy as np

from builder.imports.draft import Value, make
from builder.imports.imported import Unsupported
from builder.imports.keras_file.activation import activation_of
from builder.imports.keras_file.conversion import Conversion, converts
from builder.imports.keras_file.graph import KerasLayer
from builder.imports.settings import as_tuple, convolution_padding, ends_of, padded, per_axis, same_padding


@converts("Conv1D", "Conv2D", "Conv3D")
def convolution(layer: KerasLayer, conversion: Conversion) -> Value:
    kernel = layer.weights[0]
    value, fields = _fields(layer, conversion, kernel.shape[:-2])
    fields |= {"out_channels": kernel.shape[-1], "groups": layer.config.get("groups", 1)}
    return _added(layer, conversion, value, f"Conv{len(kernel.shape) - 2}d", fields, {"weight": _turned(kernel)})


@converts("DepthwiseConv1D", "DepthwiseConv2D")
def depthwise(layer: KerasLayer, conversion: Conversion) -> Value:
    kernel = layer.weights[0]
    value, fields = _fields(layer, conversion, kernel.shape[:-2])
    fields["depth_multiplier"] = kernel.shape[-1]
    return _added(layer, conversion, value, f"DepthwiseConv{len(kernel.shape) - 2}d", fields, {"weight": _spread(kernel)})  # fmt: skip


@converts("SeparableConv1D", "SeparableConv2D")
def separable(layer: KerasLayer, conversion: Conversion) -> Value:
    deep, point = layer.weights[:2]
    value, fields = _fields(layer, conversion, deep.shape[:-2])
    fields |= {"depth_multiplier": deep.shape[-1], "out_channels": point.shape[-1]}
    weights = {"0.weight": _spread(deep), "1.weight": _turned(point)}
    return _added(layer, conversion, value, f"SeparableConv{len(deep.shape) - 2}d", fields, weights, bias="1.bias")


@converts("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")
def transposed(layer: KerasLayer, conversion: Conversion) -> Value:
    """The kernel is (*kernel, out, in)."""
    kernel, strides = layer.weights[0], as_tuple(layer.config["strides"], len(layer.weights[0].shape) - 2)
    sizes = kernel.shape[:-2]
    if layer.config.get("output_padding") is not None or any(rate != 1 for rate in as_tuple(layer.config.get("dilation_rate", 1), len(sizes))):  # fmt: skip
        raise Unsupported("It has an output_padding or a dilation_rate.")
    missing = [size - stride for size, stride in zip(sizes, strides, strict=True)]
    cut = [max(0, each) if layer.config["padding"] == "same" else 0 for each in missing]
    if any(each % 2 for each in cut):
        raise Unsupported("It cuts more from one end than from the other (padding 'same' with an odd kernel_size - strides).")  # fmt: skip
    fields = {
        "out_channels": kernel.shape[-2], "kernel_size": per_axis(sizes), "stride": per_axis(strides),
        "padding": per_axis([each // 2 for each in cut]), "output_padding": per_axis([max(0, -each) for each in missing]),
    }  # fmt: skip
    value = conversion.channels_first(layer)
    return _added(layer, conversion, value, f"ConvTranspose{len(sizes)}d", fields, {"weight": _turned(kernel)})


def _fields(layer: KerasLayer, conversion: Conversion, kernel: Sequence[int]) -> tuple[Value, dict]:
    """The data with channels first, and the fields that all convolutions share."""
    value, count = conversion.channels_first(layer), len(kernel)
    strides, dilations = (as_tuple(layer.config.get(name, 1), count) for name in ("strides", "dilation_rate"))
    fields = {"kernel_size": per_axis(kernel), "stride": per_axis(strides), "dilation": per_axis(dilations)}
    way = layer.config.get("padding", "valid")
    if way == "same" and set(strides) == {1}:
        return value, fields | {"padding": "same"}
    if way == "causal":
        return padded(conversion.draft, value, (dilations[0] * (kernel[0] - 1), 0)), fields | {"padding": 0}
    totals = same_padding(value.shape[1:], kernel, strides, dilations) if way == "same" else (0,) * count
    value, padding = convolution_padding(conversion.draft, value, ends_of(totals))
    return value, fields | {"padding": padding}


def _added(
    layer: KerasLayer, conversion: Conversion, value: Value, kind: str, fields: dict, weights: dict[str, np.ndarray],
    bias: str = "bias",
) -> Value:  # fmt: skip
    if layer.config.get("use_bias", True):
        weights[bias] = layer.weights[-1]
    made = make(kind, bias=bias in weights, **fields)
    given = conversion.seen(conversion.draft.add(made, conversion.draft.own(value), weights=weights), layer)
    return conversion.activate(given, activation_of(layer, given, conversion))


def _turned(kernel: np.ndarray) -> np.ndarray:
    """(*kernel, a, b) as (b, a, *kernel)."""
    return np.transpose(kernel, (kernel.ndim - 1, kernel.ndim - 2, *range(kernel.ndim - 2)))


def _spread(kernel: np.ndarray) -> np.ndarray:
    """(*kernel, in, multiplier) as (in * multiplier, 1, *kernel)."""
    turned = np.transpose(kernel, (kernel.ndim - 2, kernel.ndim - 1, *range(kernel.ndim - 2)))
    return turned.reshape(-1, 1, *kernel.shape[:-2])
