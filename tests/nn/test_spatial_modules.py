"""Modules of our own against torch's, or against the formula written out."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from builder.nn.modules.drop_path import DropPath
from builder.nn.modules.pooling import AdaptivePool, GlobalAvgPool, GlobalMaxPool, MaxPool1d
from builder.nn.modules.separable import SeparableConv1d, SeparableConv2d
from builder.nn.modules.squeeze_excitation import SqueezeExcitation


@pytest.mark.parametrize("sizes", [(5,), (7, 3), (2, 4, 9)])
@pytest.mark.parametrize(("name", "statistic"), [("Avg", "mean"), ("Max", "amax")])
def test_adaptive_pooling_is_torchs_also_where_sizes_do_not_divide(sizes, name, statistic):
    x = torch.randn(2, 3, *(11, 8, 6)[: len(sizes)])
    theirs = getattr(nn, f"Adaptive{name}Pool{len(sizes)}d")(sizes)
    torch.testing.assert_close(AdaptivePool(sizes, statistic)(x), theirs(x))


@pytest.mark.parametrize("options", [{}, {"stride": 1, "padding": 1, "dilation": 2}, {"stride": 3, "ceil_mode": True}])
def test_max_pool_1d_through_two_axes_is_torchs(options):
    x = torch.randn(2, 3, 11)
    assert torch.equal(MaxPool1d(3, **options)(x), nn.MaxPool1d(3, **options)(x))


@pytest.mark.parametrize("shape", [(2, 3, 7), (2, 3, 5, 7), (2, 3, 4, 5, 6)])
def test_global_pools_are_adaptive_pools_of_size_one(shape):
    x, rank = torch.randn(shape), len(shape) - 2
    mean, most = (getattr(nn, f"Adaptive{name}Pool{rank}d")(1)(x).flatten(1) for name in ("Avg", "Max"))
    torch.testing.assert_close(GlobalAvgPool()(x), mean)
    torch.testing.assert_close(GlobalMaxPool()(x), most)


@pytest.mark.parametrize(("kind", "convolve", "shape"), [(SeparableConv1d, F.conv1d, (2, 4, 9)), (SeparableConv2d, F.conv2d, (2, 4, 9, 8))])  # fmt: skip
def test_a_separable_convolution_filters_each_channel_and_then_mixes_them(kind, convolve, shape):
    ours, x = kind(4, 5, 3, depth_multiplier=2, bias=True, stride=2, padding=1), torch.randn(shape)
    depthwise, pointwise = (layer.weight for layer in ours)
    filtered = [
        convolve(x[:, [c]], depthwise[2 * c : 2 * c + 2], stride=2, padding=1) for c in range(4)
    ]  # two filters for each channel alone
    mixed = torch.einsum("oi,ni...->no...", pointwise.flatten(1), torch.cat(filtered, 1))
    bias = ours[1].bias.reshape(-1, *[1] * (len(shape) - 2))
    torch.testing.assert_close(ours(x), mixed + bias)


def test_squeeze_and_excitation_is_the_papers_formula():
    module, x = SqueezeExcitation(6, 2), torch.randn(3, 6, 4, 5)
    w1, b1, w2, b2 = module.parameters()
    squeezed = torch.stack([x[:, channel].mean((1, 2)) for channel in range(6)], 1)
    gates = 1 / (1 + torch.exp(-(torch.clamp(squeezed @ w1.T + b1, min=0) @ w2.T + b2)))
    expected = torch.stack([x[:, channel] * gates[:, channel, None, None] for channel in range(6)], 1)
    torch.testing.assert_close(module(x), expected)


def test_drop_path_drops_whole_examples_keeps_the_mean_and_rests_afterwards():
    torch.manual_seed(0)
    module, x = DropPath(0.25), torch.ones(4000, 2, 3)
    dropped = module(x)
    assert (dropped == dropped[:, :1, :1]).all()
    assert sorted(dropped.unique().tolist()) == pytest.approx([0, 1 / 0.75])
    assert dropped.mean().item() == pytest.approx(1, abs=0.03)
    assert module.eval()(x) is x
