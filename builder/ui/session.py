"""The open project and run of a browser tab: from the URL, loaded from disk, changed by edits; alone in touching session_state."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from builder.check.edits import Edit, apply, describe
from builder.check.history import History
from builder.check.report import Report, check
from builder.errors import BuilderError, DataError, RunError, SpecError
from builder.runs.projects import ProjectStore
from builder.runs.run import Run
from builder.spec.data import DataSpec
from builder.spec.facts import DataFacts
from builder.spec.project import Project
from builder.ui.prepared import prepared, profiled, stated, warned
from builder.ui.refused import in_words
from builder.ui.text import plain

PageName = Literal["home", "data", "model", "train", "evaluate", "export"]
MessageKind = Literal["error", "success", "info"]
_IN_URL = ("project", "run")


@dataclass
class _Tab:
    """What a tab remembers between script runs; everything else is on disk or in the URL."""

    opened: dict[str, str] = field(default_factory=lambda: dict.fromkeys(_IN_URL, ""))
    asked: dict[str, str] = field(default_factory=dict)
    """What to put into the URL at the next script run."""
    messages: list[tuple[MessageKind, str]] = field(default_factory=list)
    place: DeltaGenerator | None = None
    history: History | None = None
    runs: tuple[Run, ...] | None = None
    versions: Counter[str] = field(default_factory=Counter)
    editors: set[str] = field(default_factory=set)


def _tab() -> _Tab:
    return st.session_state.setdefault("strata", _Tab())


# --- the frame that app.py puts around every page


@contextmanager
def opened() -> Iterator[None]:
    """Around each script run: reads project and run from the URL and shows what was said before the page was drawn."""
    tab = _tab()
    tab.history = tab.runs = None
    _read_url(tab)
    tab.place = st.container(key="messages")
    _show_messages(tab)
    try:
        yield
    finally:
        tab.place = None


def _read_url(tab: _Tab) -> None:
    """Hidden inputs bound to the URL: they survive page switches and reloads, and Back goes back one page."""
    with st.sidebar.container(key="in_url"):
        for name in _IN_URL:
            st.session_state[name] = tab.asked.pop(name, st.query_params.get(name, tab.opened[name]))
            tab.opened[name] = st.text_input(name, key=name, bind="query-params", label_visibility="collapsed")


def say(message: str, kind: MessageKind = "info") -> None:
    """Shows a message at the top of the page, also from a callback or just before a rerun. `message` is plain text."""
    tab = _tab()
    tab.messages.append((kind, message))
    if tab.place is not None and kind == "error":
        _show_messages(tab)


def _show_messages(tab: _Tab) -> None:
    icons = {"error": ":material/error:", "success": ":material/check_circle:", "info": ":material/info:"}
    for kind, message in tab.messages:
        for line in message.splitlines():
            getattr(tab.place, kind)(plain(line), icon=icons[kind])
    tab.messages.clear()


def go_to(page: PageName) -> None:
    """Leaves for another page with the same project and run."""
    # {}: switch_page refuses to clear parameters that are bound to a widget; they come back from the tab itself.
    st.switch_page(f"pages/views/{page}.py", query_params={})


# --- widgets whose value belongs to the project


def show_value(key: str, value: Any) -> None:
    """Before a widget: makes it show `value`, so that undo and refused edits are seen."""
    st.session_state[key] = value


def shown_value(key: str, default: Any = None) -> Any:
    """In a callback: what the user has set the widget to."""
    return st.session_state.get(key, default)


def versioned(name: str) -> str:
    """A key for a widget whose value cannot be set from outside, such as a table editor."""
    _tab().editors.add(name)
    return f"{name}_{version(name)}"


def version(name: str) -> int:
    """How often `name` was renewed."""
    return _tab().versions[name]


def renew(name: str) -> None:
    """Makes the widget with the key `versioned(name)` start afresh."""
    _tab().versions[name] += 1


def _renew_editors() -> None:
    for name in _tab().editors:
        renew(name)


# --- the project


def project_id() -> str | None:
    return _tab().asked.get("project", _tab().opened["project"]) or None


def open_project(id: str) -> None:
    """Makes it the project of this tab from the next script run on; follow with `go_to`."""
    tab = _tab()
    if id != project_id():
        tab.asked["run"] = ""
    tab.asked["project"] = id
    tab.history = tab.runs = None
    _renew_editors()


def close_project() -> None:
    open_project("")


def create_project(project: Project) -> str:
    """Saves and opens it."""
    id = ProjectStore().create(project)
    open_project(id)
    return id


def history() -> History:
    """Of the open project, as it is on disk. Without one the page ends here, with a way on."""
    tab = _tab()
    if tab.history is None:
        tab.history = _load()
    return tab.history


def _load() -> History:
    id = project_id()
    if id is None:
        st.title("No project is open")
        st.info("Start from a template or from your own data.", icon=":material/folder_open:")
    else:
        try:
            return ProjectStore().load(id)
        except (RunError, SpecError) as error:
            st.title("This project cannot be opened")
            st.error(plain(str(error)), icon=":material/error:")
    if st.button("Go to Home", key="go_home", type="primary", icon=":material/home:"):
        close_project()
        go_to("home")
    st.stop()


def current_project() -> Project:
    """The open project. Without one the page ends here, with a way on."""
    return history().present


def save(project: Project, label: str) -> None:
    """Makes it the present state; `label` names the change in the undo list."""
    _keep(_fresh_history().record(project, label))


def edit(*edits: Edit) -> bool:
    """Applies the edits and saves. A refused edit is explained at the top of the page; then nothing has changed."""
    if not edits:
        return True
    try:
        before = _fresh_history()
        project = apply(before.present, *edits)
    except BuilderError as error:
        say("\n".join(in_words(line, before.present) for line in str(error).splitlines()), "error")
        return False
    _keep(before.record(project, ", ".join(dict.fromkeys(describe(item) for item in edits))))
    return True


def undo() -> None:
    _keep(_fresh_history().undo())
    _renew_editors()


def redo() -> None:
    _keep(_fresh_history().redo())
    _renew_editors()


def _fresh_history() -> History:
    """From disk again: another tab may have changed the project since this page was drawn."""
    _tab().history = None
    return history()


def _keep(changed: History) -> None:
    ProjectStore().save(project_id(), changed)
    _tab().history = changed


# --- the data


def dataset():  # -> TableDataset | ImageDataset
    """The project's data, ready to use. If it cannot be used the page ends here, with the reason and a way on."""
    try:
        with st.spinner("Preparing the data…", show_time=True):
            return prepared(*_data())
    except DataError as error:
        st.error(plain(str(error)), icon=":material/error:")
        if st.button("Choose other data", key="other_data", icon=":material/home:"):
            go_to("home")
        st.stop()


def _data() -> tuple[str, str]:
    """What the project says about its data, and the state of the file it names."""
    return stated(current_project().data)


def facts() -> DataFacts:
    return dataset().facts


def facts_of(data: DataSpec) -> DataFacts:
    """Of any data, not only the project's. Raises: DataError."""
    return prepared(*stated(data)).facts


def profile():  # -> TableProfile | ImageProfile
    """Statistics of the data, for the Data page."""
    return profiled(*_data(), dataset())


def warnings():  # -> tuple[DataWarning, ...]
    """What in the data would mislead a model or the person who reads its figures."""
    return warned(*_data(), dataset())


def report() -> Report:
    """Shapes, cost and problems of the model as it stands."""
    return check(current_project(), facts())


# --- the runs


def runs() -> tuple[Run, ...]:
    """Of the open project, newest first, as they were when the page was drawn."""
    tab = _tab()
    if project_id() is None:
        return ()
    if tab.runs is None:
        from builder.runs.store import open_store  # SQLAlchemy: not before a project is open

        tab.runs = open_store().list(project_id())
    return tab.runs


def select_run(id: str) -> None:
    """Makes it the run that Train, Evaluate and Export show, from the next script run on."""
    _tab().asked["run"] = id


def selected_run() -> Run | None:
    """The run in the URL if it is one of the project's, else the newest."""
    found, wanted = runs(), _tab().asked.get("run", _tab().opened["run"])
    return next((run for run in found if run.id == wanted), found[0] if found else None)
