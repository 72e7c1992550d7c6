"""Optimizers with a step size of its own for each weight."""

from typing import Literal

from pydantic import model_validator

from builder.catalogue.component import TorchCall, choice, real
from builder.catalogue.optimizers.base import (
    COUPLED,
    DECOUPLED,
    DecoupledDecay,
    Optimizer,
    decay_field,
    epsilon_field,
    lr_field,
    momentum_field,
)


def _beta1() -> float:
    return real(0.9, "Beta 1", "Share of the old mean gradient that is kept.", ge=0, lt=1)


def _beta2() -> float:
    return real(0.999, "Beta 2", "Share of the old squared gradient that is kept.", ge=0, lt=1)


class RMSprop(Optimizer):
    kind: Literal["RMSprop"] = "RMSprop"
    label = "RMSprop"
    help = "Divides each step by the recent size of that weight's gradient."
    source = "torch.optim.RMSprop"
    lr: float = lr_field(0.001)
    alpha: float = real(0.99, "Smoothing", "Share of the old squared gradient that is kept.", ge=0, lt=1)
    eps: float = epsilon_field(1e-8)
    momentum: float = momentum_field(0.0)
    centered: bool = choice(False, "Centered", "Divides by the gradient's standard deviation instead.")
    weight_decay: float = decay_field(0.0, COUPLED)

    @model_validator(mode="after")
    def _a_deviation_needs_several_gradients(self) -> "RMSprop":
        if self.centered and self.alpha < 0.01:  # the root of a variance that rounding has made negative
            raise ValueError("centered needs a smoothing of 0.01 or more; set alpha to 0.99 or switch centered off")
        return self


class Adagrad(Optimizer):
    kind: Literal["Adagrad"] = "Adagrad"
    label = "Adagrad"
    help = (
        "Divides each step by the size of all gradients so far: for sparse features; its steps only ever get shorter."
    )
    source = "torch.optim.Adagrad"
    fused = True
    values_kept = 1
    lr: float = lr_field(0.01)
    lr_decay: float = real(
        0.0, "Learning-rate decay", "Shortens the steps further, by 1 / (1 + this × step).", ge=0, le=1
    )
    eps: float = epsilon_field(1e-10)
    weight_decay: float = decay_field(0.0, COUPLED)


class Adadelta(Optimizer):
    kind: Literal["Adadelta"] = "Adadelta"
    label = "Adadelta"
    help = "Finds the size of its steps by itself, from those before; nearly no tuning, seldom the fastest."
    source = "torch.optim.Adadelta"
    lr: float = lr_field(1.0)
    rho: float = real(0.9, "Rho", "Share of the old squared gradient that is kept.", ge=0, lt=1)
    eps: float = epsilon_field(1e-6)
    weight_decay: float = decay_field(0.0, COUPLED)


class Adam(Optimizer):
    kind: Literal["Adam"] = "Adam"
    label = "Adam"
    help = "Momentum with a step size of its own for each weight; works well untuned."
    source = "torch.optim.Adam"
    fused = True
    lr: float = lr_field(0.001)
    beta1: float = _beta1()
    beta2: float = _beta2()
    eps: float = epsilon_field(1e-8)
    amsgrad: bool = choice(False, "AMSGrad", "Divides by the largest squared gradient so far.")
    weight_decay: float = decay_field(0.0, COUPLED)


class AdamW(DecoupledDecay):
    kind: Literal["AdamW"] = "AdamW"
    label = "AdamW"
    help = "Adam whose weight decay shrinks the weights directly; a good default."
    source = "torch.optim.AdamW"
    fused = True
    lr: float = lr_field(0.001)
    beta1: float = _beta1()
    beta2: float = _beta2()
    eps: float = epsilon_field(1e-8)
    amsgrad: bool = choice(False, "AMSGrad", "Divides by the largest squared gradient so far.")
    weight_decay: float = decay_field(0.01, DECOUPLED)


class Adamax(Optimizer):
    kind: Literal["Adamax"] = "Adamax"
    label = "Adamax"
    help = (
        "Adam that divides by the largest recent gradient: steady where single gradients are far larger than the rest."
    )
    source = "torch.optim.Adamax"
    lr: float = lr_field(0.002)
    beta1: float = _beta1()
    beta2: float = _beta2()
    eps: float = epsilon_field(1e-8)
    weight_decay: float = decay_field(0.0, COUPLED)


class NAdam(DecoupledDecay):
    kind: Literal["NAdam"] = "NAdam"
    label = "NAdam"
    help = "Adam with Nesterov's look ahead; often a little quicker."
    source = "torch.optim.NAdam"
    lr: float = lr_field(0.002)
    beta1: float = _beta1()
    beta2: float = _beta2()
    eps: float = epsilon_field(1e-8)
    momentum_decay: float = real(0.004, "Momentum decay", "How quickly the momentum reaches beta 1.", ge=0, le=1)
    weight_decay: float = decay_field(0.0, DECOUPLED)

    def torch_call(self) -> TorchCall:
        call = super().torch_call()
        return call._replace(kwargs=call.kwargs | {"decoupled_weight_decay": True})


class RAdam(DecoupledDecay):
    kind: Literal["RAdam"] = "RAdam"
    label = "RAdam"
    help = "Adam that takes careful first steps by itself, so that it needs no warm-up."
    source = "torch.optim.RAdam"
    lr: float = lr_field(0.001)
    beta1: float = _beta1()
    beta2: float = _beta2()
    eps: float = epsilon_field(1e-8)
    weight_decay: float = decay_field(0.0, DECOUPLED)

    def torch_call(self) -> TorchCall:
        call = super().torch_call()
        return call._replace(kwargs=call.kwargs | {"decoupled_weight_decay": True})


class Muon(DecoupledDecay):
    kind: Literal["Muon"] = "Muon"
    label = "Muon"
    help = "Makes each step of a weight matrix orthogonal, so that no direction is neglected; all other weights go by AdamW at the same learning rate."
    source = "torch.optim.Muon"
    takes_shards = False  # it looks at whole matrices
    lr: float = lr_field(0.001)
    momentum: float = real(0.95, "Momentum", "Share of the last step that is kept.", ge=0, lt=1)
    nesterov: bool = choice(True, "Nesterov", "Looks ahead along the momentum.")
    weight_decay: float = decay_field(0.01, DECOUPLED)

    @property
    def takes(self) -> Literal["parameters", "groups", "model"]:
        return "model"

    def torch_call(self) -> TorchCall:
        kwargs = self.model_dump(exclude={"kind"})
        return TorchCall("builder.nn.optimization.MuonWithAdamW", kwargs)
