"""What is selected on the Model page, what was copied there, and which of its operations were carried out."""

from collections.abc import Iterable
from threading import RLock

from builder.check.edits.splicing import Piece
from builder.spec.model import INPUT
from builder.ui.session.project import current_project
from builder.ui.session.tab import tab


def selected_nodes() -> tuple[str, ...]:
    """Ids of the nodes selected; of the input, or of what else stands on the canvas, by the names it has there."""
    there = {node.id for node in current_project().model.nodes} | {INPUT}
    return tuple(name for name in tab().selected if name in there or name.startswith("@"))


def selection() -> tuple[str, ...]:
    """What was selected last; some of it may be gone."""
    return tab().selected


def select_nodes(ids: Iterable[str]) -> None:
    tab().selected = tuple(dict.fromkeys(ids))


def clipboard() -> Piece:
    """What was copied last: a piece of a model, to be pasted into any project."""
    return tab().clipboard


def set_clipboard(piece: Piece) -> None:
    tab().clipboard = piece


def applied(mount: str) -> int:
    """Number of the last operation of this mount that was carried out."""
    return tab().applied[mount]


def carrying_out() -> RLock:
    """Held meanwhile: a page switch may run the next script in a thread of its own, and each operation is done once."""
    return tab().is_carrying_out


def mark_applied(mount: str, number: int) -> None:
    tab().applied[mount] = number
