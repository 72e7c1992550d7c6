"""The inspector: everything about what is selected and what can be done with it, from its declaration."""

from typing import Any

from builder.ui.formats import counted
from builder.ui.inspector.group import group_card
from builder.ui.inspector.items import Items
from builder.ui.inspector.layer import layer_items
from builder.ui.inspector.several import several_items
from builder.ui.inspector.subject import Subject
from builder.ui.inspector.whole import whole_items


def inspector_state(subject: Subject) -> dict[str, Any]:
    """As JSON. The whole model if no layer is selected."""
    title, items = _drawn(subject)
    return {"title": title, "items": [*items, *(group_card(group) for group in subject.groups)]}


def _drawn(subject: Subject) -> tuple[str, Items]:
    match subject.layers:
        case ():
            return "The model", whole_items(subject)
        case (node_id,):
            return f"{subject.layer_of(node_id).label} {node_id}", layer_items(subject, node_id)
        case ids:
            return f"{counted(len(ids), 'layer')} selected", several_items(subject)
