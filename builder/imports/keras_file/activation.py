"""Keras' activation functions, on layers and as layers of their own."""

from typing import Any

from builder.catalogue.layer import Layer
from builder.imports.draft import Value, make
from builder.imports.imported import Unsupported
from builder.imports.keras_file.conversion import Conversion, converts
from builder.imports.keras_file.graph import KerasLayer

NAMES: dict[str, tuple[str, dict[str, Any]]] = {
    "relu": ("ReLU", {}), "relu6": ("ReLU6", {}), "sigmoid": ("Sigmoid", {}), "tanh": ("Tanh", {}),
    "softplus": ("Softplus", {}), "softsign": ("Softsign", {}), "elu": ("ELU", {}), "selu": ("SELU", {}),
    "celu": ("CELU", {}), "gelu": ("GELU", {}), "silu": ("SiLU", {}), "swish": ("SiLU", {}), "mish": ("Mish", {}),
    "leaky_relu": ("LeakyReLU", {"negative_slope": 0.2}), "hard_silu": ("Hardswish", {}),
    "hard_swish": ("Hardswish", {}), "log_sigmoid": ("LogSigmoid", {}), "hard_tanh": ("Hardtanh", {}),
    "tanh_shrink": ("Tanhshrink", {}),
}  # fmt: skip
ALONG_LAST = {"softmax": "Softmax", "log_softmax": "LogSoftmax"}


def activation_of(layer: KerasLayer, value: Value, conversion: Conversion) -> Layer | None:
    """What `layer` says in its field `activation`, for `value`; None if that is nothing."""
    name = layer.config.get("activation")
    if isinstance(name, dict):  # Keras 2 and functions with a place of their own
        name = name.get("config") if isinstance(name.get("config"), str) else name.get("class_name")
    if name in (None, "linear"):
        return None
    if name in ALONG_LAST:
        return make(ALONG_LAST[name], dim=value.axes[-1])
    if name == "hard_sigmoid" and conversion.is_keras_3:
        return make("Hardsigmoid")
    if name not in NAMES:
        raise Unsupported(f"Its activation '{str(name)[:40]}' is not there.")
    kind, fields = NAMES[name]
    return make(kind, **fields)


def activated(layer: KerasLayer, conversion: Conversion, activation: Layer | None) -> Value:
    """For a layer that is an activation itself: into the field of the layer before it where that can be."""
    alone = conversion.is_alone(layer.inputs[0])
    return conversion.activate(conversion.value(layer), activation, alone=alone)


@converts("Activation")
def plain(layer: KerasLayer, conversion: Conversion) -> Value:
    return activated(layer, conversion, activation_of(layer, conversion.value(layer), conversion))


@converts("Softmax")
def softmax(layer: KerasLayer, conversion: Conversion) -> Value:
    axis, value = layer.config.get("axis", -1), conversion.value(layer)
    axis = axis[0] if isinstance(axis, list) and len(axis) == 1 else axis
    return activated(layer, conversion, make("Softmax", dim=value.axes[axis]))


@converts("ReLU")
def relu(layer: KerasLayer, conversion: Conversion) -> Value:
    slope = layer.config.get("negative_slope") or 0
    most, threshold = layer.config.get("max_value"), layer.config.get("threshold") or 0
    if threshold or (most not in (None, 6) or (most and slope)):
        raise Unsupported(f"It bends at {threshold} and ends at {most}; ReLU bends at 0 and ends nowhere or at 6.")
    if slope:
        return activated(layer, conversion, make("LeakyReLU", negative_slope=round(slope, 6)))
    return activated(layer, conversion, make("ReLU6" if most else "ReLU"))


@converts("LeakyReLU")
def leaky_relu(layer: KerasLayer, conversion: Conversion) -> Value:
    slope = layer.config.get("negative_slope", layer.config.get("alpha", 0.3))
    return activated(layer, conversion, make("LeakyReLU", negative_slope=round(float(slope), 6)))


@converts("ELU")
def elu(layer: KerasLayer, conversion: Conversion) -> Value:
    return activated(layer, conversion, make("ELU", alpha=float(layer.config.get("alpha", 1.0))))


@converts("PReLU")
def prelu(layer: KerasLayer, conversion: Conversion) -> Value:
    slopes = layer.weights[0]
    if slopes.size != 1:
        raise Unsupported(f"It has {slopes.size} slopes; PReLU here has one.")
    value, alone = conversion.value(layer), conversion.is_alone(layer.inputs[0])
    return conversion.draft.activate(value, make("PReLU"), alone=alone, weights={"weight": slopes.reshape(1)})
