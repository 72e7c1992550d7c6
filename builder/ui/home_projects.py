"""The list of projects: open, duplicate, download, delete."""

import time

import streamlit as st

from builder.errors import BuilderError
from builder.runs.projects import ProjectInfo, ProjectStore
from builder.ui import session
from builder.ui.formats import ago
from builder.ui.text import plain, shortened

_SHORT_LIST = 4
_LONGEST_NAME = 120


def draw_projects() -> None:
    projects = ProjectStore().list()
    if not projects:
        return
    st.header("My projects")
    shown_all = len(projects) <= _SHORT_LIST or st.toggle(f"Show all {len(projects)}", key="all_projects")
    for info in projects if shown_all else projects[:_SHORT_LIST]:
        with st.container(border=True, key=f"project_{info.id}", horizontal=True, vertical_alignment="center"):
            _draw_project(info)


def draw_continue() -> None:
    """One click back to where a returning user left off."""
    projects = [info for info in ProjectStore().list() if not info.problem]
    if projects and st.button(
        f"Continue with {plain(shortened(projects[0].name, 40))}", key="continue", type="primary", icon=":material/play_arrow:"
    ):  # fmt: skip
        _open(projects[0].id)


def _draw_project(info: ProjectInfo) -> None:
    icon = {"table": ":material/table_chart:", "image": ":material/image:"}.get(info.data_kind, ":material/warning:")
    with st.container(gap=None):
        st.markdown(f"{icon} **{plain(shortened(info.name))}**")
        st.caption(plain(info.problem) if info.problem else f"Changed {ago(time.time() - info.modified_at)}")
    if not info.problem and st.button("Open", key=f"open_{info.id}", icon=":material/folder_open:"):
        _open(info.id)
    with st.popover("", icon=":material/more_horiz:", key=f"more_{info.id}", help="Duplicate, download, delete"):
        _draw_menu(info)


def _draw_menu(info: ProjectInfo) -> None:
    if not info.problem:
        st.button("Duplicate", key=f"duplicate_{info.id}", icon=":material/content_copy:", type="tertiary", on_click=_duplicate, args=(info.id,))  # fmt: skip
        st.download_button(
            "Download JSON", lambda: ProjectStore().load(info.id).present.to_json(), "project.json", "application/json",
            key=f"json_{info.id}", icon=":material/download:", type="tertiary", on_click="ignore",
        )  # fmt: skip
    if st.button("Delete…", key=f"delete_{info.id}", icon=":material/delete:", type="tertiary"):
        _ask_to_delete(info)


def _open(id: str) -> None:
    session.open_project(id)
    session.go_to("data")


def _duplicate(id: str) -> None:
    try:
        project = ProjectStore().load(id).present
    except BuilderError as error:
        session.say(str(error), "error")
        return
    ProjectStore().create(project.model_copy(update={"name": project.name[: _LONGEST_NAME - 5] + " copy"}))
    session.say(f"Made a copy of {project.name}.", "success")


@st.dialog("Delete this project?", icon=":material/delete:")
def _ask_to_delete(info: ProjectInfo) -> None:
    st.markdown(f"**{plain(shortened(info.name))}** and its undo history will be gone. Its finished runs stay on disk.")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep it", key="keep_project"):
            st.rerun()
        if st.button(
            "Delete", key="confirm_delete", type="primary", icon=":material/delete:", on_click=_delete, args=(info.id,)
        ):
            st.rerun()


def _delete(id: str) -> None:
    try:
        ProjectStore().delete(id)
    except BuilderError as error:
        session.say(str(error), "error")
    if id == session.project_id():
        session.close_project()
