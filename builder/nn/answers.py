"""Turns what the last layer gives into answers in the user's terms.

This text is printed into generated scripts, so its classes depend on torch and math alone.
"""

import math

import torch
from torch import Tensor, nn


class SigmoidAnswer(nn.Module):
    """One logit for two classes. Input shape: (N, 1). Output shape: probabilities (N, 2)."""

    def forward(self, logits: Tensor) -> Tensor:
        positive = torch.sigmoid(logits)
        return torch.cat([1 - positive, positive], dim=1)


class SoftmaxAnswer(nn.Module):
    """A logit for each class. Input shape: (N, classes). Output shape: probabilities (N, classes)."""

    def forward(self, logits: Tensor) -> Tensor:
        return torch.softmax(logits, dim=1)


class ValueAnswer(nn.Module):
    """Undoes the standardisation of the target. Input and output shape: (N, 1)."""

    def __init__(self, shift: float, scale: float):
        super().__init__()
        # onnxruntime takes a lone constant near 1e-9 for 0. Dividing by a power of two changes no digit.
        unit = 2.0 ** max(math.frexp(scale)[1] - 2, math.frexp(shift)[1] - 120, -120)
        self.register_buffer("unit", torch.tensor(unit, dtype=torch.float32))
        self.register_buffer("shift", torch.tensor(shift / unit, dtype=torch.float32))
        self.register_buffer("scale", torch.tensor(scale / unit, dtype=torch.float32))

    def forward(self, outputs: Tensor) -> Tensor:
        return (outputs * self.scale + self.shift) * self.unit
