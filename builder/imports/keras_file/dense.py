"""Dense layers, embeddings, and what only shapes or disturbs values."""

from dataclasses import replace

import numpy as np

from builder.imports.draft import Value, make
from builder.imports.imported import Unsupported
from builder.imports.keras_file.activation import activation_of
from builder.imports.keras_file.conversion import Conversion, converts
from builder.imports.keras_file.graph import KerasLayer


@converts("Dense")
def dense(layer: KerasLayer, conversion: Conversion) -> Value:
    """The kernel is (in, out); behind a Flatten its rows follow the order that the values have here."""
    value, kernel = conversion.draft.settled(conversion.value(layer)), layer.weights[0]
    order = conversion.orders.get(value.node)
    kernel = kernel if order is None else kernel[order]
    if kernel.shape[0] != value.shape[-1]:
        raise Unsupported(f"Its weights are for {kernel.shape[0]} features; {value.shape[-1]} reach it.")
    weights = {"weight": kernel.T} | ({"bias": layer.weights[1]} if layer.config.get("use_bias", True) else {})
    linear = make("Linear", out_features=kernel.shape[1], bias="bias" in weights)
    given = conversion.draft.add(linear, value, weights=weights)
    return conversion.activate(given, activation_of(layer, given, conversion))


@converts("TimeDistributed")
def time_distributed(layer: KerasLayer, conversion: Conversion) -> Value:
    """A Dense layer at every step is what Linear does with a sequence."""
    inner = layer.config["layer"]
    if inner["class_name"] != "Dense" or not layer.weights:
        raise Unsupported(f"It repeats {inner['class_name']} at every step; only Dense can be.")
    return dense(replace(layer, config=inner["config"]), conversion)


@converts("Embedding")
def embedding(layer: KerasLayer, conversion: Conversion) -> Value:
    if layer.config.get("mask_zero"):
        raise Unsupported("It hides zeros from the layers behind it (mask_zero).")
    table = layer.weights[0]
    made = make("Embedding", num_embeddings=table.shape[0], embedding_dim=table.shape[1])
    return conversion.draft.add(made, conversion.draft.settled(conversion.value(layer)), weights={"weight": table})


@converts("Flatten")
def flatten(layer: KerasLayer, conversion: Conversion) -> Value:
    """In Strata's order if the weights behind it can follow, else in Keras', by a Permute."""
    value = conversion.value(layer)
    if len(value.shape) == 1:
        return value
    if value.is_settled or None in value.shape or not conversion.order_may_follow(layer.id):
        return conversion.draft.add(make("Flatten"), conversion.draft.settled(value))
    places = np.arange(np.prod(value.shape)).reshape([value.shape[axis - 1] for axis in value.axes[1:]])
    back = [value.axes[1:].index(axis) for axis in range(1, len(value.shape) + 1)]
    flat = conversion.draft.add(make("Flatten"), conversion.draft.own(value))
    conversion.orders[flat.node] = places.transpose(back).reshape(-1)
    return flat


@converts("Reshape")
def reshape(layer: KerasLayer, conversion: Conversion) -> Value:
    value = conversion.draft.settled(conversion.value(layer))
    shape = tuple(layer.config["target_shape"])
    return conversion.draft.add(make("Flatten") if shape == (-1,) else make("Reshape", shape=shape), value)


@converts("Permute")
def permute(layer: KerasLayer, conversion: Conversion) -> Value:
    value = conversion.value(layer)
    return replace(value, axes=(0, *(value.axes[axis] for axis in layer.config["dims"])))


@converts("Dropout", "AlphaDropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D")
def dropout(layer: KerasLayer, conversion: Conversion) -> Value:
    kind = layer.kind
    if kind.startswith("Spatial"):
        value, kind = conversion.channels_first(layer), f"Dropout{layer.kind[-2]}d"
    else:
        value = conversion.value(layer)
    given = conversion.draft.add(make(kind, p=layer.config["rate"]), conversion.draft.own(value))
    return replace(given, axes=value.axes)


@converts("Identity")
def identity(layer: KerasLayer, conversion: Conversion) -> Value:
    return conversion.value(layer)
