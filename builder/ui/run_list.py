"""The runs of a project: what each is doing, which one is shown, and how to start another."""

import time

import streamlit as st

from builder.errors import BuilderError
from builder.runs.folder import RunFolder
from builder.runs.launch import launch
from builder.runs.run import Run, Status
from builder.runs.store import open_store
from builder.spec.project import Project
from builder.ui.formats import ago, duration
from builder.ui.session import current_project, project_id, runs, say, select_run, selected_run, show_value, shown_value
from builder.ui.text import plain

_MARKS: dict[Status, tuple[str, str, str]] = {
    "queued": ("Waiting", "schedule", "gray"), "running": ("Running", "progress_activity", "blue"),
    "finished": ("Finished", "check_circle", "green"), "stopped": ("Stopped", "stop_circle", "orange"),
    "failed": ("Failed", "error", "red"), "interrupted": ("Interrupted", "warning", "orange"),
    "cancelled": ("Cancelled", "block", "gray"),
}  # fmt: skip

_MOST_SHOWN = 30


def launch_run() -> None:
    """In a callback: queues the project as it is and shows the new run."""
    try:
        select_run(launch(current_project(), project_id()).id)
    except (BuilderError, OSError) as error:
        say(f"The run could not start: {error}", "error")


def show_status(run: Run) -> None:
    label, icon, color = _MARKS[run.status]
    place = open_store().position(run.id) if run.status == "queued" else 0
    st.badge(f"{label}, number {place} in the queue" if place else label, icon=f":material/{icon}:", color=color)


def run_label(run: Run, found: tuple[Run, ...]) -> str:
    """`Run 3 · finished · 5 min ago`."""
    return f"{run_name(run, found)} · {_MARKS[run.status][0].lower()} · {ago(time.time() - run.created_at)}"


def run_name(run: Run, found: tuple[Run, ...]) -> str:
    """Numbered from the oldest of the project."""
    return f"Run {len(found) - next(place for place, other in enumerate(found) if other.id == run.id)}"


def run_project(run: Run) -> Project:
    """As it was when the run was launched."""
    return _parsed(RunFolder(run.folder))


@st.cache_resource(max_entries=64, show_spinner=False)
def _parsed(folder: RunFolder) -> Project:
    return folder.project


def took(run: Run) -> str:
    return duration((run.ended_at or time.time()) - run.started_at) if run.started_at else ""


def pick_run() -> Run | None:
    """A list to choose the run that is shown; the newest if none was chosen."""
    found, chosen = runs(), selected_run()
    if not chosen:
        return None
    labels = {run.id: run_label(run, found) for run in found}
    show_value("run_picker", chosen.id)
    st.selectbox(
        "Run", list(labels), key="run_picker", format_func=lambda id: labels.get(id, id), width=340,
        on_change=lambda: select_run(shown_value("run_picker")),
    )  # fmt: skip
    return chosen


def show_runs() -> None:
    """All runs of the project, newest first, each with how long it took in all and a button that shows it."""
    found, chosen = runs(), selected_run()
    for run in found[:_MOST_SHOWN]:
        with st.container(horizontal=True, vertical_alignment="center", key=f"run_{run.id}"):
            st.markdown(f"**{run_name(run, found)}**", width=70)
            show_status(run)
            st.caption(" · ".join(part for part in (ago(time.time() - run.created_at), took(run)) if part), width=170)
            st.caption(plain(run.message), width="stretch")
            st.button(
                "Shown" if run.id == chosen.id else "Show", key=f"show_{run.id}", disabled=run.id == chosen.id,
                on_click=select_run, args=(run.id,),
            )  # fmt: skip
