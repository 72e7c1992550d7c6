"""Calls the fused kernels of Adam and SGD: the same steps without what torch's own `step` does around them, which takes
longer than the kernel for a small model."""

from typing import Any

import torch
from torch import Tensor

Group = dict[str, Any]


class Fused:
    """Steps as its optimizer does, on the optimizer's own state; all weights lie on the processor."""

    def __init__(self, optimizer: torch.optim.Optimizer):
        self._optimizer = optimizer
        self._groups: list[tuple[Group, list[Tensor], list[list[Tensor]]]] = []

    def step(self) -> None:
        if not self._groups:
            self._optimizer.step()  # makes the state
            self._groups = [self._with_state(group) for group in self._optimizer.param_groups]
            return
        for group, weights, state in self._groups:
            self._run(group, weights, [weight.grad for weight in weights], state)

    def _with_state(self, group: Group) -> tuple[Group, list[Tensor], list[list[Tensor]]]:
        """Weights that have no part in the loss take no step."""
        weights = [weight for weight in group["params"] if weight.grad is not None]
        return group, weights, [[self._optimizer.state[weight][name] for weight in weights] for name in self._names(group)]  # fmt: skip

    def _names(self, group: Group) -> list[str]:
        """Of the state, in the kernel's order."""
        raise NotImplementedError

    def _run(self, group: Group, weights: list[Tensor], gradients: list[Tensor], state: list[list[Tensor]]) -> None:
        raise NotImplementedError


class FusedAdam(Fused):
    """Adam or AdamW."""

    def _names(self, group: Group) -> list[str]:
        return ["step", "exp_avg", "exp_avg_sq", *(["max_exp_avg_sq"] if group["amsgrad"] else [])]

    def _run(self, group: Group, weights: list[Tensor], gradients: list[Tensor], state: list[list[Tensor]]) -> None:
        steps, means, squares, *largest = state
        beta1, beta2 = group["betas"]
        kernel = torch._fused_adamw_ if group["decoupled_weight_decay"] else torch._fused_adam_
        torch._foreach_add_(steps, 1)
        kernel(
            weights, gradients, means, squares, largest[0] if largest else [], steps,
            amsgrad=group["amsgrad"], lr=group["lr"], beta1=beta1, beta2=beta2, weight_decay=group["weight_decay"],
            eps=group["eps"], maximize=False, grad_scale=None, found_inf=None,
        )  # fmt: skip


class FusedSGD(Fused):
    def _names(self, group: Group) -> list[str]:
        return ["momentum_buffer"] if group["momentum"] else []

    def _run(self, group: Group, weights: list[Tensor], gradients: list[Tensor], state: list[list[Tensor]]) -> None:
        torch._fused_sgd_(
            weights, gradients, state[0] if state else [],
            weight_decay=group["weight_decay"], momentum=group["momentum"], lr=group["lr"],
            dampening=group["dampening"], nesterov=group["nesterov"], maximize=False, is_first_step=False,
            grad_scale=None, found_inf=None,
        )  # fmt: skip


def fused_of(optimizer: Any) -> Any:
    """What steps in the optimizer's place: a quicker way to the same kernel if there is one."""
    kind = {torch.optim.Adam: FusedAdam, torch.optim.AdamW: FusedAdam, torch.optim.SGD: FusedSGD}.get(type(optimizer))
    if kind is None or not all(group["fused"] for group in optimizer.param_groups):
        return optimizer
    on_processor = all(weight.is_cpu for group in optimizer.param_groups for weight in group["params"])
    return kind(optimizer) if on_processor else optimizer
