"""Computes a model's gradients in full or in mixed precision."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from builder.spec.training import TrainingSpec

Forward = Callable[[Tensor], Tensor]


class FullPrecision:
    """Everything in 32 bits."""

    scales = False
    """Whether the loss is scaled, and its gradients back before the step."""

    def forward_of(self, model: nn.Module) -> Forward:
        return model

    def backward(self, loss: Tensor) -> None:
        loss.backward()

    def unscale(self, optimizer: torch.optim.Optimizer) -> None:
        """Before gradients are looked at or limited."""

    def step(self, optimizer: torch.optim.Optimizer) -> None:
        optimizer.step()

    def state(self) -> dict[str, Any]:
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """Nothing is kept."""


class MixedPrecision(FullPrecision):
    """Layers in 16 bits where torch holds that safe; weights, loss and figures in 32.

    float16 reaches only down to 6e-8, so gradients are scaled up for it, and a step whose gradients overflowed is left
    out (Micikevicius et al. 2018).
    """

    def __init__(self, device: torch.device, dtype: torch.dtype):
        self._device, self._dtype = device.type, dtype
        self._scaler = torch.amp.GradScaler(device.type, enabled=dtype == torch.float16)
        self.scales = self._scaler.is_enabled()

    def forward_of(self, model: nn.Module) -> Forward:
        def forward(x: Tensor) -> Tensor:
            with torch.autocast(self._device, self._dtype):
                outputs = model(x)
            return outputs.float()

        return forward

    def backward(self, loss: Tensor) -> None:
        self._scaler.scale(loss).backward()

    def unscale(self, optimizer: torch.optim.Optimizer) -> None:
        self._scaler.unscale_(optimizer)

    def step(self, optimizer: torch.optim.Optimizer) -> None:
        self._scaler.step(optimizer)
        self._scaler.update()

    def state(self) -> dict[str, Any]:
        return self._scaler.state_dict()

    def restore(self, state: dict[str, Any]) -> None:
        if state:
            self._scaler.load_state_dict(state)


def precision_of(training: TrainingSpec, device: torch.device) -> FullPrecision:
    """bfloat16 where the device computes with it, as all processors and newer cards do; else float16."""
    if training.precision == "float32":
        return FullPrecision()
    takes_bfloat16 = device.type == "cpu" or torch.cuda.is_bf16_supported(including_emulation=False)
    return MixedPrecision(device, torch.bfloat16 if takes_bfloat16 else torch.float16)
