"""Averages weights over the steps of a training. This text is printed into generated scripts, so it depends on torch alone."""

from copy import deepcopy

import torch
from torch import Tensor, nn


class MovingAverage:
    """A copy of a model that follows it: average ← decay · average + (1 - decay) · model, after each step.

    The running statistics of batch normalization are averaged alike, so that they fit the averaged weights. torch's
    AveragedModel does the same, but takes as long as a whole step of a small model.
    """

    def __init__(self, model: nn.Module, decay: float, warm_up: bool):
        self.module, self.decay, self.warm_up, self.steps = deepcopy(model), decay, warm_up, 0
        self._kept, self._now = _numbers(self.module), _numbers(model)

    def decay_now(self) -> float:
        """The first step is taken as it is. Source of the warm-up: tf.train.ExponentialMovingAverage."""
        if self.steps == 0:
            return 0.0
        return min(self.decay, (1 + self.steps) / (10 + self.steps)) if self.warm_up else self.decay

    @torch.no_grad()
    def update(self) -> None:
        torch._foreach_lerp_(self._kept, self._now, 1 - self.decay_now())
        self.steps += 1


def _numbers(model: nn.Module) -> list[Tensor]:
    """Weights and running statistics; how many batches a normalization has seen is no more than a count."""
    return [tensor.detach() for tensor in (*model.parameters(), *model.buffers()) if tensor.is_floating_point()]
