"""Builds the optimizer of a project for a model."""

import torch
from torch import nn

from builder.catalogue.optimizers import Optimizer
from builder.nn.graph import named
from builder.nn.optimization import MuonWithAdamW, parameter_groups


def build_optimizer(
    optimizer: Optimizer, model: nn.Module, *, may_fuse: bool = True
) -> torch.optim.Optimizer | MuonWithAdamW:
    """A fused kernel does the same, but only on weights that have values."""
    call = optimizer.torch_call()
    settings = {name: value for name, value in call.kwargs.items() if may_fuse or name != "fused"}
    return named(call.name)(_TAKEN[optimizer.takes](optimizer, model), **settings)


_TAKEN = {
    "parameters": lambda optimizer, model: model.parameters(),
    "groups": lambda optimizer, model: parameter_groups(model, optimizer.weight_decay),
    "model": lambda optimizer, model: model,
}
