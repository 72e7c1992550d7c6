"""Calls the fused kernels of Adam and SGD: the same steps without what torch's own `step` does around them, which takes
longer than the kernel for a small model."""

from typing import Any

import torch
from torch import Tensor

from builder.training.torchscript import Writer

aten = torch.ops.aten
Group = dict[str, Any]
Values = dict[int, torch._C.Value]


class Fused:
    """Steps as its optimizer does, on the optimizer's own state; all weights lie on the processor."""

    state_names: tuple[str, ...]
    """Of what is kept for each weight, in the kernel's order."""

    def __init__(self, optimizer: torch.optim.Optimizer):
        self._optimizer = optimizer
        self._groups: list[tuple[Group, list[list[Tensor]]]] = []
        """Each group with its weights and what is kept for them."""

    def step(self) -> None:
        if not self._groups:
            self._optimizer.step()  # makes the state
            self._groups = [(group, self._with_state(group)) for group in self.groups if _moved(group)]
            return
        for group, (weights, *state) in self._groups:
            for count in self._counts(state):
                count.add_(1)
            kernel, gradients = getattr(torch, self._kernel(group)), [weight.grad for weight in weights]
            kernel(weights, gradients, *state, lr=group["lr"], found_inf=None, **self._settings(group))

    def write(
        self, writer: Writer, values: Values, gradients: Values, lr: torch._C.Value, broken: torch._C.Value
    ) -> None:
        """Writes a step into a graph, where each tensor has a value by its id; none is taken where `broken` is 1."""
        for group, held in self._groups:
            weights, *state = [[values[id(tensor)] for tensor in tensors] for tensors in held]
            for count in self._counts(state):
                writer.call(aten.add_.Scalar, count, 1)
            kernel, given = getattr(aten, self._kernel(group)).default, [gradients[id(weight)] for weight in held[0]]
            writer.call(kernel, weights, given, *state, lr=lr, found_inf=broken, **self._settings(group))

    @property
    def groups(self) -> list[Group]:
        return self._optimizer.param_groups

    @property
    def tensors(self) -> list[Tensor]:
        """All that a step looks at or changes; none before the first step."""
        return [tensor for _, held in self._groups for tensors in held for tensor in tensors]

    def _with_state(self, group: Group) -> list[list[Tensor]]:
        """All weights of a group have taken as many steps, so they share their count: one number to add to."""
        weights = _moved(group)
        state = [self._optimizer.state[weight] for weight in weights]
        for kept in state:
            if "step" in kept:
                kept["step"] = state[0]["step"]
        return [weights, *([kept[name] for kept in state if kept.get(name) is not None] for name in self.state_names)]

    def _counts(self, state: list[list]) -> list:
        """Of steps; none where the kernel needs none."""
        return state[self.state_names.index("step")][:1] if "step" in self.state_names else []

    def _kernel(self, group: Group) -> str:
        raise NotImplementedError

    def _settings(self, group: Group) -> dict[str, Any]:
        """By the kernel's names, but for the learning rate."""
        raise NotImplementedError


def _moved(group: Group) -> list[Tensor]:
    """Weights that have no part in the loss take no step."""
    return [weight for weight in group["params"] if weight.grad is not None]


class FusedAdam(Fused):
    """Adam or AdamW."""

    state_names = "exp_avg", "exp_avg_sq", "max_exp_avg_sq", "step"

    def _kernel(self, group: Group) -> str:
        return "_fused_adamw_" if group["decoupled_weight_decay"] else "_fused_adam_"

    def _settings(self, group: Group) -> dict[str, Any]:
        beta1, beta2 = group["betas"]
        return {
            "beta1": beta1, "beta2": beta2, "weight_decay": group["weight_decay"], "eps": group["eps"],
            "amsgrad": group["amsgrad"], "maximize": False, "grad_scale": None,
        }  # fmt: skip


class FusedSGD(Fused):
    state_names = ("momentum_buffer",)

    def _kernel(self, group: Group) -> str:
        return "_fused_sgd_"

    def _settings(self, group: Group) -> dict[str, Any]:
        taken = ("weight_decay", "momentum", "dampening", "nesterov")
        return {name: group[name] for name in taken} | {"maximize": False, "is_first_step": False, "grad_scale": None}


def fused_of(optimizer: Any) -> Any:
    """What steps in the optimizer's place: a quicker way to the same kernel if there is one."""
    kind = {torch.optim.Adam: FusedAdam, torch.optim.AdamW: FusedAdam, torch.optim.SGD: FusedSGD}.get(type(optimizer))
    if kind is None or not all(group["fused"] for group in optimizer.param_groups):
        return optimizer
    on_processor = all(weight.is_cpu for group in optimizer.param_groups for weight in group["params"])
    return kind(optimizer) if on_processor else optimizer
