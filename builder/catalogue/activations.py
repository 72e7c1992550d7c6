"""The activation functions, usable on a layer or as layers of their own."""

from functools import reduce
from operator import or_
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from builder.catalogue.component import TorchCall, accept_name, choice, real, registry
from builder.catalogue.layer import Layer, Shape, elements


class Activation(Layer):
    """Works on each value by itself unless it says otherwise.

    Input shape:  any
    Output shape: the same
    """

    family: ClassVar[str] = "Activation"
    formula: ClassVar[str]

    def output_shape(self, *inputs: Shape) -> Shape:
        return inputs[0]

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(self.source, self.model_dump(exclude={"kind"}))

    def multiply_adds(self, *inputs: Shape) -> int:
        return 0

    def saved_elements(self, *inputs: Shape) -> int:
        return elements(inputs[0])


class ReLU(Activation):
    kind: Literal["ReLU"] = "ReLU"
    label = "ReLU"
    help = "Keeps positive values and turns negative ones to zero; the usual first choice."
    source = "torch.nn.ReLU"
    formula = "max(0, x)"


class LeakyReLU(Activation):
    kind: Literal["LeakyReLU"] = "LeakyReLU"
    label = "Leaky ReLU"
    help = "Like ReLU, but lets a small share of negative values through, so that units do not die."
    source = "torch.nn.LeakyReLU"
    formula = "x if x > 0 else negative_slope * x"
    negative_slope: float = real(0.01, "Negative slope", "Factor for negative values.", ge=0, le=1)


class PReLU(Activation):
    kind: Literal["PReLU"] = "PReLU"
    label = "PReLU"
    help = "Leaky ReLU whose slope for negative values is learned."
    source = "torch.nn.PReLU"
    formula = "x if x > 0 else weight * x"
    init: float = real(0.25, "Initial slope", "Slope for negative values before training.", ge=0, le=1)

    def parameter_count(self, *inputs: Shape) -> int:
        return 1


class ELU(Activation):
    kind: Literal["ELU"] = "ELU"
    label = "ELU"
    help = "Smooth below zero and saturating at -alpha, which keeps mean activations near zero."
    source = "torch.nn.ELU"
    formula = "x if x > 0 else alpha * (exp(x) - 1)"
    alpha: float = real(1.0, "Alpha", "Value that very negative inputs approach, with its sign turned.", gt=0, le=10)


class SELU(Activation):
    kind: Literal["SELU"] = "SELU"
    label = "SELU"
    help = "Scaled ELU that keeps mean 0 and variance 1 through deep stacks of Linear layers."
    source = "torch.nn.SELU"
    formula = "1.0507 * (x if x > 0 else 1.6733 * (exp(x) - 1))"


class GELU(Activation):
    kind: Literal["GELU"] = "GELU"
    label = "GELU"
    help = "Weighs each value by how likely a normal value is below it; standard in transformers."
    source = "torch.nn.GELU"
    formula = "x * Phi(x)"
    approximate: Literal["none", "tanh"] = choice("none", "Approximation", "Exact, or the quicker tanh formula.")


class SiLU(Activation):
    kind: Literal["SiLU"] = "SiLU"
    label = "SiLU (Swish)"
    help = "A smooth ReLU: each value times its sigmoid."
    source = "torch.nn.SiLU"
    formula = "x * sigmoid(x)"


class Mish(Activation):
    kind: Literal["Mish"] = "Mish"
    label = "Mish"
    help = "A smooth ReLU that dips slightly below zero."
    source = "torch.nn.Mish"
    formula = "x * tanh(softplus(x))"


class Hardswish(Activation):
    kind: Literal["Hardswish"] = "Hardswish"
    label = "Hardswish"
    help = "A cheap piecewise version of SiLU, made for small devices."
    source = "torch.nn.Hardswish"
    formula = "x * clip(x + 3, 0, 6) / 6"


class Sigmoid(Activation):
    kind: Literal["Sigmoid"] = "Sigmoid"
    label = "Sigmoid"
    help = "Squeezes each value between 0 and 1."
    source = "torch.nn.Sigmoid"
    formula = "1 / (1 + exp(-x))"


class Tanh(Activation):
    kind: Literal["Tanh"] = "Tanh"
    label = "Tanh"
    help = "Squeezes each value between -1 and 1."
    source = "torch.nn.Tanh"
    formula = "tanh(x)"


class Softplus(Activation):
    kind: Literal["Softplus"] = "Softplus"
    label = "Softplus"
    help = "A smooth ReLU that is always positive."
    source = "torch.nn.Softplus"
    formula = "log(1 + exp(beta * x)) / beta"
    beta: float = real(1.0, "Beta", "Sharpness of the bend at zero.", gt=0, le=100)
    threshold: float = real(
        20.0, "Threshold", "Above this value of beta * x the function is a straight line.", gt=0, le=1000
    )


class _AlongAxis(Activation):
    """Works over one axis: the classes of a flat vector, the channels of an image."""

    dim: int = Field(
        1, ge=-4, le=4, title="Axis", description="Axis that sums to one; 1 is the first axis after the batch.",
        json_schema_extra={"unit": ""},
    )  # fmt: skip

    def output_shape(self, *inputs: Shape) -> Shape:
        rank = len(inputs[0]) + 1
        if not -rank <= self.dim < rank or self.dim % rank == 0:
            raise self.refuse(
                inputs, f"an axis from 1 to {rank - 1}", got=f"axis {self.dim}", way_out="Set the axis to 1"
            )
        return inputs[0]


class Softmax(_AlongAxis):
    kind: Literal["Softmax"] = "Softmax"
    label = "Softmax"
    help = "Turns scores into shares that sum to one; leave it off before a loss that takes logits."
    source = "torch.nn.Softmax"
    formula = "exp(x_i) / sum_j exp(x_j)"


class LogSoftmax(_AlongAxis):
    kind: Literal["LogSoftmax"] = "LogSoftmax"
    label = "Log-softmax"
    help = "Logarithm of softmax: what the NLL loss takes."
    source = "torch.nn.LogSoftmax"
    formula = "x_i - log(sum_j exp(x_j))"


ACTIVATIONS = registry(
    ReLU, LeakyReLU, PReLU, ELU, SELU, GELU, SiLU, Mish, Hardswish, Sigmoid, Tanh, Softplus, Softmax, LogSoftmax
)  # fmt: skip

AnyActivation = Annotated[
    reduce(or_, ACTIVATIONS.values()), Field(discriminator="kind"), BeforeValidator(accept_name)
]  # fmt: skip


def activation_field(default: Any = None) -> Any:
    """The activation that a layer applies to its own output."""
    return Field(
        default, title="Activation", description="Function applied to this layer's output; none leaves it linear."
    )
