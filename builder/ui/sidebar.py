"""The sidebar under the navigation: which project is open, its name, and the run under way."""

import streamlit as st

from builder.check.edits import Rename
from builder.runs.projects import ProjectStore
from builder.ui import session
from builder.ui.live_chart import load_library
from builder.ui.text import plain

_EVERY_S = 2.0
_NEWS_EVERY_S = 4.0


def draw_sidebar() -> None:
    with st.sidebar:
        _draw_picker()
        active = [run for run in session.runs() if run.is_active]
        if active:
            st.fragment(_draw_run, run_every=_EVERY_S)(active[-1].id)
        if session.project_id():
            st.fragment(_draw_news, run_every=_NEWS_EVERY_S)()
            load_library()  # three seconds of work for the browser: done before the first curve needs it


def _draw_picker() -> None:
    given = {info.id: info.name for info in ProjectStore().list()}
    names = unique_names(given)
    if not names:
        return
    open_id = session.project_id()
    session.show_value("project_picker", open_id if open_id in names else None)
    st.selectbox(
        "Project", list(names), format_func=lambda id: names.get(id, id), key="project_picker", index=None,
        placeholder="No project open", on_change=_open_picked,
    )  # fmt: skip
    if open_id in names:
        _draw_rename(given[open_id])


def unique_names(names: dict[str, str]) -> dict[str, str]:
    """Names by id, with a number after those that are taken already."""
    seen: dict[str, int] = {}
    shown = {}
    for id, name in names.items():
        seen[name] = seen.get(name, 0) + 1
        shown[id] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return shown


def _open_picked() -> None:
    picked = session.shown_value("project_picker")
    session.open_project(picked) if picked else session.close_project()


def _draw_rename(name: str) -> None:
    with st.popover("Rename", icon=":material/edit:", key="rename_project", type="tertiary"):
        session.show_value("project_name", name)
        st.text_input("Name of the project", key="project_name", max_chars=120, on_change=_rename)


def _rename() -> None:
    name = session.shown_value("project_name").strip()
    if name:
        session.edit(Rename(name=name))
    else:
        session.say("A project needs a name. It keeps the one it has.", "error")


def _draw_run(run_id: str) -> None:
    from builder.runs.store import open_store  # SQLAlchemy: not before there is a run

    run = open_store().get(run_id)
    if not run.is_active:
        st.rerun(scope="app")
    label = "Waiting to train" if run.status == "queued" else (run.phase or "training").capitalize()
    with st.container(border=True, key="sidebar_run"):
        st.markdown(f":primary-badge[:material/progress_activity: {plain(label)}]")
        st.page_link("pages/views/train.py", label="Show the run", icon=":material/monitoring:")


def _draw_news() -> None:
    """A quiet word if another tab or person has changed the open project."""
    told = session.news()
    if told:
        with st.container(border=True, key="news"):
            st.caption(f":material/sync: {plain(told)}")
            if st.button("Show it", key="show_news", type="tertiary"):
                st.rerun(scope="app")
