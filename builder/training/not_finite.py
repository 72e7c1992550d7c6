"""Says where a loss stopped being a number: asked once it has, so it costs nothing while all is well."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from builder.errors import RunError
from builder.nn.graph import GraphModel

if TYPE_CHECKING:
    from builder.training.loop import Trainer

HUGE = 1e15
"""Inputs beyond it are at fault by themselves when a layer's output overflows."""


class NotFinite(RunError):
    """The loss, or the weights, are no longer numbers."""


def not_finite(trainer: "Trainer", loss: float, epoch: int, rows: Tensor | None = None) -> NotFinite:
    """To be raised at the step whose `rows` gave this loss; without rows its update left weights that are no numbers."""
    step = trainer.position.step
    where, way_out = _where(trainer, rows)
    kept = trainer.best.kept_epoch
    keeps = f" The weights after epoch {kept:,} are kept." if kept else ""
    return NotFinite(
        f"The loss became {loss} at step {step} (epoch {epoch}){where}. {way_out or _slower(trainer)}{keeps}"
    )


def are_finite(module: nn.Module) -> bool:
    """Its weights and what it keeps beside them, such as the statistics of a normalization."""
    return all(_is_finite(tensor) for tensor in module.state_dict().values())


@torch.no_grad()
def _where(trainer: "Trainer", rows: Tensor | None) -> tuple[str, str]:
    """The place in words, empty if it does not show again; and a way out if it is another than smaller steps."""
    step = trainer.position.step
    broken = _broken_layer(trainer.model)
    if broken:
        after = step if rows is None else step - 1
        return f", first in layer '{broken}': its weights are no longer finite after the update of step {after}", ""
    for part in () if rows is None else rows.split(trainer.training.batch_size):
        x = trainer.examples.training_inputs(part, trainer.position.epoch)
        if not _is_finite(x):
            return (
                f": {_inputs(trainer, ~x.isfinite())} not finite",
                "Correct them or leave them out, then train again.",
            )
        if x.abs().max() > HUGE:
            reach = f"up to {x.abs().max().item():.2g}"
            return f": {_inputs(trainer, x.abs() > HUGE)} {reach}", "Scale them or leave them out, then train again."
        place = _in_pass(trainer, x, part)
        if place:
            return place, ""
    return "", ""


def _broken_layer(model: GraphModel) -> str:
    """Gradients come from the loss back to the inputs, so the last layer with such weights was the first to have them."""
    nodes = [output for name, _, output in model.steps if not are_finite(model.get_submodule(name))]
    return nodes[-1] if nodes else ""


def _inputs(trainer: "Trainer", at_fault: Tensor) -> str:
    """Names the column, where a column is one input."""
    numbers = getattr(trainer.examples.preprocessing, "numbers", ())
    places = at_fault.reshape(len(at_fault), -1).any(dim=0).nonzero().flatten().tolist()
    named = next((numbers[place].name for place in places if place < len(numbers)), None)
    return "its inputs are" if named is None else f"the values of column '{named}', as the model takes them, are"


def _in_pass(trainer: "Trainer", x: Tensor, rows: Tensor) -> str:
    """The first layer that makes values that are not finite of such as are, or the loss that does."""
    outputs: dict[str, Tensor] = {}
    hooks = list(_noting(trainer.model, outputs))
    try:
        given = trainer.precision.forward_of(trainer.model.train())(x)
    finally:
        for hook in hooks:
            hook.remove()
    for node, output in outputs.items():
        if not _is_finite(output):
            return f", first in layer '{node}': its output is not finite, though its weights are"
    targets = x if trainer.gives_back else trainer.examples.targets[rows]
    if not _is_finite(targets):
        return ": the targets are not finite"
    if math.isfinite(trainer.loss(given, targets).item()):
        return ""
    largest = given.abs().max().item()
    return f", first in the loss itself, of values up to {largest:.2g} from layer '{node}'"


def _noting(model: GraphModel, outputs: dict[str, Tensor]) -> Iterator[torch.utils.hooks.RemovableHandle]:
    for name, _, node in model.steps:

        def note(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor, node: str = node) -> None:
            if node not in outputs or _is_finite(outputs[node]):  # its activation comes after it
                outputs[node] = output

        yield model.get_submodule(name).register_forward_hook(note)


def _is_finite(tensor: Tensor) -> bool:
    return bool(tensor.isfinite().all())


def _slower(trainer: "Trainer") -> str:
    optimizer = trainer.training.optimizer
    way_out = "use AdamW" if optimizer.takes_closure else "switch on gradient clipping"
    return f"Lower the learning rate ({optimizer.lr:g}) or {way_out}, then train again."
