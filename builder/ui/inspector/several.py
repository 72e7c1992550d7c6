"""The inspector of several layers: what they are together, and what can be done with them as one."""

from builder.ui.formats import compact, counted
from builder.ui.inspector.items import Item, Items, action, actions, facts, heading, note
from builder.ui.inspector.subject import Subject

_NAMED = 6


def several_items(subject: Subject) -> Items:
    ids, report = subject.layers, subject.report
    rows = [subject.rows[name] for name in ids]
    parameters, multiply_adds = sum(row.parameters for row in rows), sum(row.multiply_adds for row in rows)
    named = ", ".join(ids[:_NAMED])
    return [
        heading(f"{counted(len(ids), 'layer')} selected"),
        note(f"{named} and {len(ids) - _NAMED} more" if len(ids) > _NAMED else named),
        facts((counted(parameters, "parameter"), f"of {compact(report.parameters)}")),
        facts((f"{compact(multiply_adds)} multiply-adds", f"of {compact(report.multiply_adds)}")),
        _actions(subject),
    ]


def _actions(subject: Subject) -> Item:
    """A group is not grouped again."""
    ids = subject.layers
    group = [] if subject.groups else [action("Group", "select_all", {"op": "group", "ids": ids})]
    duplicate = action("Duplicate", "content_copy", {"op": "duplicate", "ids": ids})
    return actions(*group, duplicate, action("Delete", "delete", {"op": "remove", "ids": ids}))
