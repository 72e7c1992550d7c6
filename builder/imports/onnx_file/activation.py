"""Functions that work on each value by itself, and softmax."""

import numpy as np

from builder.catalogue.layer import Layer
from builder.imports.draft import Value, make
from builder.imports.imported import Unsupported
from builder.imports.onnx_file.conversion import Conversion, converts
from builder.imports.onnx_file.graph import Op
from builder.imports.onnx_file.patterns import SILU
from builder.imports.settings import short

FIRST_TRUE_SOFTMAX = 13
"""Before this opset a softmax laid all axes from its own on into one."""
SIMPLE = {
    "Relu": "ReLU", "Sigmoid": "Sigmoid", "Tanh": "Tanh", "Softplus": "Softplus", "Softsign": "Softsign",
    "HardSwish": "Hardswish", "Mish": "Mish", SILU: "SiLU",
}  # fmt: skip
BOUNDED = {(0.0, 6.0): ("ReLU6", {}), (-1.0, 1.0): ("Hardtanh", {})}
"""What a Clip to these bounds is called."""


@converts(*SIMPLE)
def simple(op: Op, conversion: Conversion) -> Value:
    return activated(op, conversion, make(SIMPLE[op.type]))


@converts("LeakyRelu")
def leaky_relu(op: Op, conversion: Conversion) -> Value:
    return activated(op, conversion, make("LeakyReLU", negative_slope=short(op.attributes.get("alpha", 0.01))))


@converts("Elu")
def elu(op: Op, conversion: Conversion) -> Value:
    return activated(op, conversion, make("ELU", alpha=short(op.attributes.get("alpha", 1.0))))


@converts("Celu")
def celu(op: Op, conversion: Conversion) -> Value:
    return activated(op, conversion, make("CELU", alpha=short(op.attributes.get("alpha", 1.0))))


@converts("Selu")
def selu(op: Op, conversion: Conversion) -> Value:
    given = (op.attributes.get("alpha", 1.6732632), op.attributes.get("gamma", 1.0507010))
    if not np.allclose(given, (1.6732632, 1.0507010), rtol=1e-4):
        raise Unsupported("Its alpha and gamma are not those of SELU.")
    return activated(op, conversion, make("SELU"))


@converts("Gelu")
def gelu(op: Op, conversion: Conversion) -> Value:
    return activated(op, conversion, make("GELU", approximate=op.attributes.get("approximate", "none")))


@converts("HardSigmoid")
def hard_sigmoid(op: Op, conversion: Conversion) -> Value:
    given = (op.attributes.get("alpha", 0.2), op.attributes.get("beta", 0.5))
    if not np.allclose(given, (1 / 6, 0.5), rtol=1e-4):
        raise Unsupported(f"Its slope is {short(given[0])}; PyTorch's Hardsigmoid has 1/6.")
    return activated(op, conversion, make("Hardsigmoid"))


@converts("Clip")
def clip(op: Op, conversion: Conversion) -> Value:
    low = op.attributes.get("min") if len(op.inputs) < 2 else conversion.optional(op, 1)
    high = op.attributes.get("max") if len(op.inputs) < 3 else conversion.optional(op, 2)
    bounds = tuple(None if bound is None else float(bound) for bound in (low, high))
    if bounds not in BOUNDED:
        raise Unsupported(f"It clips to {bounds}; there are 0 to 6 (ReLU6) and -1 to 1 (Hardtanh).")
    kind, fields = BOUNDED[bounds]
    return activated(op, conversion, make(kind, **fields))


@converts("PRelu")
def prelu(op: Op, conversion: Conversion) -> Value:
    slope = conversion.constant(op.inputs[1])
    if slope.size != 1:
        raise Unsupported(f"It has {slope.size} slopes; PReLU here has one.")
    layer = make("PReLU")
    return activated(op, conversion, layer, {"weight": slope.reshape(1)})


@converts("Softmax", "LogSoftmax")
def softmax(op: Op, conversion: Conversion) -> Value:
    value = conversion.value(op.inputs[0])
    axis = op.attributes.get("axis", -1 if conversion.graph.opset >= FIRST_TRUE_SOFTMAX else 1)
    axis %= len(value.axes)
    if conversion.graph.opset < FIRST_TRUE_SOFTMAX and axis != len(value.axes) - 1:
        raise Unsupported("It works over several axes at once, as softmax did before opset 13.")
    return activated(op, conversion, make(op.type, dim=value.axes[axis]))


def activated(op: Op, conversion: Conversion, layer: Layer, weights: dict[str, np.ndarray] | None = None) -> Value:
    """As the field of the layer before it where that can be, else as a layer of its own."""
    name = op.inputs[0]
    return conversion.draft.activate(conversion.value(name), layer, alone=conversion.is_alone(name), weights=weights)
