"""Processes of which each holds a share of the weights alone: for a model that does not fit on one device (FSDP)."""

from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor, distribute_tensor

from builder.check.report import Report
from builder.training.batch_statistics import with_joint_statistics
from builder.training.optimizers import optimizer_state, restore_optimizer
from builder.training.ranks import Ranks, bytes_needed


class Shards(Ranks):
    """Weights come together layer by layer while they are needed; gradients and what the optimizer keeps stay shared out.

    Source: torch.distributed.fsdp.fully_shard.
    """

    fuses, shares_state = False, True  # fused kernels take plain weights alone

    def placed(self, model: nn.Module, device: torch.device) -> nn.Module:
        model = with_joint_statistics(model, self)
        self._outline = _outline(model)
        mesh = init_device_mesh(device.type, (self.size,))
        for child in model.children():
            if any(True for _ in child.parameters()):
                fully_shard(child, mesh=mesh)
        return fully_shard(model, mesh=mesh).to(device)

    def memory_needed(self, report: Report) -> int:
        return bytes_needed(report, self.size, self.device, self.size)

    def in_lockstep(self, model: nn.Module) -> nn.Module:
        return model

    def weights(self, model: nn.Module) -> dict[str, Tensor]:
        return self._kept(_together(model.state_dict()))

    def restore_weights(self, model: nn.Module, weights: dict[str, Tensor]) -> None:
        with torch.no_grad():
            for name, own in model.state_dict().items():
                own.copy_(_dealt(weights[name], own))

    def gathered(self, optimizer: torch.optim.Optimizer) -> list[dict[str, Any]]:
        return [self._kept(part) for part in _together(optimizer_state(optimizer))]

    def restore_gathered(self, optimizer: torch.optim.Optimizer, states: list[dict[str, Any]]) -> None:
        restore_optimizer(optimizer, states, brought=_dealt)

    def whole(self, model: nn.Module) -> nn.Module:
        return self._outline.to_empty(device="cpu")

    def _kept(self, whole: dict) -> dict:
        """Only the process that writes checkpoints keeps all of it."""
        return whole if self.leads else {}


def _outline(model: nn.Module) -> nn.Module:
    """A copy without values."""
    tensors = [*model.parameters(), *model.buffers()]
    return deepcopy(model, {id(tensor): _empty(tensor) for tensor in tensors})


def _empty(tensor: Tensor) -> Tensor:
    empty = torch.empty_like(tensor, device="meta")
    return nn.Parameter(empty, tensor.requires_grad) if isinstance(tensor, nn.Parameter) else empty


def _together(value: Any) -> Any:
    """With every shared tensor in one piece, in the main memory; all processes take part."""
    if isinstance(value, dict):
        return {name: _together(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_together(item) for item in value]
    return value.full_tensor().cpu() if isinstance(value, DTensor) else value


def _dealt(value: Tensor, own: Tensor) -> Tensor:
    """A whole tensor as this process holds its share of `own`."""
    if not isinstance(own, DTensor):
        return value.to(own.device)
    return distribute_tensor(value.to(own.device), own.device_mesh, own.placements, src_data_rank=None)
