"""What a layer is in PyTorch: the call for the shapes that reach it, the formula, and where it is defined."""

import streamlit as st

from builder.catalogue.printing import constructor
from builder.errors import ShapeError
from builder.spec.model import Node
from builder.ui.inspector.subject import Subject
from builder.ui.text import plain

_UNKNOWN = "# Known once the layer fits what reaches it."


def show_torch_source(subject: Subject, node: Node) -> None:
    st.caption("In PyTorch")
    st.code(torch_source(subject, node), language="python", wrap_lines=True)
    if node.layer.formula:
        st.caption("Output" if "out" in node.layer.formula.lower() else "Formula")
        st.code(node.layer.formula, language=None, wrap_lines=True)
    st.caption(f"Source: {plain(node.layer.source)}")


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
