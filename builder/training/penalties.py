"""Penalties on the weights, whose gradient is added to that of the loss at each step."""

from torch import Tensor, nn

from builder.catalogue.regularization import Penalty
from builder.spec.training import TrainingSpec


def weight_penalty(training: TrainingSpec, model: nn.Module) -> Tensor | None:
    """λ1·Σ|w| + λ2·Σw² over weight matrices and filters; biases and normalization are left out. None if all are off."""
    terms = [term for item in training.regularization if isinstance(item, Penalty) for term in item.terms]
    if not terms:
        return None
    weights = [parameter for parameter in model.parameters() if parameter.dim() > 1]
    return sum(factor * sum(getattr(weight, norm)().sum() for weight in weights) for norm, factor in terms)
