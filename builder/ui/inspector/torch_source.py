"""What a layer is in PyTorch: the call for the shapes that reach it, the formula, and where it is defined."""

from builder.catalogue.printing import constructor
from builder.errors import ShapeError
from builder.spec.model import Node
from builder.ui.inspector.items import Items, code, note
from builder.ui.inspector.subject import Subject

_UNKNOWN = "# Known once the layer fits what reaches it."


def torch_items(subject: Subject, node: Node) -> Items:
    formula = node.layer.formula
    caption = "Output" if "out" in formula.lower() else "Formula"
    return [
        code(torch_source(subject, node), "In PyTorch"),
        *([code(formula, caption)] if formula else []),
        note(f"Source: {node.layer.source}"),
    ]


def torch_source(subject: Subject, node: Node) -> str:
    """The constructors of the layer and of its activation, one a line."""
    layer, row = subject.as_built(node.id), subject.rows[node.id]
    count, activation = len(row.input_shapes), getattr(layer, "activation", None)
    if not layer.inputs_min <= count <= (layer.inputs_max or count):
        return _UNKNOWN
    try:
        layer.output_shape(*row.input_shapes)
        lines = [constructor(layer.torch_call(*row.input_shapes))]
        if activation is not None and row.output_shape is not None:
            lines.append(constructor(activation.torch_call(row.output_shape)))
    except (ShapeError, TypeError):  # TypeError: a size or an input that is missing
        return _UNKNOWN
    return "\n".join(lines)
