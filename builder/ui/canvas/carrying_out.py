"""Carries out what the user did on the canvas, each operation once."""

from functools import singledispatch

from builder.catalogue.component import Shape
from builder.check.edits.fragments import copied
from builder.errors import SpecError
from builder.spec.model import INPUT
from builder.ui import session
from builder.ui.canvas import operations as op
from builder.ui.canvas.adding import Desk
from builder.ui.canvas.queue import Queue

_UNREADABLE = "The canvas sent something that cannot be understood. Nothing has changed; reload the page."


def carry_out(queue: Queue) -> None:
    """In a callback. An operation that cannot be understood is told, and the others go on."""
    for number, operation in queue.after(session.applied(queue.mount)):
        session.mark_applied(queue.mount, number)
        if operation is None:
            session.say(_UNREADABLE, "error")
        else:
            _carry_out(operation)


@singledispatch
def _carry_out(operation: op.Operation) -> None:
    """As edits of the project; what is new is selected."""
    before = {node.id for node in session.current_project().model.nodes}
    try:
        edits = operation.edits(_desk())
    except SpecError as error:
        session.say(str(error), "error")
        return
    if session.edit(*edits):
        _select_new(before)


def _select_new(before: set[str]) -> None:
    now = [node.id for node in session.current_project().model.nodes]
    new = tuple(name for name in now if name not in before)
    session.select_nodes(new or tuple(name for name in session.selected_nodes() if name in now))


@_carry_out.register
def _(operation: op.Hello) -> None: ...


@_carry_out.register
def _(operation: op.Select) -> None:
    known = {node.id for node in session.current_project().model.nodes}
    session.select_nodes(tuple(name for name in operation.ids if name in known))


@_carry_out.register
def _(operation: op.Undo) -> None:
    session.undo()


@_carry_out.register
def _(operation: op.Redo) -> None:
    session.redo()


@_carry_out.register
def _(operation: op.Copy) -> None:
    session.set_clipboard(copied(session.current_project().model, operation.ids))


@_carry_out.register
def _(operation: op.Cut) -> None:
    session.set_clipboard(copied(session.current_project().model, operation.ids))
    session.edit(*operation.edits(_desk()))


def _desk() -> Desk:
    """The model as it is now; shapes are looked up only if a block is put in."""
    project = session.current_project()
    return Desk(project.model, _shape_behind, session.clipboard())


def _shape_behind(node_id: str) -> Shape | None:
    if node_id == INPUT:
        return session.facts().input_shape
    report = session.report()
    return next((row.output_shape for row in report.rows if row.node_id == node_id), None)
