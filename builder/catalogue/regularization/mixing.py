"""Trains on blends of rows, so that the model learns to behave between them."""

from typing import ClassVar, Literal

from builder.catalogue.component import real
from builder.catalogue.regularization.base import Regularization
from builder.catalogue.task import TargetFacts


def _alpha(default: float) -> float:
    return real(
        default, "Alpha", "Shares are drawn from Beta(alpha, alpha): near 0 hardly anything is mixed, 1 makes every share alike likely.", ge=0.01, le=10
    )  # fmt: skip


class Mixing(Regularization):
    """Each batch is mixed with itself in another order, and its loss is the same share of the loss to each truth.

    Where several are on, chance picks one for each batch.
    """

    function: ClassVar[str]
    """Its name in `builder.nn.mixing`."""
    blends: ClassVar[bool]
    """Whether values of inputs are averaged, which whole numbers that are looked up cannot be."""
    alpha: float

    @classmethod
    def misfit(cls, facts: TargetFacts) -> str | None:
        is_answered = facts.task != "reconstruction"
        return (
            None
            if is_answered
            else "it mixes rows and their answers, and a model that gives back its input has none to mix"
        )


class Mixup(Mixing):
    kind: Literal["Mixup"] = "Mixup"
    label = "Mixup"
    help = (
        "Trains on blends of two rows and their answers; figures of training are then of blends, so go by validation."
    )
    source = "Zhang et al. 2018, arXiv:1710.09412"
    function = "mixup"
    blends = True
    alpha: float = _alpha(0.2)


class CutMix(Mixing):
    kind: Literal["CutMix"] = "CutMix"
    label = "CutMix"
    help = "Trains on images with a box pasted in from another, each answer counting by its area; figures of training are then of such images, so go by validation."
    source = "Yun et al. 2019, arXiv:1905.04899"
    function = "cutmix"
    blends = False
    alpha: float = _alpha(1.0)

    @classmethod
    def misfit(cls, facts: TargetFacts) -> str | None:
        is_image = len(facts.input_shape) == 3
        return super().misfit(facts) if is_image else "it pastes boxes out of other images, and a table has none"
