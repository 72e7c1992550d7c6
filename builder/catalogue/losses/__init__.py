"""The losses: what training makes small."""

from functools import reduce
from operator import or_
from typing import Annotated

from pydantic import BeforeValidator, Field

from builder.catalogue.component import accept_name, registry
from builder.catalogue.losses.base import Loss
from builder.catalogue.losses.classes import (
    NLL,
    BCEWithLogits,
    ClassLoss,
    Cosine,
    CrossEntropy,
    Focal,
    Hinge,
    KLDivergence,
    balanced_weights,
)
from builder.catalogue.losses.numbers import L1, MSE, GaussianNLL, Huber, NumberLoss, PoissonNLL, SmoothL1
from builder.catalogue.task import TargetFacts

LOSSES = registry(
    CrossEntropy, BCEWithLogits, NLL, Focal, KLDivergence, Hinge, MSE, L1, SmoothL1, Huber, PoissonNLL, GaussianNLL, Cosine
)  # fmt: skip
AnyLoss = Annotated[reduce(or_, LOSSES.values()), Field(discriminator="kind"), BeforeValidator(accept_name)]


def losses_for(facts: TargetFacts) -> dict[str, type[Loss]]:
    """Those that fit the target, in the order in which they are offered."""
    return {name: kind for name, kind in LOSSES.items() if kind.misfit(facts) is None}


__all__ = [
    "L1", "LOSSES", "MSE", "NLL", "AnyLoss", "BCEWithLogits", "ClassLoss", "Cosine", "CrossEntropy", "Focal", "GaussianNLL",
    "Hinge", "Huber", "KLDivergence", "Loss", "NumberLoss", "PoissonNLL", "SmoothL1", "balanced_weights", "losses_for",
]  # fmt: skip
