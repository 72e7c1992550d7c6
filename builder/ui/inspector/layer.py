"""The inspector of one layer: what it does, its settings, its wires and what it becomes in PyTorch."""

from typing import Any

import streamlit as st

from builder.check.edits import DuplicateNode, Edit, MoveNode, RemoveNode, UpdateLayer
from builder.check.edits.titles import titled
from builder.spec.model import Node
from builder.ui.fields import FieldForm, forms_of
from builder.ui.forms import draw_field
from builder.ui.inspector.identity import show_identity
from builder.ui.inspector.initial import show_layer_start
from builder.ui.inspector.subject import Subject
from builder.ui.inspector.torch_source import show_torch_source
from builder.ui.inspector.wires import show_wires
from builder.ui.palette import show_palette
from builder.ui.problems import show_problems
from builder.ui.session import change
from builder.ui.shapes import cost, named_shape
from builder.ui.text import plain


def show_layer(subject: Subject, node_id: str) -> None:
    index = subject.model.index(node_id)
    node = subject.model.nodes[index]
    _show_head(subject, node)
    _show_actions(subject, index)
    show_problems(subject.report, lambda problem: problem.node_id == node_id)
    for form in forms_of(type(node.layer)):
        _show_field(node, form)
    show_wires(subject, index)
    box = st.expander("Name, kind, PyTorch", key="layer_more", icon=":material/code:", on_change="rerun")
    if box.open:
        with box:
            show_identity(subject, index)
            show_torch_source(subject, node)


def _show_head(subject: Subject, node: Node) -> None:
    row = subject.rows[node.id]
    inputs = zip(row.input_shapes, subject.model.inputs_of(subject.model.index(node.id)), strict=False)
    taken = " and ".join(named_shape(shape, subject.layer_of(source)) for shape, source in inputs) or "?"
    with st.container(gap=None, key="layer_head"):
        st.subheader(f"{plain(node.layer.label)} :gray[{plain(node.id)}]", anchor=False)
        st.caption(plain(node.layer.help))
        st.markdown(f"{taken}  \n→ **{named_shape(row.output_shape, node.layer)}**")
        st.caption(plain(cost(row)))
        show_layer_start(subject, node.id)


def _show_field(node: Node, form: FieldForm) -> None:
    """With a way back to the default if it was left."""
    key = f"{node.id}_{form.name}"
    draw_field(node.layer, form, key, lambda changes: _set(node, changes))
    if form.kind != "component" and getattr(node.layer, form.name) != form.default:
        st.button(
            f"Back to {plain(form.written_default)}", key=f"reset_{key}", icon=":material/restart_alt:", type="tertiary",
            on_click=_set_back, args=(node, form), help=f"{form.title} is {form.written_default} by default.",
        )  # fmt: skip


def _set(node: Node, changes: dict[str, Any]) -> None:
    change(UpdateLayer(id=node.id, changes=changes), label=_label(node, changes))


def _set_back(node: Node, form: FieldForm) -> None:
    changes = {form.name: form.json_default}
    change(UpdateLayer(id=node.id, changes=changes), label=_label(node, changes))


def _label(node: Node, changes: dict[str, Any]) -> str:
    """By this kind's own titles: the same field is a convolution's kernel size and a pooling's window."""
    return f"Set {titled(changes, type(node.layer))} of {node.id}"


def _show_actions(subject: Subject, index: int) -> None:
    node, last = subject.model.nodes[index], len(subject.model.nodes) - 1
    with st.container(horizontal=True, gap="xsmall", key="layer_actions"):
        show_palette(node.id, last=index == last, key=f"_after_{node.id}", label="Add after")
        _action("duplicate", "content_copy", "Duplicate", DuplicateNode(id=node.id))
        _action("delete", "delete", "Delete", RemoveNode(id=node.id))
        _action("up", "arrow_upward", "Move up", MoveNode(id=node.id, by=-1), disabled=index == 0)
        _action("down", "arrow_downward", "Move down", MoveNode(id=node.id, by=1), disabled=index == last)


def _action(name: str, icon: str, label: str, done: Edit, disabled: bool = False) -> None:
    st.button(
        label, key=f"{name}_{done.id}", icon=f":material/{icon}:", type="tertiary", disabled=disabled,
        on_click=change, args=(done,),
    )  # fmt: skip
