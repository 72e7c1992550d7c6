"""The activation functions, usable on a layer or as layers of their own."""

from functools import reduce
from operator import or_
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from builder.catalogue.activations.along_axis import GLU, LogSoftmax, Softmax, Softmax2d, Softmin
from builder.catalogue.activations.base import Activation
from builder.catalogue.activations.rectifying import (
    CELU,
    ELU,
    GELU,
    SELU,
    Hardswish,
    LeakyReLU,
    Mish,
    PReLU,
    ReLU,
    ReLU6,
    RReLU,
    SiLU,
    Softplus,
    Threshold,
)
from builder.catalogue.activations.squeezing import (
    Hardshrink,
    Hardsigmoid,
    Hardtanh,
    LogSigmoid,
    Sigmoid,
    Softshrink,
    Softsign,
    Tanh,
    Tanhshrink,
)
from builder.catalogue.component import accept_name, registry

__all__ = ["ACTIVATIONS", "GLU", "Activation", "AnyActivation", "activation_field"]

ACTIVATIONS = registry(
    ReLU, LeakyReLU, PReLU, RReLU, ELU, CELU, SELU, GELU, SiLU, Mish, Hardswish, ReLU6, Softplus, Threshold,
    Sigmoid, Hardsigmoid, LogSigmoid, Tanh, Hardtanh, Softsign, Tanhshrink, Hardshrink, Softshrink,
    Softmax, Softmin, LogSoftmax, Softmax2d,
)  # fmt: skip
"""Those that keep the shape, so that a layer can apply one to its own output."""

AnyActivation = Annotated[
    reduce(or_, ACTIVATIONS.values()), Field(discriminator="kind"), BeforeValidator(accept_name)
]  # fmt: skip


def activation_field(default: Any = None) -> Any:
    """The activation that a layer applies to its own output."""
    return Field(
        default, title="Activation", description="Function applied to this layer's output; none leaves it linear."
    )
