"""The losses for numbers and reconstructions."""

from typing import Literal

from builder.catalogue.component import TorchCall, real
from builder.catalogue.losses.base import Loss
from builder.catalogue.task import NUMBERS, REGRESSION, TargetFacts


class NumberLoss(Loss):
    """Compares numbers with numbers, scaled to mean 0 and deviation 1 over the training rows.

    Input shape: (batch, 1) or the shape that is given back; targets in the same shape
    """

    tasks = NUMBERS
    compares = "numbers with numbers"
    takes_column = True
    answer = "builder.nn.answers.ValueAnswer"

    def answer_call(self, shift: float, scale: float) -> TorchCall:
        return TorchCall(self.answer, {"shift": shift, "scale": scale})


class MSE(NumberLoss):
    kind: Literal["MSE"] = "MSE"
    label = "Mean squared error"
    help = "For numbers and reconstructions: the usual choice; large misses weigh most."
    source = "torch.nn.MSELoss"


class L1(NumberLoss):
    kind: Literal["L1"] = "L1"
    label = "Mean absolute error"
    help = "For numbers with outliers: every unit of miss weighs the same."
    source = "torch.nn.L1Loss"


class SmoothL1(NumberLoss):
    kind: Literal["SmoothL1"] = "SmoothL1"
    label = "Smooth L1"
    help = "For numbers with outliers: absolute error with a rounded tip, so that small misses settle."
    source = "torch.nn.SmoothL1Loss"
    beta: float = real(
        1.0, "Beta", "Miss at which it turns from squared to absolute, in standard deviations of the target.", gt=0, le=100
    )  # fmt: skip


class Huber(NumberLoss):
    kind: Literal["Huber"] = "Huber"
    label = "Huber"
    help = "For numbers: squared for small misses, absolute for large ones."
    source = "torch.nn.HuberLoss"
    delta: float = real(
        1.0, "Delta", "Miss at which it turns from squared to absolute, in standard deviations of the target.", gt=0, le=100
    )  # fmt: skip


class PoissonNLL(NumberLoss):
    """Compares the logarithm of a rate with a count, both as shares of the training rows' mean count.

    Input shape: (batch, 1); targets (batch, 1), 0 or more
    """

    kind: Literal["PoissonNLL"] = "PoissonNLL"
    label = "Poisson"
    help = "For counts, such as visits a day: answers are never negative, and large counts may miss by more."
    source = "torch.nn.PoissonNLLLoss"
    tasks = REGRESSION
    compares = "a rate with a count, which is a single number and never negative"
    answer = "builder.nn.answers.RateAnswer"

    @classmethod
    def misfit(cls, facts: TargetFacts) -> str | None:
        is_negative = facts.target_lowest is not None and facts.target_lowest < 0
        return (
            f"it needs counts of 0 or more; the lowest is {facts.target_lowest:g}"
            if is_negative and facts.task in cls.tasks
            else super().misfit(facts)
        )

    def target_scaling(self, shift: float, scale: float) -> tuple[float, float]:
        """Dividing counts by their mean leaves the best rates as they are, and lets the learning rate be the usual one."""
        return 0.0, shift if shift > 0 else 1.0

    def answer_call(self, shift: float, scale: float) -> TorchCall:
        return TorchCall(self.answer, {"scale": scale})


class GaussianNLL(NumberLoss):
    """Compares a number with a mean and a variance of its own for each row; softplus makes the variance positive.

    Input shape: (batch, 2), mean and variance before softplus; targets (batch, 1)
    """

    kind: Literal["GaussianNLL"] = "GaussianNLL"
    label = "Gaussian likelihood"
    help = "For numbers that are harder to tell for some rows than for others: learns a variance beside each answer, and trusts noisy rows less."
    source = "torch.nn.GaussianNLLLoss"
    tasks = REGRESSION
    compares = "a mean and a variance with a single number"
    answer = "builder.nn.answers.MeanAnswer"

    def outputs(self, target_size: int) -> int:
        return 2

    def torch_call(self, facts: TargetFacts) -> TorchCall:
        return TorchCall("builder.nn.losses.GaussianLikelihoodLoss", {})
