"""The name of a layer and its kind, both of which can be changed in place."""

from typing import Any

import streamlit as st
from pydantic import ValidationError

from builder.catalogue.layer import Layer
from builder.catalogue.layers import LAYERS
from builder.check.edits import RenameNode, ReplaceLayer
from builder.ui.following import change_and_follow
from builder.ui.inspector.subject import Subject
from builder.ui.session import edit, is_set, redraw, select_nodes, show_value, shown_value


def show_identity(subject: Subject, index: int) -> None:
    node = subject.model.nodes[index]
    key = f"name_{node.id}"
    show_value(key, node.id)
    st.text_input(
        "Name", key=key, max_chars=60, help="Its name in the wires, in the weights and in the generated source.",
        on_change=_rename, args=(node.id, key),
    )  # fmt: skip
    key = f"kind_{node.id}"
    show_value(key, node.layer.name)
    st.selectbox(
        "Kind", list(LAYERS), key=key, format_func=lambda name: LAYERS[name].label,
        help="Puts another layer in its place; settings of the same name and the wires stay.",
        on_change=_replace, args=(subject, index, key),
    )  # fmt: skip


def _rename(node_id: str, key: str) -> None:
    name = shown_value(key).strip()
    if name != node_id and is_set(key) and edit(RenameNode(id=node_id, new_id=name)):
        select_nodes((name,))
    redraw()


def _replace(subject: Subject, index: int, key: str) -> None:
    node, last = subject.model.nodes[index], index == len(subject.model.nodes) - 1
    new = subject.desk.layer(shown_value(key), last=last)
    if is_set(key):
        change_and_follow(ReplaceLayer(id=node.id, layer=in_place_of(node.layer, new)))
    else:
        redraw()


def in_place_of(old: Layer, new: Layer) -> Layer:
    """`new` with every setting of `old` that it has, too, and allows."""
    for name, value in _settings(old).items():
        if name in type(new).model_fields:
            try:
                new = type(new).model_validate(_settings(new) | {name: value})
            except ValidationError:
                continue  # as 'same' for a padding that takes numbers alone
    return new


def _settings(layer: Layer) -> dict[str, Any]:
    return layer.model_dump(mode="json", exclude={"kind"})
