"""Depthwise separable convolutions: each channel by itself, then a mix of the channels."""

from torch import nn


class SeparableConv1d(nn.Sequential):
    """A filter for each channel, then a 1-wide convolution. Source: Chollet 2017, Xception."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: int, depth_multiplier: int, bias: bool, **options
    ):
        inner = in_channels * depth_multiplier
        depthwise = nn.Conv1d(in_channels, inner, kernel_size, groups=in_channels, bias=False, **options)
        super().__init__(depthwise, nn.Conv1d(inner, out_channels, 1, bias=bias))


class SeparableConv2d(nn.Sequential):
    """A filter for each channel, then a 1 × 1 convolution. Source: Chollet 2017, Xception."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        depth_multiplier: int,
        bias: bool,
        **options,
    ):
        inner = in_channels * depth_multiplier
        depthwise = nn.Conv2d(in_channels, inner, kernel_size, groups=in_channels, bias=False, **options)
        super().__init__(depthwise, nn.Conv2d(inner, out_channels, 1, bias=bias))
