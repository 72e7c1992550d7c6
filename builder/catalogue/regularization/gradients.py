"""Limits how far one bad batch can move the weights."""

from typing import Literal

from builder.catalogue.component import real
from builder.catalogue.regularization.base import Regularization


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
