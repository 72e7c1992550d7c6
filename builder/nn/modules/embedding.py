"""Embeddings and positions. This text is printed into generated scripts, so it depends on torch alone.

Legend: N examples, L steps, F features.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Embedding(nn.Embedding):
    """A learned vector for each whole number; numbers come as floats, and those out of range take the nearest row.

    Input shape:  (N, L)
    Output shape: (N, L, embedding_dim)
    """

    def forward(self, numbers: Tensor) -> Tensor:
        return super().forward(numbers.round().long().clamp(0, self.num_embeddings - 1))


class PaddingMask(nn.Module):
    """1 where a step holds anything but padding, 0 at padding.

    Input shape:  (N, L) or (N, L, F)
    Output shape: (N, L)
    """

    def __init__(self, padding_value: float):
        super().__init__()
        self.padding_value = padding_value

    def forward(self, x: Tensor) -> Tensor:
        differs = (x != self.padding_value).to(x.dtype)
        return differs.amax(dim=2) if x.dim() == 3 else differs


class PositionalEncoding(nn.Module):
    """Adds sin and cos of the step at falling rates. Source: Vaswani et al. 2017, section 3.5

    Input shape:  (N, L, F)
    Output shape: the same
    """

    def __init__(self, base: float):
        super().__init__()
        self.base = base

    def forward(self, x: Tensor) -> Tensor:
        length, width = x.shape[1], x.shape[2]
        rates = self.base ** (-torch.arange(0, width, 2, device=x.device, dtype=x.dtype) / width)
        angles = torch.arange(length, device=x.device, dtype=x.dtype).unsqueeze(1) * rates
        return x + torch.stack((angles.sin(), angles.cos()), dim=2).flatten(1)[:, :width]


class LearnedPositionalEncoding(nn.Module):
    """Adds a learned vector for each step; steps behind the last learned one share its vector.

    Input shape:  (N, L, F)
    Output shape: the same
    """

    def __init__(self, max_length: int, features: int):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(max_length, features))
        nn.init.normal_(self.weight, std=0.02)

    def forward(self, x: Tensor) -> Tensor:
        steps = torch.arange(x.shape[1], device=x.device).clamp(max=len(self.weight) - 1)
        return x + F.embedding(steps, self.weight)
