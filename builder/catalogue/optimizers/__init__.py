"""The optimizers: how each training step moves the weights."""

from functools import reduce
from operator import or_
from typing import Annotated

from pydantic import BeforeValidator, Field

from builder.catalogue.component import accept_name, registry
from builder.catalogue.optimizers.adaptive import (
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    Muon,
    NAdam,
    RAdam,
    RMSprop,
)
from builder.catalogue.optimizers.base import DecoupledDecay, Optimizer
from builder.catalogue.optimizers.gradient import LBFGS, SGD, GradientDescent

OPTIMIZERS = registry(AdamW, Adam, SGD, NAdam, RAdam, Adamax, RMSprop, Adagrad, Adadelta, Muon, LBFGS, GradientDescent)
AnyOptimizer = Annotated[
    reduce(or_, OPTIMIZERS.values()), Field(discriminator="kind"), BeforeValidator(accept_name)
]  # fmt: skip

__all__ = [
    "LBFGS", "OPTIMIZERS", "SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "AnyOptimizer", "DecoupledDecay",
    "GradientDescent", "Muon", "NAdam", "Optimizer", "RAdam", "RMSprop",
]  # fmt: skip
