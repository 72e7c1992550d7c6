"""Counts the memory and operations of one training step, on tensors that have a shape but no values."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from builder.catalogue.optimizers import Optimizer
from builder.nn.graph import build
from builder.nn.whole import build_core
from builder.spec.facts import DataFacts
from builder.spec.project import Project
from builder.spec.training import TrainingSpec
from builder.training.examples import Examples
from builder.training.optimizers import build_optimizer
from builder.training.penalties import weight_penalty


@dataclass(frozen=True)
class Footprint:
    """Bytes of a step, and its floating-point operations: two to a multiply-add."""

    parameters: int
    gradients: int
    optimizer: int
    saved: int
    """What the backward pass keeps of the forward pass: each storage once, without the weights."""
    forward_flops: int
    backward_flops: int

    @property
    def fixed(self) -> int:
        """What any batch needs."""
        return self.parameters + self.gradients + self.optimizer


def footprint(project: Project, facts: DataFacts, examples: Examples, batch_size: int) -> Footprint:
    """Of one step with so many rows of these examples; nothing is computed, so any size can be asked for.

    Exact but for layers with a kernel of their own on this machine, such as LSTM: those keep more or less.
    """
    with torch.device("meta"):
        model, loss = build_core(project, facts).train(), build(project.training.loss.torch_call(facts))
    first = examples.train_rows[:1]
    x = _like(examples.inputs(first), batch_size)
    targets = x if facts.task == "reconstruction" else _like(examples.targets[first], batch_size)
    kept = SavedTensors(model)
    with FlopCounterMode(display=False) as forward, kept:
        total = total_loss(project.training, model, loss, x, targets)
    with FlopCounterMode(display=False) as backward:
        total.backward()
    parameters = sum(parameter.nbytes for parameter in model.parameters())
    gradients = sum(parameter.grad.nbytes for parameter in model.parameters() if parameter.grad is not None)
    optimizer = optimizer_bytes(project.training.optimizer, model)
    return Footprint(
        parameters, gradients, optimizer, kept.size_bytes, forward.get_total_flops(), backward.get_total_flops()
    )


def total_loss(training: TrainingSpec, model: nn.Module, loss: nn.Module, x: Tensor, targets: Tensor) -> Tensor:
    """What a step differentiates."""
    total, penalty = loss(model(x), targets), weight_penalty(training, model)
    return total if penalty is None else total + penalty


class SavedTensors(torch.autograd.graph.saved_tensors_hooks):
    """Adds up what autograd keeps for the backward pass while this context is open."""

    def __init__(self, model: nn.Module):
        owned = (*model.parameters(), *model.buffers())
        self._owned = {tensor.untyped_storage()._cdata for tensor in owned}
        self._sizes: dict[int, int] = {}
        self._seen: list[Tensor] = []  # kept alive: a freed storage's address would be used again
        super().__init__(self._note, lambda tensor: tensor)

    def __enter__(self) -> "SavedTensors":
        super().__enter__()
        return self

    @property
    def size_bytes(self) -> int:
        return sum(self._sizes.values())

    def _note(self, tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in self._owned:
            self._sizes[storage._cdata] = storage.nbytes()
            self._seen.append(tensor)
        return tensor


def optimizer_bytes(optimizer: Optimizer, model: nn.Module) -> int:
    """Bytes that the optimizer keeps after its first step; changes the model if it has values."""
    if optimizer.takes_closure:  # its steps need losses, which have no value here
        return optimizer.values_kept * sum(parameter.nbytes for parameter in model.parameters())
    made = build_optimizer(optimizer, model, may_fuse=False)
    made.step()
    states = made.state.values()
    return sum(value.nbytes for state in states for value in state.values() if isinstance(value, Tensor))


def _like(example: Tensor, rows: int) -> Tensor:
    """A batch of so many without values; images lie as in training."""
    x = torch.empty((rows, *example.shape[1:]), dtype=example.dtype, device="meta")
    return x.contiguous(memory_format=torch.channels_last) if x.dim() == 4 else x
