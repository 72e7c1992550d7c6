"""Keras' normalizations."""

from dataclasses import replace

import numpy as np

from builder.imports.draft import Value, make
from builder.imports.imported import Unsupported
from builder.imports.keras_file.conversion import Conversion, converts
from builder.imports.keras_file.graph import KerasLayer
from builder.imports.normalization import batch_normalized, layer_normalized


@converts("BatchNormalization")
def batch_norm(layer: KerasLayer, conversion: Conversion) -> Value:
    """Keras' momentum is the share of the old mean, torch's that of the new batch."""
    value = _with_channels(layer, conversion)
    mean, variance = layer.weights[-2:]
    weights = _scale(layer, mean.shape) | {"running_mean": mean, "running_var": variance}
    own = conversion.draft.own(value)
    given = batch_normalized(conversion.draft, own, weights, layer.config["epsilon"], 1 - layer.config["momentum"])
    return replace(given, axes=value.axes)


@converts("GroupNormalization")
def group_norm(layer: KerasLayer, conversion: Conversion) -> Value:
    value = _with_channels(layer, conversion)
    channels = value.shape[0]
    groups = channels if layer.config["groups"] == -1 else layer.config["groups"]
    made = make("GroupNorm", num_groups=groups, eps=layer.config["epsilon"])
    given = conversion.draft.add(made, conversion.draft.own(value), weights=_scale(layer, (channels,)))
    return replace(given, axes=value.axes)


@converts("LayerNormalization")
def layer_norm(layer: KerasLayer, conversion: Conversion) -> Value:
    value = conversion.draft.settled(conversion.value(layer))
    axes = _axes(layer)
    if sorted(axis % len(value.axes) for axis in axes) != list(range(len(value.axes) - len(axes), len(value.axes))):
        raise Unsupported("It does not normalise the last axes.")
    scale = _scale(layer, value.shape[-len(axes) :])
    eps = layer.config["epsilon"]
    return layer_normalized(conversion.draft, value, "LayerNorm", len(axes), scale["weight"], scale["bias"], eps)


def _with_channels(layer: KerasLayer, conversion: Conversion) -> Value:
    """The data with the axis that is normalised where Strata has the channels."""
    value, axes = conversion.value(layer), _axes(layer)
    if len(axes) != 1:
        raise Unsupported("It normalises several axes at once.")
    if value.axes[axes[0]] == 1:
        return value
    if axes[0] not in (-1, len(value.axes) - 1):
        raise Unsupported("It normalises an axis that is not the channels.")
    return conversion.channels_first(layer)


def _axes(layer: KerasLayer) -> list[int]:
    axis = layer.config.get("axis", -1)
    return list(axis) if isinstance(axis, list) else [axis]


def _scale(layer: KerasLayer, shape: tuple[int, ...]) -> dict[str, np.ndarray]:
    """Weight and bias; 1 and 0 where the layer learns none."""
    arrays, config = iter(layer.weights), layer.config
    weight = next(arrays) if config.get("scale", True) else np.ones(shape, np.float32)
    return {"weight": weight, "bias": next(arrays) if config.get("center", True) else np.zeros(shape, np.float32)}
