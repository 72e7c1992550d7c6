"""What is selected on the Model page, and what was copied there."""

from collections.abc import Iterable

from builder.check.edits.splicing import Piece
from builder.spec.model import INPUT
from builder.ui.session.project import current_project
from builder.ui.session.tab import tab


def selected_nodes() -> tuple[str, ...]:
    """Ids of the nodes selected; of the input, or of what else stands on the canvas, by the names it has there."""
    there = {node.id for node in current_project().model.nodes} | {INPUT}
    return tuple(name for name in tab().selected if name in there or name.startswith("@"))


def select_nodes(ids: Iterable[str]) -> None:
    tab().selected = tuple(dict.fromkeys(ids))


def clipboard() -> Piece:
    """What was copied last: a piece of a model, to be pasted into any project."""
    return tab().clipboard


def set_clipboard(piece: Piece) -> None:
    tab().clipboard = piece
