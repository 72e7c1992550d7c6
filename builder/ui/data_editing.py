"""Carries out a change of the project's data: tried on the data first, then saved together with what follows from it."""

from typing import Any

from builder.check.edits import UpdateData, apply
from builder.errors import BuilderError
from builder.spec.data import TableData, TableReading
from builder.ui import session
from builder.ui.data_changes import change_label, retargeted, told, training_edits

EDITOR = "columns"
"""Name of the table of columns, which starts afresh when something but the user changes it."""


def change_data(changes: dict[str, Any]) -> bool:
    """Saves the changes if the data can still be used with them; else says why not."""
    project = session.current_project()
    if project.data.model_dump(mode="json") | changes == project.data.model_dump(mode="json"):
        return True
    update = UpdateData(changes=changes)
    try:
        changed = apply(project, update)
        before, after = session.facts_of(project.data), session.facts_of(changed.data)
    except BuilderError as error:
        session.say(str(error), "error")
        session.renew(EDITOR)
        return False
    edits = training_edits(before, after)
    done = session.edit(update, *edits, label=change_label(project.data, changed.data))
    if done and edits:
        session.say(told(session.current_project().training, after))
    return done


def change_target(name: str) -> None:
    """Another target, with the type and task that fit it."""
    data = session.current_project().data
    _change_as_proposed(data, lambda propose: retargeted(data, propose(data.source, target=name, reading=data.reading)))


def propose_target() -> None:
    """The best guess of a target, where there was none."""
    data = session.current_project().data
    _change_as_proposed(data, lambda propose: retargeted(data, propose(data.source, reading=data.reading)))


def change_reading(changes: dict[str, Any]) -> None:
    """Reads the file in another way; as its columns may be others then, they are proposed afresh."""
    data = session.current_project().data
    reading = TableReading(**(data.reading.model_dump() | changes))
    if reading != data.reading:
        _change_as_proposed(data, lambda propose: _reread(propose, data, reading))


def _reread(propose, data: TableData, reading: TableReading) -> dict[str, Any]:
    proposed = propose(data.source, reading=reading)
    if data.target is not None and data.target.name in (column.name for column in proposed.columns):
        proposed = propose(data.source, target=data.target.name, reading=reading)
    taken = proposed.model_dump(mode="json", include={"reading", "columns", "task"})
    if data.task == "reconstruction":
        taken["task"] = data.task
    return taken | {
        "positive": None,
        "split": data.split.model_dump(mode="json") | {"stratify": proposed.split.stratify},
    }


def _change_as_proposed(data: TableData, changes_from) -> None:
    from builder.data.propose import propose  # pandas: not before it is needed

    session.renew(EDITOR)
    try:
        changes = changes_from(propose)
    except BuilderError as error:
        session.say(str(error), "error")
        return
    change_data(changes)
