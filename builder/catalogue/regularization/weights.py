"""Keeps weights small: penalties on them, and a limit for their length."""

from typing import Literal

from builder.catalogue.component import real
from builder.catalogue.regularization.base import Regularization


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


class MaxNorm(Regularization):
    kind: Literal["MaxNorm"] = "MaxNorm"
    label = "Max-norm"
    help = "After each step shortens the incoming weights of every unit or filter to a limit: goes well with dropout and large learning rates."
    source = "Srivastava et al. 2014"
    takes_shards = False
    max_norm: float = real(3.0, "Largest norm", "Limit for the length of a unit's weights.", gt=0, le=1e6)
