"""Calls the fused kernels of Adam and SGD: the same steps without what torch's own `step` does around them, which takes
longer than the kernel for a small model."""

import itertools
from typing import Any

import torch
from torch import Tensor

from builder.training.torchscript import Writer

aten = torch.ops.aten
Group = dict[str, Any]
Values = dict[int, torch._C.Value]


class Fused:
    """Steps as its optimizer does, on the optimizer's own state; all weights lie on the processor."""

    def __init__(self, optimizer: torch.optim.Optimizer):
        self._optimizer = optimizer
        self._groups: list[tuple[Group, list[Tensor], list[list[Tensor]]]] = []

    def step(self) -> None:
        if not self._groups:
            self._optimizer.step()  # makes the state
            found = map(self._with_state, self._optimizer.param_groups)
            self._groups = [(group, weights, state) for group, weights, state in found if weights]
            return
        for group, weights, state in self._groups:
            self._run(group, weights, [weight.grad for weight in weights], state)

    @property
    def groups(self) -> list[Group]:
        return self._optimizer.param_groups

    @property
    def tensors(self) -> list[Tensor]:
        """All that a step looks at or changes; none before the first step."""
        return [tensor for _, weights, state in self._groups for tensor in (*weights, *itertools.chain(*state))]

    def write(
        self, writer: Writer, values: Values, gradients: Values, lr: torch._C.Value, broken: torch._C.Value
    ) -> None:
        """Writes a step into a graph, where each tensor has a value by its id; none is taken where `broken` is 1."""
        for group, weights, state in self._groups:
            listed = [[values[id(tensor)] for tensor in tensors] for tensors in (weights, *state)]
            given = [gradients[id(weight)] for weight in weights]
            self._write(writer, group, listed, given, (lr, broken))

    def _with_state(self, group: Group) -> tuple[Group, list[Tensor], list[list[Tensor]]]:
        """Weights that have no part in the loss take no step; all others of a group have taken as many."""
        weights = [weight for weight in group["params"] if weight.grad is not None]
        state = [self._optimizer.state[weight] for weight in weights]
        for kept in state:
            if "step" in kept:
                kept["step"] = state[0]["step"]  # one number to add to, not one for each weight
        return group, weights, [[kept[name] for kept in state] for name in self._names(group)]

    def _names(self, group: Group) -> list[str]:
        """Of the state, in the kernel's order."""
        raise NotImplementedError

    def _run(self, group: Group, weights: list[Tensor], gradients: list[Tensor], state: list[list[Tensor]]) -> None:
        raise NotImplementedError

    def _write(
        self,
        writer: Writer,
        group: Group,
        listed: list[list],
        gradients: list,
        given: tuple[torch._C.Value, torch._C.Value],
    ) -> None:
        """`listed` has the values of weights and of each kind of state; `given` is `lr` and `broken`."""
        raise NotImplementedError


class FusedAdam(Fused):
    """Adam or AdamW."""

    def _names(self, group: Group) -> list[str]:
        return ["step", "exp_avg", "exp_avg_sq", *(["max_exp_avg_sq"] if group["amsgrad"] else [])]

    def _run(self, group: Group, weights: list[Tensor], gradients: list[Tensor], state: list[list[Tensor]]) -> None:
        steps, means, squares, *largest = state
        beta1, beta2 = group["betas"]
        kernel = torch._fused_adamw_ if group["decoupled_weight_decay"] else torch._fused_adam_
        steps[0].add_(1)
        kernel(
            weights, gradients, means, squares, largest[0] if largest else [], steps,
            amsgrad=group["amsgrad"], lr=group["lr"], beta1=beta1, beta2=beta2, weight_decay=group["weight_decay"],
            eps=group["eps"], maximize=False, grad_scale=None, found_inf=None,
        )  # fmt: skip

    def _write(
        self,
        writer: Writer,
        group: Group,
        listed: list[list],
        gradients: list,
        given: tuple[torch._C.Value, torch._C.Value],
    ) -> None:
        (weights, steps, means, squares, *largest), (lr, broken) = listed, given
        kernel = aten._fused_adamw_.default if group["decoupled_weight_decay"] else aten._fused_adam_.default
        writer.call(aten.add_.Scalar, steps[0], 1, 1)
        writer.call(
            kernel, weights, gradients, means, squares, largest[0] if largest else [], steps,
            lr, *group["betas"], group["weight_decay"], group["eps"], group["amsgrad"], False, None, broken,
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

    def _write(
        self,
        writer: Writer,
        group: Group,
        listed: list[list],
        gradients: list,
        given: tuple[torch._C.Value, torch._C.Value],
    ) -> None:
        (weights, *moved), (lr, broken) = listed, given
        writer.call(
            aten._fused_sgd_.default, weights, gradients, moved[0] if moved else [],
            group["weight_decay"], group["momentum"], lr, group["dampening"], group["nesterov"], False, False, None, broken,
        )  # fmt: skip


def fused_of(optimizer: Any) -> Any:
    """What steps in the optimizer's place: a quicker way to the same kernel if there is one."""
    kind = {torch.optim.Adam: FusedAdam, torch.optim.AdamW: FusedAdam, torch.optim.SGD: FusedSGD}.get(type(optimizer))
    if kind is None or not all(group["fused"] for group in optimizer.param_groups):
        return optimizer
    on_processor = all(weight.is_cpu for group in optimizer.param_groups for weight in group["params"])
    return kind(optimizer) if on_processor else optimizer
