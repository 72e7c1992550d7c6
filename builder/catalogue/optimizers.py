"""The optimizers: how each training step moves the weights."""

from functools import reduce
from operator import or_
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, model_validator

from builder.catalogue.component import Component, TorchCall, accept_name, choice, real, registry


def _lr(default: float) -> float:
    return real(default, "Learning rate", "Size of each step; too large diverges, too small crawls.", gt=0, le=10)


def _weight_decay(default: float, help: str) -> float:
    return real(default, "Weight decay", help, ge=0, le=1)


_COUPLED = "Adds this times the weight to its gradient."


class Optimizer(Component):
    lr: float
    fused: ClassVar[bool] = True
    """Whether torch has a fused CPU kernel for it; never slower where it exists (measured)."""
    values_kept: ClassVar[int] = 2
    """Numbers of state per weight, for the memory estimate."""

    def torch_call(self) -> TorchCall:
        kwargs = self.model_dump(exclude={"kind", "beta1", "beta2"})
        if hasattr(self, "beta1"):
            kwargs["betas"] = (self.beta1, self.beta2)
        return TorchCall(self.source, kwargs | ({"fused": True} if self.fused else {}))


class SGD(Optimizer):
    kind: Literal["SGD"] = "SGD"
    label = "SGD"
    help = "Plain gradient steps, with momentum if wanted; slow to tune, often the best in the end."
    source = "torch.optim.SGD"
    values_kept = 1
    lr: float = _lr(0.01)
    momentum: float = real(0.9, "Momentum", "Share of the last step that is kept.", ge=0, lt=1)
    nesterov: bool = choice(False, "Nesterov", "Looks ahead along the momentum before it measures the gradient.")
    weight_decay: float = _weight_decay(0.0, _COUPLED)

    @model_validator(mode="after")
    def _nesterov_needs_momentum(self) -> "SGD":
        if self.nesterov and self.momentum == 0:
            raise ValueError("nesterov needs a momentum above 0; set momentum to 0.9 or switch nesterov off")
        return self


class RMSprop(Optimizer):
    kind: Literal["RMSprop"] = "RMSprop"
    label = "RMSprop"
    help = "Divides each step by the recent size of that weight's gradient."
    source = "torch.optim.RMSprop"
    fused = False
    lr: float = _lr(0.001)
    alpha: float = real(0.99, "Smoothing", "Share of the old squared gradient that is kept.", ge=0, lt=1)
    eps: float = real(1e-8, "Epsilon", "Keeps the division from blowing up.", gt=0, le=0.1)
    momentum: float = real(0.0, "Momentum", "Share of the last step that is kept.", ge=0, lt=1)
    centered: bool = choice(False, "Centered", "Divides by the gradient's standard deviation instead.")
    weight_decay: float = _weight_decay(0.0, _COUPLED)


class Adam(Optimizer):
    kind: Literal["Adam"] = "Adam"
    label = "Adam"
    help = "Momentum with a step size of its own for each weight; works well untuned."
    source = "torch.optim.Adam"
    lr: float = _lr(0.001)
    beta1: float = real(0.9, "Beta 1", "Share of the old mean gradient that is kept.", ge=0, lt=1)
    beta2: float = real(0.999, "Beta 2", "Share of the old squared gradient that is kept.", ge=0, lt=1)
    eps: float = real(1e-8, "Epsilon", "Keeps the division from blowing up.", gt=0, le=0.1)
    amsgrad: bool = choice(False, "AMSGrad", "Divides by the largest squared gradient so far.")
    weight_decay: float = _weight_decay(0.0, _COUPLED)


class AdamW(Adam):
    kind: Literal["AdamW"] = "AdamW"
    label = "AdamW"
    help = "Adam whose weight decay shrinks the weights directly; a good default."
    source = "torch.optim.AdamW"
    weight_decay: float = _weight_decay(0.01, "Shrinks each weight by this times the learning rate at each step.")


OPTIMIZERS = registry(SGD, RMSprop, Adam, AdamW)
AnyOptimizer = Annotated[
    reduce(or_, OPTIMIZERS.values()), Field(discriminator="kind"), BeforeValidator(accept_name)
]  # fmt: skip
