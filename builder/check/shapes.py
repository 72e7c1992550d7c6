"""Follows the shape of one example through the model, past every layer that refuses it."""

from dataclasses import dataclass

from builder.catalogue.component import Shape
from builder.catalogue.layer import Layer, Refusal
from builder.check.edits import InsertBefore, RemoveNode, UpdateLayer
from builder.check.problem import Fix, Problem, error
from builder.spec.model import INPUT, ModelSpec

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


def resolve(model: ModelSpec, outputs: int) -> ModelSpec:
    """The model with the size that the data asks for written into the output layer, unless it is pinned."""
    index = output_index(model)
    if index is None:
        return model
    node = model.nodes[index]
    if getattr(node.layer, node.layer.follows_data) is not None:
        return model
    layer = node.layer.model_copy(update={node.layer.follows_data: outputs})
    nodes = (*model.nodes[:index], node.model_copy(update={"layer": layer}), *model.nodes[index + 1 :])
    return model.model_copy(update={"nodes": nodes})


def infer_shapes(model: ModelSpec, input_shape: Shape) -> tuple[list[LayerRow], list[Problem]]:
    """A row for every layer of a resolved model, and a problem for every layer that cannot work."""
    shapes: dict[str, Shape | None] = {INPUT: input_shape}
    rows, problems = [], []
    for index, node in enumerate(model.nodes):
        sources = model.inputs_of(index)
        inputs = tuple(shapes[source] for source in sources)
        row, found = _infer_layer(model, index, inputs, sources)
        shapes[node.id] = row.output_shape
        rows.append(row)
        problems += found
    return rows, problems


def _infer_layer(
    model: ModelSpec, index: int, inputs: tuple[Shape | None, ...], sources: tuple[str, ...]
) -> tuple[LayerRow, list[Problem]]:
    node, place = model.nodes[index], place_of(model, index)
    layer = node.layer
    problems = [*_wrong_input_count(layer, sources, place, node.id), *_missing_size(layer, place, node.id)]
    if None in inputs:
        return LayerRow(node.id, place, tuple(shape for shape in inputs if shape is not None), None), problems
    if not layer.inputs_min <= len(inputs) <= (layer.inputs_max or len(inputs)):
        return LayerRow(node.id, place, inputs, inputs[0]), problems
    try:
        return _row(layer, node.id, place, inputs), problems
    except Refusal as refusal:
        problems.append(_refused(refusal, model, index))
        return _as_if_mended(refusal, layer, node.id, place, inputs), problems


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


def _refused(refusal: Refusal, model: ModelSpec, index: int) -> Problem:
    node = model.nodes[index]
    fixes = [Fix(f"Remove {node.layer.label}", (RemoveNode(id=node.id),))]
    if refusal.remedy:
        adds = tuple(InsertBefore(id=node.id, layer=layer) for layer in refusal.remedy)
        fixes.insert(0, Fix(f"Insert {', '.join(layer.label for layer in refusal.remedy)} before it", adds))
    return error(place_of(model, index), str(refusal), *fixes, node_id=node.id)


def _wrong_input_count(layer: Layer, sources: tuple[str, ...], place: str, node_id: str) -> list[Problem]:
    most = layer.inputs_max
    if layer.inputs_min <= len(sources) <= (most or len(sources)):
        return []
    needs = f"{layer.inputs_min} input" if most == layer.inputs_min else f"{layer.inputs_min} or more inputs"
    fix = Fix(f"Remove {layer.label}", (RemoveNode(id=node_id),))
    return [error(place, f"needs {needs}; got {len(sources)}. Pick its inputs.", fix, node_id=node_id, field="inputs")]


def _missing_size(layer: Layer, place: str, node_id: str) -> list[Problem]:
    field = layer.follows_data
    if field is None or getattr(layer, field) is not None:
        return []
    fix = Fix(f"Set {field} to {DEFAULT_SIZE}", (UpdateLayer(id=node_id, changes={field: DEFAULT_SIZE}),))
    message = f"needs {field}; got nothing. Only the last layer takes its size from the data: give this one a number."
    return [error(place, message, fix, node_id=node_id, field=field)]
