"""Writes a graph of layers down in few words."""

from builder.catalogue.layer import Layer
from builder.spec.model import Group, ModelSpec, Node


def graph(*parts: tuple[str | Layer, ...], groups: tuple[Group, ...] = ()) -> ModelSpec:
    """A model of (id, layer, *ids of what it takes); without ids it takes the one before it."""
    nodes = tuple(Node(id=name, layer=layer, inputs=inputs or None) for name, layer, *inputs in parts)
    return ModelSpec(nodes=nodes, groups=groups)
