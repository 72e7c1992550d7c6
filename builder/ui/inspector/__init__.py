"""The inspector: everything about what is selected, drawn from its declaration; each change shows at once."""

from builder.ui.inspector.group import show_group
from builder.ui.inspector.layer import show_layer
from builder.ui.inspector.several import show_several
from builder.ui.inspector.subject import Subject
from builder.ui.inspector.whole import show_whole


def show_inspector(subject: Subject) -> None:
    """The whole model if no layer is selected."""
    match subject.layers:
        case ():
            show_whole(subject)
        case (node_id,):
            show_layer(subject, node_id)
        case _:
            show_several(subject)
    for group in subject.groups:
        show_group(subject, group)
