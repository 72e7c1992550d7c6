"""Modules that join branches. This text is printed into generated scripts, so it depends on torch alone."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


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


class Multiply(nn.Module):
    """Multiplies tensors; a size of 1 is stretched."""

    def forward(self, *xs: Tensor) -> Tensor:
        product = xs[0]
        for x in xs[1:]:
            product = product * x
        return product


class Subtract(nn.Module):
    """The first tensor less the second."""

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return x - y


class Average(nn.Module):
    """Mean of tensors of one shape."""

    def forward(self, *xs: Tensor) -> Tensor:
        return torch.stack(xs).mean(dim=0)


class Maximum(nn.Module):
    """Largest of tensors of one shape, value by value."""

    def forward(self, *xs: Tensor) -> Tensor:
        return torch.stack(xs).amax(dim=0)


class Dot(nn.Module):
    """Sum of products along `dim`; with `normalize` the cosine of the angle between the two."""

    def __init__(self, dim: int, normalize: bool, keepdim: bool):
        super().__init__()
        self.dim, self.normalize, self.keepdim = dim, normalize, keepdim

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        if self.normalize:
            x, y = F.normalize(x, dim=self.dim), F.normalize(y, dim=self.dim)
        return (x * y).sum(dim=self.dim, keepdim=self.keepdim)
