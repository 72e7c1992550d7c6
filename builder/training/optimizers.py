"""Builds the optimizer of a project for a model."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from builder.catalogue.optimizers import Optimizer
from builder.nn.graph import named
from builder.nn.optimization import MuonWithAdamW, parameter_groups
from builder.training.packing import like


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


def optimizer_state(optimizer: torch.optim.Optimizer | MuonWithAdamW) -> list[dict[str, Any]]:
    """Of each torch optimizer that it consists of, without its settings, which the project has."""
    return [part.state_dict()["state"] for part in _parts(optimizer)]


def restore_optimizer(
    optimizer: torch.optim.Optimizer | MuonWithAdamW,
    states: list[dict[str, Any]],
    brought: Callable[[Tensor, Tensor], Tensor] = like,
) -> None:
    """`brought` lays a tensor out as its weight is: fused kernels take both in the same order."""
    for part, state in zip(_parts(optimizer), states, strict=True):
        groups = part.param_groups  # others refer to them
        part.load_state_dict(part.state_dict() | {"state": state})
        part.param_groups = groups
        for weight, kept in part.state.items():
            for name, value in kept.items():
                if isinstance(value, Tensor):  # weights may have shared their count of steps
                    kept[name] = brought(value, weight) if value.shape == weight.shape else value.clone()


def _parts(optimizer: torch.optim.Optimizer | MuonWithAdamW) -> list[torch.optim.Optimizer]:
    return optimizer.parts if isinstance(optimizer, MuonWithAdamW) else [optimizer]
