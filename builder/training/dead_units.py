"""Finds units of rectifying activations that give 0 whatever they see."""

from collections.abc import Iterator
from contextlib import contextmanager
from math import prod

import torch
from torch import Tensor, nn

from builder.catalogue.activations import Activation
from builder.catalogue.component import Shape
from builder.catalogue.layer import Layer, axis_names
from builder.evaluation.peek import Axes, axes_of, units
from builder.nn.graph import GraphModel, attribute_name
from builder.spec.model import INPUT, ModelSpec
from builder.training.examples import Examples

LEAST_ROWS, MOST_ROWS = 32, 256
"""Of the probe batch: enough that a unit which answers one row in fifty is seldom taken for dead."""
PROBE_VALUES = 100_000
"""Inputs beyond which the batch becomes smaller: each unit of a convolution sees many places of each image."""


class DeadUnits:
    """Sends the same training rows, not augmented, through the model as it is."""

    def __init__(self, model: GraphModel, spec: ModelSpec, input_shape: Shape, examples: Examples):
        self._model, self._examples = model, examples
        self._axes = _rectified_axes(spec, input_shape)
        last = {attribute_name(output): name for name, _, output in model.steps}  # its activation comes after a layer
        self._watched = {node: model.get_submodule(last[node]) for node in self._axes}
        self._rows = _probe_rows(examples.train_rows, input_shape)
        self._probe: Tensor | None = None

    @torch.no_grad()
    def shares(self) -> dict[str, float]:
        """By the name of the module, the share of its units that are 0 for every row."""
        found: dict[str, Tensor] = {}
        if not self._watched:
            return {}
        if self._probe is None:
            self._probe = self._examples.inputs(self._rows).to(next(self._model.parameters()).device)
        hooks = [module.register_forward_hook(self._noting(node, found)) for node, module in self._watched.items()]
        try:
            with _evaluating(self._model):
                self._model(self._probe)
        finally:
            for hook in hooks:
                hook.remove()
        return {node: round(share.item(), 4) for node, share in found.items()}

    def _noting(self, node: str, found: dict[str, Tensor]):
        def note(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            found[node] = (units(output, self._axes[node]) == 0).all(dim=1).float().mean()

        return note


def _rectified_axes(spec: ModelSpec, input_shape: Shape) -> dict[str, Axes]:
    """What the axes of each rectified output mean, by the name of the module."""
    known = {INPUT: (input_shape, axis_names(input_shape))}
    found = {}
    for index, node in enumerate(spec.nodes):
        sources = [known[source] for source in spec.inputs_of(index)]
        shape = node.layer.output_shape(*(shape for shape, _ in sources))
        known[node.id] = shape, axes_of(node.layer, shape, *sources[0])
        if _can_die(node.layer):
            found[attribute_name(node.id)] = known[node.id][1]
    return found


def _can_die(layer: Layer) -> bool:
    activation = layer if isinstance(layer, Activation) else getattr(layer, "activation", None)
    return activation is not None and activation.can_die


def _probe_rows(rows: Tensor, input_shape: Shape) -> Tensor:
    """Evenly spaced, so that no order of the data decides."""
    count = max(LEAST_ROWS, min(MOST_ROWS, PROBE_VALUES // max(1, prod(size or 1 for size in input_shape))))
    return rows[:: max(1, len(rows) // count)][:count]


@contextmanager
def _evaluating(model: nn.Module) -> Iterator[None]:
    """Without dropout and without touching the statistics of normalization; afterwards each module is as it was."""
    training = [module for module in model.modules() if module.training]
    model.eval()
    try:
        yield
    finally:
        for module in training:
            module.training = True
