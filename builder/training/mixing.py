"""Mixes the rows of a training batch, as far as the project asks for it."""

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor, nn

from builder.nn import mixing
from builder.spec.training import TrainingSpec


class Mix(NamedTuple):
    """What a batch was mixed with."""

    inputs: Tensor
    partners: Tensor
    own: float
    """Share of each row in its mix."""

    def loss(self, criterion: nn.Module, outputs: Tensor, targets: Tensor) -> Tensor:
        """To both truths, by their shares; for cross-entropy that is the loss to the mixed labels."""
        return self.own * criterion(outputs, targets) + (1 - self.own) * criterion(outputs, targets[self.partners])

    def truth(self, truth: Tensor) -> Tensor:
        """What training metrics compare with: mixed numbers, or the class that has the larger share."""
        if truth.is_floating_point():
            return self.own * truth + (1 - self.own) * truth[self.partners]
        return truth if self.own >= 0.5 else truth[self.partners]


def ways_of(training: TrainingSpec) -> list[tuple[Callable, float]]:
    """The ways of mixing that are on, each with its alpha."""
    return [(getattr(mixing, item.function), item.alpha) for item in training.mixing]
