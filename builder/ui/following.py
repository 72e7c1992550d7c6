"""Changes that may give a layer another id, after which the same layers are selected."""

from builder.check.edits import Edit
from builder.spec.model import ModelSpec
from builder.ui.session import current_project, edit, select_nodes, selected_nodes


def change_and_follow(*edits: Edit, label: str | None = None) -> None:
    """As `edit`, and the same layers stay selected."""
    before, selected = current_project().model, selected_nodes()
    if edit(*edits, label=label):
        select_nodes(followed(before, current_project().model, selected))


def followed(before: ModelSpec, after: ModelSpec, ids: tuple[str, ...]) -> tuple[str, ...]:
    """The ids, where one that is gone stands for the layer at its place now, if none came or went."""
    left = {node.id for node in after.nodes}
    now = {old.id: new.id for old, new in zip(before.nodes, after.nodes, strict=False)}
    is_same_row = len(before.nodes) == len(after.nodes)
    return tuple(now.get(name, name) if is_same_row and name not in left else name for name in ids)
