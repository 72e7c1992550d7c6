"""Activation functions with a bend at zero: piecewise, or smooth versions of ReLU."""

from typing import Literal

from pydantic import model_validator

from builder.catalogue.activations.base import Activation
from builder.catalogue.component import TorchCall, choice, real
from builder.catalogue.layer import Shape


class ReLU(Activation):
    kind: Literal["ReLU"] = "ReLU"
    reaches = "positive"
    can_die = True
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


class RReLU(Activation):
    kind: Literal["RReLU"] = "RReLU"
    label = "Randomized leaky ReLU"
    help = "Leaky ReLU whose slope is drawn anew in each training step; afterwards the mean of the bounds is used."
    source = "torch.nn.RReLU"
    formula = "x if x >= 0 else a * x, a from lower to upper"
    lower: float = real(0.125, "Lower bound", "Smallest slope for negative values.", ge=0, le=1)
    upper: float = real(1 / 3, "Upper bound", "Largest slope for negative values.", ge=0, le=1)

    @model_validator(mode="after")
    def _bounds_are_in_order(self) -> "RReLU":
        if self.lower > self.upper:
            raise ValueError(f"lower ({self.lower}) must be at most upper ({self.upper})")
        return self

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall("builder.nn.modules.activation.RReLU", self.model_dump(exclude={"kind"}))


class PReLU(Activation):
    kind: Literal["PReLU"] = "PReLU"
    label = "PReLU"
    help = "Leaky ReLU whose slope for negative values is learned."
    source = "torch.nn.PReLU"
    formula = "x if x > 0 else weight * x"
    init: float = real(0.25, "Initial slope", "Slope for negative values before training.", ge=0, le=1)

    def parameter_count(self, *inputs: Shape) -> int:
        return 1


class ReLU6(Activation):
    kind: Literal["ReLU6"] = "ReLU6"
    reaches = "unit"
    can_die = True
    label = "ReLU6"
    help = "ReLU that stops at 6, which keeps values in the range of small devices."
    source = "torch.nn.ReLU6"
    formula = "min(max(0, x), 6)"


class Threshold(Activation):
    kind: Literal["Threshold"] = "Threshold"
    reaches = "some"
    label = "Threshold"
    help = "Keeps values above a threshold and sets all others to one value."
    source = "torch.nn.Threshold"
    formula = "x if x > threshold else value"
    threshold: float = real(0.1, "Threshold", "Values above it pass.", ge=-1000, le=1000)
    value: float = real(0.0, "Value", "What takes the place of all others.", ge=-1000, le=1000)

    @property
    def can_die(self) -> bool:
        return self.value == 0


class ELU(Activation):
    kind: Literal["ELU"] = "ELU"
    reaches = "positive"
    label = "ELU"
    help = "Smooth below zero and saturating at -alpha, which keeps mean activations near zero."
    source = "torch.nn.ELU"
    formula = "x if x > 0 else alpha * (exp(x) - 1)"
    alpha: float = real(1.0, "Alpha", "Value that very negative inputs approach, with its sign turned.", ge=0.01, le=10)


class CELU(Activation):
    kind: Literal["CELU"] = "CELU"
    reaches = "positive"
    label = "CELU"
    help = "ELU without a kink at zero, whatever alpha is."
    source = "torch.nn.CELU"
    formula = "max(0, x) + min(0, alpha * (exp(x / alpha) - 1))"
    alpha: float = real(1.0, "Alpha", "Very negative inputs approach this with its sign turned.", ge=0.01, le=10)


class SELU(Activation):
    kind: Literal["SELU"] = "SELU"
    reaches = "positive"
    label = "SELU"
    help = "Scaled ELU that keeps mean 0 and variance 1 through deep stacks of Linear layers."
    source = "torch.nn.SELU"
    formula = "1.0507 * (x if x > 0 else 1.6733 * (exp(x) - 1))"


class GELU(Activation):
    kind: Literal["GELU"] = "GELU"
    reaches = "positive"
    label = "GELU"
    help = "Weighs each value by how likely a normal value is below it; standard in transformers."
    source = "torch.nn.GELU"
    formula = "x * Phi(x)"
    approximate: Literal["none", "tanh"] = choice("none", "Approximation", "Exact, or the quicker tanh formula.")


class SiLU(Activation):
    kind: Literal["SiLU"] = "SiLU"
    reaches = "positive"
    label = "SiLU (Swish)"
    help = "A smooth ReLU: each value times its sigmoid."
    source = "torch.nn.SiLU"
    formula = "x * sigmoid(x)"


class Mish(Activation):
    kind: Literal["Mish"] = "Mish"
    reaches = "positive"
    label = "Mish"
    help = "A smooth ReLU that dips slightly below zero."
    source = "torch.nn.Mish"
    formula = "x * tanh(softplus(x))"


class Hardswish(Activation):
    kind: Literal["Hardswish"] = "Hardswish"
    reaches = "positive"
    can_die = True
    label = "Hardswish"
    help = "A cheap piecewise version of SiLU, made for small devices."
    source = "torch.nn.Hardswish"
    formula = "x * clip(x + 3, 0, 6) / 6"


class Softplus(Activation):
    kind: Literal["Softplus"] = "Softplus"
    reaches = "positive"
    label = "Softplus"
    help = "A smooth ReLU that is always positive."
    source = "torch.nn.Softplus"
    formula = "log(1 + exp(beta * x)) / beta"
    beta: float = real(1.0, "Beta", "Sharpness of the bend at zero.", gt=0, le=100)
    threshold: float = real(
        20.0, "Threshold", "Above this value of beta * x the function is a straight line.", gt=0, le=1000
    )
