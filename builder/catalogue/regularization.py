"""What keeps a model from learning its training rows by heart; dropout is a layer of its own."""

from functools import reduce
from operator import or_
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from builder.catalogue.component import Component, accept_name, real, registry, whole


class Regularization(Component):
    """Each kind may be used once in a project."""


class L1Penalty(Regularization):
    kind: Literal["L1Penalty"] = "L1Penalty"
    label = "L1 penalty"
    help = "Adds weight × the sum of absolute weights to the loss, which drives needless weights to zero."
    source = "Tibshirani 1996"
    weight: float = real(1e-4, "Weight", "Factor of the sum; biases and normalization are left out.", gt=0, le=10)


class L2Penalty(Regularization):
    kind: Literal["L2Penalty"] = "L2Penalty"
    label = "L2 penalty"
    help = "Adds weight × the sum of squared weights to the loss, which keeps all weights small."
    source = "Krogh and Hertz 1991"
    weight: float = real(1e-4, "Weight", "Factor of the sum; biases and normalization are left out.", gt=0, le=10)


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


REGULARIZATION = registry(L1Penalty, L2Penalty, EarlyStopping, GradientClipping)
AnyRegularization = Annotated[
    reduce(or_, REGULARIZATION.values()), Field(discriminator="kind"), BeforeValidator(accept_name)
]  # fmt: skip
