"""Activation functions that squeeze values into a range, or shrink small ones to zero."""

from typing import Literal

from pydantic import model_validator

from builder.catalogue.activations.base import Activation, Reach
from builder.catalogue.component import real


class Sigmoid(Activation):
    kind: Literal["Sigmoid"] = "Sigmoid"
    reaches = "unit"
    label = "Sigmoid"
    help = "Squeezes each value between 0 and 1."
    source = "torch.nn.Sigmoid"
    formula = "1 / (1 + exp(-x))"


class Tanh(Activation):
    kind: Literal["Tanh"] = "Tanh"
    reaches = "signed"
    label = "Tanh"
    help = "Squeezes each value between -1 and 1."
    source = "torch.nn.Tanh"
    formula = "tanh(x)"


class Hardsigmoid(Activation):
    kind: Literal["Hardsigmoid"] = "Hardsigmoid"
    reaches = "unit"
    can_die = True
    label = "Hardsigmoid"
    help = "A cheap sigmoid made of three straight lines."
    source = "torch.nn.Hardsigmoid"
    formula = "min(max(0, x + 3), 6) / 6"


class LogSigmoid(Activation):
    kind: Literal["LogSigmoid"] = "LogSigmoid"
    reaches = "some"
    label = "Log-sigmoid"
    help = "Logarithm of the sigmoid, exact for very negative values too."
    source = "torch.nn.LogSigmoid"
    formula = "log(1 / (1 + exp(-x)))"


class Hardtanh(Activation):
    kind: Literal["Hardtanh"] = "Hardtanh"
    label = "Hardtanh"
    help = "Cuts values off below and above: a cheap tanh."
    source = "torch.nn.Hardtanh"
    formula = "min(max(min_val, x), max_val)"
    min_val: float = real(-1.0, "Smallest value", "Smaller values become this.", ge=-1000, le=1000)
    max_val: float = real(1.0, "Largest value", "Larger values become this.", ge=-1000, le=1000)

    @model_validator(mode="after")
    def _bounds_are_in_order(self) -> "Hardtanh":
        if self.min_val >= self.max_val:
            raise ValueError(f"min_val ({self.min_val}) must be below max_val ({self.max_val})")
        return self

    @property
    def reaches(self) -> Reach:
        if self.min_val <= -1 and self.max_val >= 1:
            return "signed"
        return "unit" if self.min_val <= 0 and self.max_val >= 1 else "some"


class Softsign(Activation):
    kind: Literal["Softsign"] = "Softsign"
    reaches = "signed"
    label = "Softsign"
    help = "Squeezes each value between -1 and 1, more slowly than tanh."
    source = "torch.nn.Softsign"
    formula = "x / (1 + |x|)"


class Tanhshrink(Activation):
    kind: Literal["Tanhshrink"] = "Tanhshrink"
    label = "Tanhshrink"
    help = "Each value less its tanh: small values almost vanish."
    source = "torch.nn.Tanhshrink"
    formula = "x - tanh(x)"


class Hardshrink(Activation):
    kind: Literal["Hardshrink"] = "Hardshrink"
    label = "Hardshrink"
    help = "Sets small values to zero and keeps the others."
    source = "torch.nn.Hardshrink"
    formula = "x if |x| > lambd else 0"
    lambd: float = real(0.5, "Lambda", "Values up to this size become zero.", ge=0, le=1000)


class Softshrink(Activation):
    kind: Literal["Softshrink"] = "Softshrink"
    label = "Softshrink"
    help = "Sets small values to zero and moves the others towards it."
    source = "torch.nn.Softshrink"
    formula = "sign(x) * max(0, |x| - lambd)"
    lambd: float = real(0.5, "Lambda", "Values up to this size become zero; others shrink by it.", ge=0, le=1000)
