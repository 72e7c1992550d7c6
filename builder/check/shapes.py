"""Follows the shape of one example through the model, past every layer that refuses it."""

from dataclasses import dataclass, replace
from typing import NamedTuple

from builder.catalogue.component import Shape
from builder.catalogue.layer import Layer, Refusal
from builder.check.edits import InsertBefore, RemoveNode, UpdateLayer
from builder.check.problem import Fix, Problem, error
from builder.spec.model import INPUT, ModelSpec
from builder.spec.repetition import unrolled

DEFAULT_SIZE = 64
"""Outputs that the fix for a missing size sets."""


@dataclass(frozen=True)
class LayerRow:
    """One layer with what reaches it and what leaves it; a shape is None where it cannot be known."""

    node_id: str
    place: str
    input_shapes: tuple[Shape, ...]
    output_shape: Shape | None
    parameters: int = 0
    multiply_adds: int = 0
    saved_elements: int = 0


def place_of(model: ModelSpec, index: int) -> str:
    """`Layer 3 (Conv2d)`, counted from 1."""
    return f"Layer {index + 1} ({model.nodes[index].layer.kind})"


def output_index(model: ModelSpec) -> int | None:
    """Place of the output layer: the last one whose size can follow the data."""
    return next((i for i in reversed(range(len(model.nodes))) if model.nodes[i].layer.follows_data), None)


class Origin(NamedTuple):
    node_id: str
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
            Origin(node_id, places[node_id] if number == 1 else f"{places[node_id]}, repetition {number},")
            for node_id, number in origins
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


def infer_shapes(resolved: Resolved, input_shape: Shape) -> tuple[list[LayerRow], list[Problem]]:
    """A row for every layer of the plain graph, and a problem for every layer that cannot work."""
    model = resolved.model
    shapes: dict[str, Shape | None] = {INPUT: input_shape}
    rows, problems = [], []
    for index, (node, origin) in enumerate(zip(model.nodes, resolved.origins, strict=True)):
        sources = model.inputs_of(index)
        inputs = tuple(shapes[source] for source in sources)
        row, found = _infer_layer(node.layer, origin, inputs)
        shapes[node.id] = row.output_shape
        rows.append(row)
        problems += found
    return rows, problems


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


def _infer_layer(layer: Layer, origin: Origin, inputs: tuple[Shape | None, ...]) -> tuple[LayerRow, list[Problem]]:
    node_id, place = origin
    problems = [*_wrong_input_count(layer, len(inputs), origin), *_missing_size(layer, origin)]
    if not inputs or None in inputs:
        return LayerRow(node_id, place, tuple(shape for shape in inputs if shape is not None), None), problems
    if not layer.inputs_min <= len(inputs) <= (layer.inputs_max or len(inputs)):
        return LayerRow(node_id, place, inputs, inputs[0]), problems
    try:
        return _row(layer, node_id, place, inputs), problems
    except Refusal as refusal:
        problems.append(_refused(refusal, layer, origin))
        return _as_if_mended(refusal, layer, node_id, place, inputs), problems


def _row(layer: Layer, node_id: str, place: str, inputs: tuple[Shape, ...]) -> LayerRow:
    output = layer.output_shape(*inputs)
    row = LayerRow(
        node_id, place, inputs, output,
        layer.parameter_count(*inputs), layer.multiply_adds(*inputs), layer.saved_elements(*inputs),
    )  # fmt: skip
    activation = getattr(layer, "activation", None)
    if activation is None:
        return row
    activation.output_shape(output)
    return LayerRow(
        node_id, place, inputs, output, row.parameters + activation.parameter_count(output), row.multiply_adds,
        row.saved_elements + activation.saved_elements(output),
    )  # fmt: skip


def _as_if_mended(refusal: Refusal, layer: Layer, node_id: str, place: str, inputs: tuple[Shape, ...]) -> LayerRow:
    """The row that the remedy would give, so that the layers behind it are checked too."""
    shape = inputs[0]
    try:
        for remedy in refusal.remedy:
            shape = remedy.output_shape(shape)
        return _row(layer, node_id, place, (shape,)) if refusal.remedy else LayerRow(node_id, place, inputs, None)
    except Refusal:
        return LayerRow(node_id, place, inputs, None)


def _refused(refusal: Refusal, layer: Layer, origin: Origin) -> Problem:
    fixes = [Fix(f"Remove {layer.label}", (RemoveNode(id=origin.node_id),))]
    if refusal.remedy:
        adds = tuple(InsertBefore(id=origin.node_id, layer=remedy) for remedy in refusal.remedy)
        fixes.insert(0, Fix(f"Insert {', '.join(remedy.label for remedy in refusal.remedy)} before it", adds))
    return error(origin.place, str(refusal), *fixes, node_id=origin.node_id)


def _wrong_input_count(layer: Layer, got: int, origin: Origin) -> list[Problem]:
    most = layer.inputs_max
    if layer.inputs_min <= got <= (most or got):
        return []
    needs = f"{layer.inputs_min} input{'s' if layer.inputs_min > 1 else ''}"
    needs = needs if most == layer.inputs_min else f"{layer.inputs_min} or more inputs"
    fix = Fix(f"Remove {layer.label}", (RemoveNode(id=origin.node_id),))
    return [
        error(origin.place, f"needs {needs}; got {got}. Pick its inputs.", fix, node_id=origin.node_id, field="inputs")
    ]


def _missing_size(layer: Layer, origin: Origin) -> list[Problem]:
    field = layer.follows_data
    if field is None or getattr(layer, field) is not None:
        return []
    fix = Fix(f"Set {field} to {DEFAULT_SIZE}", (UpdateLayer(id=origin.node_id, changes={field: DEFAULT_SIZE}),))
    message = f"needs {field}; got nothing. Only the last layer takes its size from the data: give this one a number."
    return [error(origin.place, message, fix, node_id=origin.node_id, field=field)]
