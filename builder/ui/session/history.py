"""Changes of the open project: made on its newest state, named, taken back, and told if somebody else was faster."""

from collections.abc import Callable

from builder.check.edits import Edit, apply, describe
from builder.check.history import History
from builder.errors import BuilderError
from builder.runs.projects import Kept, ProjectStore
from builder.ui.refused import in_words
from builder.ui.session.frame import say
from builder.ui.session.project import kept, project_id
from builder.ui.session.tab import renew_editors, tab

_NAMED = 3
"""Changes of somebody else named one by one; of more only the last ones."""


def history() -> History:
    """Of the open project, as it is on disk. Without one the page ends here, with a way on."""
    return kept().history


def edit(*edits: Edit, label: str | None = None) -> bool:
    """Applies the edits to the newest state and saves; `label` names the step in the undo list.

    A refused edit is explained at the top of the page; then nothing has changed.
    """
    if not edits:
        return True
    label = label or ", ".join(dict.fromkeys(describe(item) for item in edits))
    told: list[str] = []

    def edited(newest: Kept) -> History:
        told.append(_told(newest))
        return newest.history.record(apply(newest.history.present, *edits), label)

    with tab().lock:
        try:
            _keep(ProjectStore().change(project_id(), edited))
        except BuilderError as error:
            _refuse(error, *told)
            return False
    if told[0]:
        say(f"{told[0]} Your change was added on top.")
    return True


def undo() -> None:
    jump(-1)


def redo() -> None:
    jump(1)


def jump(steps: int) -> None:
    """So many steps forward in the history, back if negative. What somebody else has just done stays."""
    _move(lambda history: history.moved(steps))


def jump_to(place: int) -> None:
    """To where so many steps are past, however often it is asked for. What somebody else has just done stays."""
    _move(lambda history: history.moved(place - len(history.past)))


def _move(move: Callable[[History], History]) -> None:
    told: list[str] = []

    def moved(newest: Kept) -> History:
        told.append(_told(newest))
        return newest.history if told[0] else move(newest.history)

    with tab().lock:
        try:
            _keep(ProjectStore().change(project_id(), moved))
        except BuilderError as error:
            say(str(error), "error")
            return
    if told[0]:
        say(f"{told[0]} Nothing was undone or redone; look at the change first.")
    renew_editors()


def news() -> str:
    """What somebody else has changed since this tab was drawn, as a sentence; empty if nothing."""
    seen = tab().seen
    try:
        if seen is None or project_id() is None or ProjectStore().version(project_id()) == seen.version:
            return ""
        return _told(ProjectStore().read(project_id()))
    except BuilderError as error:
        return str(error)


def _told(newest: Kept) -> str:
    seen = tab().seen
    if seen is None or newest.version == seen.version:
        return ""
    changes = newest.history.since(seen.history.present)
    if not changes:
        return ""
    names = ", ".join(changes[-_NAMED:])
    more = f" and {len(changes) - _NAMED} more" if len(changes) > _NAMED else ""
    return f"This project was changed elsewhere since your page was drawn ({names}{more})."


def _refuse(error: BuilderError, told: str = "") -> None:
    """With the reason; on top of somebody else's change also with that."""
    project = kept().history.present
    if told:
        say(f"{told} Your change does not fit any more and was not made; the page shows the project as it is now.")
    say("\n".join(in_words(line, project) for line in str(error).splitlines()), "error")


def _keep(changed: Kept) -> None:
    tab().seen, tab().is_fresh = changed, True
