"""What keeps a model from learning its training rows by heart; dropout is a layer of its own."""

from functools import reduce
from operator import or_
from typing import Annotated

from pydantic import BeforeValidator, Field

from builder.catalogue.component import accept_name, registry
from builder.catalogue.regularization.averaging import EMA, SWA, Averaging
from builder.catalogue.regularization.base import Regularization
from builder.catalogue.regularization.gradients import GradientClipping, ValueClipping
from builder.catalogue.regularization.mixing import CutMix, Mixing, Mixup
from builder.catalogue.regularization.stopping import EarlyStopping
from builder.catalogue.regularization.weights import ElasticNet, L1Penalty, L2Penalty, MaxNorm, Penalty

REGULARIZATION = registry(
    L1Penalty, L2Penalty, ElasticNet, MaxNorm, EarlyStopping, Mixup, CutMix, EMA, SWA, GradientClipping, ValueClipping
)
AnyRegularization = Annotated[
    reduce(or_, REGULARIZATION.values()), Field(discriminator="kind"), BeforeValidator(accept_name)
]  # fmt: skip

__all__ = [
    "EMA", "REGULARIZATION", "SWA", "AnyRegularization", "Averaging", "CutMix", "EarlyStopping", "ElasticNet", "GradientClipping",
    "L1Penalty", "L2Penalty", "MaxNorm", "Mixing", "Mixup", "Penalty", "Regularization", "ValueClipping",
]  # fmt: skip
