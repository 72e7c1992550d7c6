"""Gives weights their first values. This text is printed into generated scripts, so it depends on torch alone."""

from collections.abc import Callable

from torch import nn


def initialize(model: nn.Module, fill: Callable, settings: dict, zero_bias: bool) -> nn.Module:
    """Fills the weights of linear, convolutional and recurrent layers in their order; the model itself comes back."""
    kinds = (nn.Linear, nn.Bilinear, nn.modules.conv._ConvNd, nn.RNNBase)
    for module in model.modules():
        for name, weight in module.named_parameters(recurse=False) if isinstance(module, kinds) else ():
            if weight.dim() > 1:
                fill(weight, **settings)
            elif zero_bias and name.startswith("bias"):
                nn.init.zeros_(weight)
    return model
