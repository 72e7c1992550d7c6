"""Picks what a layer takes from a list, as the canvas does by a wire."""

from builder.spec.model import INPUT, ModelSpec
from builder.ui.inspector.items import Item


def takes_field(model: ModelSpec, index: int) -> Item:
    """One value for most layers, several for one that merges."""
    node, inputs = model.nodes[index], model.inputs_of(index)
    item = {
        "key": f"{node.id}.takes", "label": "Takes", "placeholder": "Not connected", "options": _offered(model, index),
        "op": {"op": "takes", "id": node.id},
    }  # fmt: skip
    if node.layer.inputs_max == 1:
        help = "The data or another layer; not what comes after it."
        return item | {"kind": "choice", "help": help, "value": inputs[0] if inputs else None}
    help = "Values in the order in which they are put together."
    return item | {"kind": "several", "help": help, "value": list(dict.fromkeys(inputs))}


def _offered(model: ModelSpec, index: int) -> list[tuple[str, str]]:
    """All but the layer and what comes after it, with what they are."""
    behind = {model.nodes[index].id}
    for later in range(index + 1, len(model.nodes)):
        if not behind.isdisjoint(model.inputs_of(later)):
            behind.add(model.nodes[later].id)
    layers = ((node.id, f"{node.id} ({node.layer.label})") for node in model.nodes if node.id not in behind)
    return [(INPUT, "The data"), *layers]
