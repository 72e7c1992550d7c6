"""Follows the shape of one example through the model, past every layer that refuses it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from builder.catalogue.component import Shape
from builder.catalogue.layer import Layer
from builder.check.layer_rules import LayerRow, Spot, refusals, size_problems, takes_count, wire_problems
from builder.check.outcome import Outcome, outcome
from builder.check.problem import Problem
from builder.spec.model import INPUT, ModelSpec
from builder.spec.repetition import unrolled


def place_of(model: ModelSpec, index: int) -> str:
    """As the canvas shows it: `Conv2d 'conv2d_1'`."""
    node = model.nodes[index]
    return f"{node.layer.kind} '{node.id}'"


def output_index(model: ModelSpec) -> int | None:
    """Place of the output layer: the last one whose size can follow the data."""
    return next((i for i in reversed(range(len(model.nodes))) if model.nodes[i].layer.follows_data), None)


class Origin(NamedTuple):
    node_id: str
    repetition: int
    place: str


class Resolved(NamedTuple):
    """What is computed: a plain graph with every size, and for each of its nodes where it stands in the project."""

    model: ModelSpec
    origins: tuple[Origin, ...]


def resolved(model: ModelSpec, outputs: int) -> Resolved:
    """The model with its repetitions written out and the size that the data asks for in the output layer."""
    flat, origins = unrolled(model)
    places = {node.id: place_of(model, index) for index, node in enumerate(model.nodes)}
    return Resolved(
        _with_output_size(flat, outputs),
        tuple(
            Origin(name, number, places[name] if number == 1 else f"{places[name]}, repetition {number},")
            for name, number in origins
        ),
    )


def resolve(model: ModelSpec, outputs: int) -> ModelSpec:
    """The plain graph alone, which is what is built and printed."""
    return resolved(model, outputs).model


def _with_output_size(model: ModelSpec, outputs: int) -> ModelSpec:
    """With the output layer's size written in, unless it is pinned."""
    index = output_index(model)
    if index is None:
        return model
    node = model.nodes[index]
    if getattr(node.layer, node.layer.follows_data) is not None:
        return model
    layer = node.layer.model_copy(update={node.layer.follows_data: outputs})
    nodes = (*model.nodes[:index], node.model_copy(update={"layer": layer}), *model.nodes[index + 1 :])
    return model.model_copy(update={"nodes": nodes})


def infer_shapes(model: ModelSpec, plain: Resolved, input_shape: Shape) -> tuple[list[LayerRow], list[Problem]]:
    """A row for every layer of the plain graph, and a problem for every layer of the model that cannot work."""
    shapes: dict[str, Shape | None] = {INPUT: input_shape}
    before = {INPUT: LayerRow(INPUT, "Data", (), input_shape)}
    indices = {node.id: index for index, node in enumerate(model.nodes)}
    rows, problems = [], []
    for index, (node, origin) in enumerate(zip(plain.model.nodes, plain.origins, strict=True)):
        inputs = tuple(shapes[source] for source in plain.model.inputs_of(index))
        found = _outcome(node.layer, inputs)
        known = tuple(shape for shape in inputs if shape is not None)
        row = LayerRow(origin.node_id, origin.place, known, found.output, *found[1:4])
        spot = Spot(model, indices[origin.node_id], origin.repetition, origin.place, before)
        problems += _problems(spot, node.layer, found)
        shapes[node.id] = row.output_shape
        before[origin.node_id] = row
        rows.append(row)
    return rows, problems


def _outcome(layer: Layer, inputs: tuple[Shape | None, ...]) -> Outcome:
    if not inputs or None in inputs:
        return Outcome(None)
    return outcome(layer, inputs) if takes_count(layer, len(inputs)) else Outcome(inputs[0])


def _problems(spot: Spot, layer: Layer, found: Outcome) -> Iterator[Problem]:
    yield from wire_problems(spot, layer)
    yield from size_problems(spot, layer)
    yield from refusals(spot, layer, found)


def folded(rows: list[LayerRow]) -> list[LayerRow]:
    """A row for every node of the project: what enters its first repetition, what leaves its last, the costs of all."""
    found: dict[str, LayerRow] = {}
    for row in rows:
        first = found.get(row.node_id)
        found[row.node_id] = row if first is None else replace(
            first, output_shape=row.output_shape, parameters=first.parameters + row.parameters,
            multiply_adds=first.multiply_adds + row.multiply_adds, saved_elements=first.saved_elements + row.saved_elements,
        )  # fmt: skip
    return list(found.values())
