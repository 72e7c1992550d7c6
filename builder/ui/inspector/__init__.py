"""The inspector: everything about what is selected and what can be done with it, from its declaration."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from builder.runs.peeks import Peek
from builder.ui.formats import counted
from builder.ui.inspector.group import group_card
from builder.ui.inspector.items import Items
from builder.ui.inspector.layer import layer_items
from builder.ui.inspector.several import several_items
from builder.ui.inspector.subject import Subject
from builder.ui.inspector.whole import whole_items


def inspector_state(subject: Subject, peeks: Mapping[str, Peek] = MappingProxyType({})) -> dict[str, Any]:
    """As JSON. The whole model if no layer is selected. `peeks` are what layers gave for one real batch."""
    title, items = _drawn(subject, peeks)
    return {"title": title, "items": [*items, *(group_card(group) for group in subject.groups)]}


def _drawn(subject: Subject, peeks: Mapping[str, Peek]) -> tuple[str, Items]:
    match subject.layers:
        case ():
            return "The model", whole_items(subject)
        case (node_id,):
            return f"{subject.layer_of(node_id).label} {node_id}", layer_items(subject, node_id, peeks.get(node_id))
        case ids:
            return f"{counted(len(ids), 'layer')} selected", several_items(subject)
