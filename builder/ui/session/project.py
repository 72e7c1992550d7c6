"""Which project a tab has open, and what it says as it is on disk."""

import streamlit as st

from builder.errors import RunError, SpecError
from builder.runs.projects import Kept, ProjectStore
from builder.spec.project import Project
from builder.ui.session.frame import go_to, say
from builder.ui.session.tab import Tab, renew_editors, tab
from builder.ui.text import plain


def project_id() -> str | None:
    return tab().asked.get("project", tab().opened["project"]) or None


def open_project(id: str) -> None:
    """Makes it the project of this tab from the next script run on; follow with `go_to`."""
    now = tab()
    with now.lock:
        if id != project_id():
            now.asked["run"] = ""
        now.asked["project"] = id
        now.seen = now.runs = None
        now.selected = ()
        renew_editors()


def close_project() -> None:
    open_project("")


def create_project(project: Project) -> str:
    """Saves and opens it."""
    id = ProjectStore().create(project)
    open_project(id)
    return id


def current_project() -> Project:
    """The open project. Without one the page ends here, with a way on."""
    return kept().history.present


def is_project_there() -> bool:
    """Whether `current_project` gives one, also in a thread that runs no script."""
    try:
        ProjectStore().read(project_id() or "")
    except (RunError, SpecError):
        return False
    return tab().seen is not None


def read_anew() -> None:
    """Lets the project be looked at as it is on disk now."""
    tab().is_fresh = False


def kept() -> Kept:
    """Of the open project, as it was read last: in this script run or request. Without one the page ends here, with a way on."""
    now = tab()
    with now.lock:
        if not now.is_fresh or now.seen is None:
            now.seen = _newly_read(now)
            now.is_fresh = True
        return now.seen


def _newly_read(now: Tab) -> Kept:
    newest, seen = _read(), now.seen
    if seen and seen.version != newest.version and (changes := newest.history.since(seen.history.present)):
        say(f"This project was changed elsewhere: {', '.join(changes)}. The page shows it as it is now.")
    return newest


def _read() -> Kept:
    id = project_id()
    if id is None:
        st.title("No project is open")
        st.info("Start from a template or from your own data.", icon=":material/folder_open:")
    else:
        try:
            return ProjectStore().read(id)
        except (RunError, SpecError) as error:
            st.title("This project cannot be opened")
            st.error(plain(str(error)), icon=":material/error:")
    if st.button("Go to Home", key="go_home", type="primary", icon=":material/home:"):
        close_project()
        go_to("home")
    st.stop()
