"""Limits on weights. This text is printed into generated scripts, so it depends on torch alone."""

import torch
from torch import nn


@torch.no_grad()
def limit_norms(model: nn.Module, max_norm: float) -> None:
    """Shortens the incoming weights of each unit or filter to this length (Srivastava et al. 2014)."""
    kinds = (nn.Linear, nn.modules.conv._ConvNd)
    for module in model.modules():
        if isinstance(module, kinds):
            units = 1 if isinstance(module, nn.modules.conv._ConvTransposeNd) else 0
            module.weight.copy_(module.weight.renorm(2, units, max_norm))
