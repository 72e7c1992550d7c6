"""Pooling that torch lacks or cannot export. This text is printed into generated scripts."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class MaxPool1d(nn.MaxPool1d):
    """Goes through two axes: torch's own freezes the length when exported."""

    def forward(self, x: Tensor) -> Tensor:
        kernel, stride, dilation = (1, self.kernel_size), (1, self.stride), (1, self.dilation)
        pooled = F.max_pool2d(x.unsqueeze(2), kernel, stride, (0, self.padding), dilation, self.ceil_mode)
        return pooled.squeeze(2)


class AdaptivePool(nn.Module):
    """Adaptive pooling one axis after the other: torch's own cannot be exported where sizes do not divide.

    Input shape:  (batch, C, …)
    Output shape: (batch, C, *output_size)
    """

    def __init__(self, output_size: tuple[int, ...], statistic: str):
        super().__init__()
        self.output_size, self.statistic = output_size, getattr(torch, statistic)

    def forward(self, x: Tensor) -> Tensor:
        for axis, count in enumerate(self.output_size, 2):
            size = x.shape[axis]
            bounds = [(i * size // count, -(-(i + 1) * size // count)) for i in range(count)]
            windows = [x.narrow(axis, start, end - start) for start, end in bounds]
            x = torch.cat([self.statistic(window, axis, keepdim=True) for window in windows], axis)
        return x


class GlobalAvgPool(nn.Module):
    """The mean of each channel: (batch, C, …) → (batch, C)."""

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(2).mean(2)


class GlobalMaxPool(nn.Module):
    """The largest value of each channel: (batch, C, …) → (batch, C)."""

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(2).amax(2)
