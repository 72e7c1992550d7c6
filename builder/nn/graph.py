"""Turns a ModelSpec into a torch.nn.Module."""

import importlib
import keyword
from typing import Any, NamedTuple

from torch import Tensor, nn

from builder.catalogue.component import Shape, TorchCall
from builder.spec.model import INPUT, ModelSpec

ACTIVATION = "_activation"
"""Ends the name of the module that a layer's own activation becomes."""
_OWN_NAMES = ("training", "steps", "self", "x")


class Step(NamedTuple):
    """One module of the model: its attribute name, its constructor, and the names of the values it takes and gives."""

    name: str
    call: TorchCall
    inputs: tuple[str, ...]
    output: str


def plan(model: ModelSpec, input_shape: Shape) -> tuple[Step, ...]:
    """The modules of a resolved model in order; the same plan is built here and printed by `builder.export`."""
    shapes: dict[str, Shape] = {INPUT: input_shape}
    steps = []
    for index, node in enumerate(model.nodes):
        sources = model.inputs_of(index)
        inputs = tuple(shapes[source] for source in sources)
        name = attribute_name(node.id)
        steps.append(Step(name, node.layer.torch_call(*inputs), sources, node.id))
        shapes[node.id] = node.layer.output_shape(*inputs)
        activation = getattr(node.layer, "activation", None)
        if activation is not None:
            call = activation.torch_call(shapes[node.id])
            steps.append(Step(name + ACTIVATION, call, (node.id,), node.id))
    return tuple(steps)


def attribute_name(node_id: str) -> str:
    """The node's id, kept off Python's words, nn.Module's own names and activations; different ids stay different."""
    is_taken = hasattr(nn.Module, node_id) or keyword.iskeyword(node_id) or node_id in _OWN_NAMES
    return f"{node_id}_" if is_taken or node_id.endswith(("_", ACTIVATION)) else node_id


def named(dotted: str) -> Any:
    """What a dotted name stands for."""
    module, _, name = dotted.rpartition(".")
    return getattr(importlib.import_module(module), name)


def build(call: TorchCall) -> nn.Module:
    """The object that a torch call describes."""
    kwargs = {key: build(value) if isinstance(value, TorchCall) else value for key, value in call.kwargs.items()}
    return named(call.name)(**kwargs)


class GraphModel(nn.Module):
    """The model of a project.

    Input shape:  (batch, *input_shape)
    Output shape: (batch, *shape of the last node)
    """

    def __init__(self, steps: tuple[Step, ...]):
        super().__init__()
        self.steps = tuple((step.name, step.inputs, step.output) for step in steps)
        for step in steps:
            self.add_module(step.name, build(step.call))

    def forward(self, x: Tensor) -> Tensor:
        values = {INPUT: x}
        for name, inputs, output in self.steps:
            values[output] = x = self._modules[name](*[values[source] for source in inputs])
        return x


def build_model(model: ModelSpec, input_shape: Shape) -> GraphModel:
    """`model` is resolved: every size is written in it."""
    return GraphModel(plan(model, input_shape))
