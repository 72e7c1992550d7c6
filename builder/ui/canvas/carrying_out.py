"""Carries out what the user did on the canvas, each operation once."""

import logging
from functools import singledispatch

from builder.catalogue.component import Shape
from builder.check.edits.splicing import copied
from builder.errors import SpecError
from builder.runs.blocks import BlockStore
from builder.spec.model import INPUT, ModelSpec
from builder.ui import session
from builder.ui.canvas import operations as op
from builder.ui.canvas.adding import Desk
from builder.ui.canvas.operation import Operation
from builder.ui.canvas.queue import Queue
from builder.ui.following import followed
from builder.ui.own_blocks import keep_group

_NOT_SAVED = "Your change could not be saved ({}). The project is as it was before; free some space and try again."
_FAILED = (
    "Your change could not be made, by a mistake of Strata's that its log describes. The project is as it was before."
)
_UNREADABLE = "The canvas sent something that cannot be understood. Nothing has changed; reload the page."


def carry_out(queue: Queue) -> None:
    """An operation that cannot be understood or carried out is told, and the others go on."""
    for number, operation in queue.after(session.applied(queue.mount)):
        session.mark_applied(queue.mount, number)  # first: what fails is not tried again with each later operation
        try:
            _carry_out(operation)
        except OSError as error:
            session.say(_NOT_SAVED.format(error.strerror or error), "error")
        except Exception:
            logging.getLogger(__name__).exception("An operation of the editor failed.")
            session.say(_FAILED, "error")


@singledispatch
def _carry_out(operation: Operation | None) -> None:
    """As edits of the project."""
    before = session.current_project().model
    if _edited(operation):
        _select_after(before)


def _edited(operation: Operation) -> bool:
    desk = _desk()
    try:
        edits, label = operation.edits(desk), operation.label(desk)
    except SpecError as error:
        session.say(str(error), "error")
        return False
    return session.edit(*edits, label=label)


def _select_after(before: ModelSpec) -> None:
    """What is new; else what was selected; if that is gone, what it took."""
    known, now = {node.id for node in before.nodes}, [node.id for node in session.current_project().model.nodes]
    new = [name for name in now if name not in known]
    kept = [name for name in session.selected_nodes() if name in now]
    session.select_nodes(new or kept or _source_of_gone(before, set(now)))


def _source_of_gone(before: ModelSpec, now: set[str]) -> tuple[str, ...]:
    gone = next((index for index, node in enumerate(before.nodes) if node.id not in now), None)
    while gone is not None and (sources := before.inputs_of(gone)):
        if sources[0] in now or sources[0] == INPUT:
            return sources[:1]
        gone = before.index(sources[0])
    return ()


@_carry_out.register
def _(operation: None) -> None:
    session.say(_UNREADABLE, "error")


@_carry_out.register
def _(operation: op.Hello) -> None: ...


@_carry_out.register
def _(operation: op.Select) -> None:
    session.select_nodes(operation.ids)  # the session knows which of them exist


@_carry_out.register
def _(operation: op.Undo) -> None:
    session.undo()


@_carry_out.register
def _(operation: op.Redo) -> None:
    session.redo()


@_carry_out.register
def _(operation: op.Jump) -> None:
    session.jump_to(operation.place)


@_carry_out.register
def _(operation: op.Fix) -> None:
    """Whoever mends a layer goes on looking at it, not at what was put before it."""
    before, selected = session.current_project().model, session.selected_nodes()
    if _edited(operation):
        session.select_nodes(followed(before, session.current_project().model, selected))


@_carry_out.register
def _(operation: op.Keep) -> None:
    model = session.current_project().model
    try:
        keep_group(model, _desk().group(operation.id))
    except SpecError as error:
        session.say(str(error), "error")


@_carry_out.register
def _(operation: op.Copy) -> None:
    session.set_clipboard(copied(session.current_project().model, operation.ids))


@_carry_out.register
def _(operation: op.Cut) -> None:
    before = session.current_project().model
    session.set_clipboard(copied(before, operation.ids))
    if _edited(operation):
        _select_after(before)


def _desk() -> Desk:
    """The model as it is now; shapes and problems are looked up only if an operation needs them."""
    project = session.current_project()
    own = dict(BlockStore().list())
    return Desk(project.model, _shape_behind, session.clipboard(), own, lambda: session.report().problems)


def _shape_behind(node_id: str) -> Shape | None:
    if node_id == INPUT:
        return session.facts().input_shape
    report = session.report()
    return next((row.output_shape for row in report.rows if row.node_id == node_id), None)
