"""Modules that join branches. This text is printed into generated scripts, so it depends on torch alone."""

import torch
from torch import Tensor, nn


class Add(nn.Module):
    """Sums tensors of one shape."""

    def forward(self, *xs: Tensor) -> Tensor:
        total = xs[0]
        for x in xs[1:]:
            total = total + x
        return total


class Concat(nn.Module):
    """Lays tensors side by side along `dim`."""

    def __init__(self, dim: int):
        super().__init__()
        self.dim = dim

    def forward(self, *xs: Tensor) -> Tensor:
        return torch.cat(xs, dim=self.dim)
