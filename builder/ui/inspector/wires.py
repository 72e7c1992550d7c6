"""Picks what a layer takes from a list, as the canvas does by a wire."""

import streamlit as st

from builder.check.edits import AddWire, RemoveWire
from builder.spec.model import INPUT, ModelSpec, Node
from builder.ui.inspector.subject import Subject
from builder.ui.session import change, is_set, show_value, shown_value


def show_wires(subject: Subject, index: int) -> None:
    """One value for most layers, several for one that merges."""
    model = subject.model
    node, inputs = model.nodes[index], model.inputs_of(index)
    offered, key = _offered(model, index), f"inputs_{node.id}"
    if node.layer.inputs_max == 1:
        show_value(key, inputs[0] if inputs else None)
        st.selectbox(
            "Takes", offered, key=key, format_func=lambda name: _named(model, name), placeholder="Not connected",
            help="The data or another layer; not what comes after it.", on_change=_connect, args=(node, key),
        )  # fmt: skip
        return
    show_value(key, list(dict.fromkeys(inputs)))
    st.multiselect(
        "Takes", offered, key=key, format_func=lambda name: _named(model, name), placeholder="Not connected",
        help="Values in the order in which they are put together.", on_change=_rewire, args=(node, inputs, key),
    )  # fmt: skip


def _offered(model: ModelSpec, index: int) -> list[str]:
    """All but the layer and what comes after it."""
    behind = {model.nodes[index].id}
    for later in range(index + 1, len(model.nodes)):
        if behind & set(model.inputs_of(later)):
            behind.add(model.nodes[later].id)
    return [INPUT, *(node.id for node in model.nodes if node.id not in behind)]


def _named(model: ModelSpec, name: str) -> str:
    return "The data" if name == INPUT else f"{name} ({model.nodes[model.index(name)].layer.label})"


def _connect(node: Node, key: str) -> None:
    source = shown_value(key)
    if source is not None and is_set(key):
        change(AddWire(source=source, target=node.id))


def _rewire(node: Node, before: tuple[str, ...], key: str) -> None:
    if not is_set(key):
        return
    wanted = shown_value(key)
    gone = [RemoveWire(source=name, target=node.id) for name in before if name not in wanted]
    new = [AddWire(source=name, target=node.id) for name in wanted if name not in before]
    change(*gone, *new)
