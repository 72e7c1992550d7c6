"""Penalties on the weights, added to the loss of each step."""

from torch import Tensor, nn

from builder.catalogue.regularization import L1Penalty, L2Penalty
from builder.spec.training import TrainingSpec


def weight_penalty(training: TrainingSpec, model: nn.Module) -> Tensor | None:
    """λ1·Σ|w| + λ2·Σw² over weight matrices and filters; biases and normalization are left out. None if both are off."""
    l1, l2 = training.regularizer(L1Penalty), training.regularizer(L2Penalty)
    if l1 is None and l2 is None:
        return None
    weights = [parameter for parameter in model.parameters() if parameter.dim() > 1]
    total = 0
    if l1 is not None:
        total = total + l1.weight * sum(weight.abs().sum() for weight in weights)
    if l2 is not None:
        total = total + l2.weight * sum(weight.square().sum() for weight in weights)
    return total
