"""Turns what the last layer gives into answers in the user's terms.

This text is printed into generated scripts, so its classes depend on torch and math alone.
Legend: N rows of the batch, H W C image axes.
"""

import math
from collections.abc import Sequence

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


class MeanAnswer(ValueAnswer):
    """The mean of a mean and a variance, in the target's own unit. Input shape: (N, 2). Output shape: (N, 1)."""

    needs = (ValueAnswer,)

    def forward(self, outputs: Tensor) -> Tensor:
        return super().forward(outputs[:, :1])


class RateAnswer(nn.Module):
    """The count to expect, from the logarithm of its share of the mean count. Input and output shape: (N, 1)."""

    def __init__(self, scale: float):
        super().__init__()
        self.register_buffer("scale", torch.tensor(scale, dtype=torch.float32))

    def forward(self, outputs: Tensor) -> Tensor:
        return torch.exp(outputs) * self.scale


class TableReconstruction(nn.Module):
    """Undoes the scaling of the features, each in its own unit. Input and output shape: (N, features)."""

    def __init__(self, shift: Sequence[float], scale: Sequence[float]):
        super().__init__()
        exponents = [(math.frexp(part)[1] for part in pair) for pair in zip(scale, shift, strict=True)]
        unit = [2.0 ** max(size - 2, place - 120, -120) for size, place in exponents]  # as for a single value
        self.register_buffer("unit", torch.tensor(unit, dtype=torch.float32))
        self.register_buffer("shift", torch.tensor([a / b for a, b in zip(shift, unit, strict=True)]))
        self.register_buffer("scale", torch.tensor([a / b for a, b in zip(scale, unit, strict=True)]))

    def forward(self, outputs: Tensor) -> Tensor:
        return (outputs * self.scale + self.shift) * self.unit


class ImageReconstruction(nn.Module):
    """Undoes the normalisation of the pixels. Input shape: (N, C, H, W). Output shape: (N, H, W, C), 0 to 255."""

    def __init__(self, mean: Sequence[float], std: Sequence[float]):
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32))
        self.register_buffer("std", torch.tensor(std, dtype=torch.float32))

    def forward(self, outputs: Tensor) -> Tensor:
        return torch.clamp(outputs.permute(0, 2, 3, 1) * self.std + self.mean, 0, 255)


def squared_errors(outputs: Tensor, inputs: Tensor) -> Tensor:
    """How badly each row was given back: the mean of its squared misses, as the model counts. Output shape: (N,)."""
    return (outputs - inputs).square().flatten(1).mean(1)
