"""Modules that sum an axis up in one value. This text is printed into generated scripts, so it depends on torch alone.

A mask (N, L) holds 1 at the steps that count and 0 at padding.
"""

import torch
from torch import Tensor, nn


class Mean(nn.Module):
    """Mean along `dim`; with a mask over the steps that count, of which a row of padding alone has one."""

    def __init__(self, dim: int, keepdim: bool):
        super().__init__()
        self.dim, self.keepdim = dim, keepdim

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        if mask is None:
            return x.mean(dim=self.dim, keepdim=self.keepdim)
        counts = (mask > 0.5).to(x.dtype).unsqueeze(2)
        total = (x * counts).sum(dim=1, keepdim=self.keepdim)
        return total / counts.sum(dim=1, keepdim=self.keepdim).clamp(min=1)


class Sum(nn.Module):
    """Sum along `dim`."""

    def __init__(self, dim: int, keepdim: bool):
        super().__init__()
        self.dim, self.keepdim = dim, keepdim

    def forward(self, x: Tensor) -> Tensor:
        return x.sum(dim=self.dim, keepdim=self.keepdim)


class Max(nn.Module):
    """Largest value along `dim`."""

    def __init__(self, dim: int, keepdim: bool):
        super().__init__()
        self.dim, self.keepdim = dim, keepdim

    def forward(self, x: Tensor) -> Tensor:
        return x.amax(dim=self.dim, keepdim=self.keepdim)


class Last(nn.Module):
    """Last value along `dim`; with a mask the last step that counts, the first in a row of padding alone."""

    def __init__(self, dim: int, keepdim: bool):
        super().__init__()
        self.dim, self.keepdim = dim, keepdim

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        if mask is None:
            last = x.narrow(self.dim, x.shape[self.dim] - 1, 1)
        else:
            steps = torch.arange(x.shape[1], device=x.device)
            place = (steps * (mask > 0.5)).amax(dim=1).view(-1, 1, 1).expand(-1, 1, x.shape[2])
            last = x.gather(1, place)
        return last if self.keepdim else last.squeeze(self.dim)
