"""The runs of the open project, and the one that Train, Evaluate and Export show."""

from builder.runs.run import Run
from builder.ui.session.project import project_id
from builder.ui.session.tab import tab


def runs() -> tuple[Run, ...]:
    """Of the open project, newest first, as they were when the page was drawn."""
    now = tab()
    if project_id() is None:
        return ()
    if now.runs is None:
        from builder.runs.store import open_store  # SQLAlchemy: not before a project is open

        now.runs = open_store().list(project_id())
    return now.runs


def select_run(id: str) -> None:
    """Makes it the run that Train, Evaluate and Export show, from the next script run on."""
    tab().asked["run"] = id


def is_another_selected(id: str) -> bool:
    """Whether a click in a part of the page has just selected another run, which the whole page will show."""
    return tab().asked.get("run", id) != id


def selected_run() -> Run | None:
    """The run in the URL if it is one of the project's, else the newest."""
    found, wanted = runs(), tab().asked.get("run", tab().opened["run"])
    return next((run for run in found if run.id == wanted), found[0] if found else None)
