"""Draws one panel on a page of its own, in the frame that app.py puts around every page."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from builder.runs.projects import ProjectStore
from builder.spec.project import Project


def panel(draw: Callable[[], None], project: Project, patience_s: float = 60) -> AppTest:
    """`draw` is a function on its own: Streamlit runs its source, so it imports what it needs."""
    app = AppTest.from_function(draw, default_timeout=patience_s)
    app.query_params["project"] = ProjectStore().create(project)
    return app.run()


def saved() -> Project:
    """The only project of this home, as it is on disk."""
    (info,) = ProjectStore().list()
    return ProjectStore().load(info.id).present
