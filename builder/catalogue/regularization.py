"""What keeps a model from learning its training rows by heart; dropout is a layer of its own."""

from functools import reduce
from operator import or_
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from builder.catalogue.component import Component, accept_name, real, registry, whole


class Regularization(Component):
    """Each kind may be used once in a project."""


class Penalty(Regularization):
    """Added to the loss: a weighted sum over weight matrices and filters; biases and normalization are left out."""

    @property
    def terms(self) -> tuple[tuple[Literal["abs", "square"], float], ...]:
        """What is summed, and the factor of the sum."""
        raise NotImplementedError


class L1Penalty(Penalty):
    kind: Literal["L1Penalty"] = "L1Penalty"
    label = "L1 penalty"
    help = "Adds weight × the sum of absolute weights to the loss, which drives needless weights to zero."
    source = "Tibshirani 1996"
    weight: float = real(1e-4, "Weight", "Factor of the sum; biases and normalization are left out.", gt=0, le=10)

    @property
    def terms(self) -> tuple[tuple[Literal["abs", "square"], float], ...]:
        return (("abs", self.weight),)


class L2Penalty(Penalty):
    kind: Literal["L2Penalty"] = "L2Penalty"
    label = "L2 penalty"
    help = "Adds weight × the sum of squared weights to the loss, which keeps all weights small."
    source = "Krogh and Hertz 1991"
    weight: float = real(1e-4, "Weight", "Factor of the sum; biases and normalization are left out.", gt=0, le=10)

    @property
    def terms(self) -> tuple[tuple[Literal["abs", "square"], float], ...]:
        return (("square", self.weight),)


class ElasticNet(Penalty):
    kind: Literal["ElasticNet"] = "ElasticNet"
    label = "Elastic net"
    help = "Adds weight × (share × the sum of absolute weights + the rest × the sum of squared ones): zeros, but alike features stay together."
    source = "Zou and Hastie 2005"
    weight: float = real(1e-4, "Weight", "Factor of both sums; biases and normalization are left out.", gt=0, le=10)
    l1_ratio: float = real(0.5, "Share of L1", "1 is the L1 penalty, 0 the L2 penalty.", ge=0, le=1)

    @property
    def terms(self) -> tuple[tuple[Literal["abs", "square"], float], ...]:
        return (("abs", self.weight * self.l1_ratio), ("square", self.weight * (1 - self.l1_ratio)))


class EarlyStopping(Regularization):
    kind: Literal["EarlyStopping"] = "EarlyStopping"
    label = "Early stopping"
    help = "Ends training when the chosen validation metric has not improved for a while."
    source = "Prechelt 1998"
    patience: int = whole(20, "Patience", "Epochs to wait for an improvement.", ge=1, le=10_000, unit="epochs")
    min_delta: float = real(
        0.0, "Least improvement", "Smaller improvements do not count, in the metric's own unit.", ge=0
    )


class GradientClipping(Regularization):
    kind: Literal["GradientClipping"] = "GradientClipping"
    label = "Gradient clipping"
    help = "Shortens gradients longer than a limit, so that one bad batch cannot throw the weights off."
    source = "torch.nn.utils.clip_grad_norm_"
    max_norm: float = real(1.0, "Largest norm", "Limit for the length of the whole gradient.", gt=0, le=1e6)


class ValueClipping(Regularization):
    kind: Literal["ValueClipping"] = "ValueClipping"
    label = "Gradient clipping by value"
    help = "Cuts each number of the gradient off at a limit; unlike clipping by norm, this turns its direction."
    source = "torch.nn.utils.clip_grad_value_"
    clip_value: float = real(0.5, "Largest value", "Limit for each number of the gradient.", gt=0, le=1e6)


class MaxNorm(Regularization):
    kind: Literal["MaxNorm"] = "MaxNorm"
    label = "Max-norm"
    help = "After each step shortens the incoming weights of every unit or filter to a limit: goes well with dropout and large learning rates."
    source = "Srivastava et al. 2014"
    max_norm: float = real(3.0, "Largest norm", "Limit for the length of a unit's weights.", gt=0, le=1e6)


REGULARIZATION = registry(L1Penalty, L2Penalty, ElasticNet, MaxNorm, EarlyStopping, GradientClipping, ValueClipping)
AnyRegularization = Annotated[
    reduce(or_, REGULARIZATION.values()), Field(discriminator="kind"), BeforeValidator(accept_name)
]  # fmt: skip
