"""The name of a layer and its kind, both of which can be changed in place."""

from builder.catalogue.layers import LAYERS
from builder.spec.model import Node
from builder.ui.inspector.items import Item

_KINDS = tuple((name, kind.label) for name, kind in LAYERS.items())


def name_field(node: Node) -> Item:
    return {
        "kind": "words", "key": f"{node.id}.name", "label": "Name", "value": node.id, "maxLength": 60,
        "help": "Its name in the wires, in the weights and in the generated source.",
        "op": {"op": "rename", "id": node.id}, "as": "name",
    }  # fmt: skip


def kind_field(node: Node) -> Item:
    return {
        "kind": "choice", "key": f"{node.id}.kind", "label": "Kind", "value": node.layer.name, "options": _KINDS,
        "help": "Puts another layer in its place; settings of the same name and the wires stay.",
        "op": {"op": "replace", "id": node.id},
    }  # fmt: skip
