"""The inspector of a group: its title, how often it repeats, and the block it can be saved as."""

from builder.spec.model import Group
from builder.ui.formats import counted
from builder.ui.inspector.items import Item, action, actions, card


def group_card(group: Group) -> Item:
    keep = action(
        "Save as block", "bookmark_add", {"op": "keep", "id": group.id},
        help="Offers it in every project, under its title.",
    )  # fmt: skip
    ungroup = action("Ungroup", "ungroup", {"op": "ungroup", "id": group.id})
    title = f"Group of {counted(len(group.members), 'layer')}"
    return card("select_all", title, _title(group), _repeat(group), actions(keep, ungroup))


def _title(group: Group) -> Item:
    return {
        "kind": "words", "key": f"@{group.id}.title", "label": "Title", "help": "", "value": group.title,
        "maxLength": 80, "op": {"op": "title", "id": group.id}, "as": "title",
    }  # fmt: skip


def _repeat(group: Group) -> Item:
    return {
        "kind": "number", "key": f"@{group.id}.repeat", "label": "Repeat (times in a row)", "value": group.repeat,
        "help": "Each repetition has weights of its own and takes what the one before it gives.",
        "min": 1, "max": 64, "step": 1, "whole": True, "optional": False, "op": {"op": "repeat", "id": group.id}, "as": "times",
    }  # fmt: skip
