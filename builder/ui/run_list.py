"""The runs of a project: what each is called and doing, and which one is shown."""

import time

import streamlit as st

from builder.check.differences import differences
from builder.files import Stamp, stamp
from builder.runs.control import is_resumable
from builder.runs.folder import RunFolder
from builder.runs.origin import Origin, origin_of
from builder.runs.run import Run, Status
from builder.runs.store import open_store
from builder.spec.project import Project
from builder.spec.training import TrainingSpec
from builder.ui.checkpoint_names import place
from builder.ui.formats import ago, duration
from builder.ui.run_actions import resume_run, run_button, stop_run
from builder.ui.session import runs, select_run, selected_run, show_value, shown_value
from builder.ui.text import plain

_MARKS: dict[Status, tuple[str, str, str]] = {
    "queued": ("Waiting", "schedule", "gray"), "running": ("Running", "progress_activity", "blue"),
    "paused": ("Paused", "pause_circle", "violet"), "finished": ("Finished", "check_circle", "green"), "stopped": ("Stopped", "stop_circle", "orange"),
    "failed": ("Failed", "error", "red"), "interrupted": ("Interrupted", "warning", "orange"),
    "cancelled": ("Cancelled", "block", "gray"), "discarded": ("Discarded", "delete", "gray"),
}  # fmt: skip

_MOST_SHOWN = 30
RESUMED_FIRST: tuple[Status, ...] = ("paused", "interrupted")
"""Of these the way on is to resume; a failed one would most likely fail again."""


def show_status(run: Run) -> None:
    label, icon, color = _MARKS[run.status]
    place = open_store().position(run.id) if run.status == "queued" else 0
    st.badge(f"{label}, number {place} in the queue" if place else label, icon=f":material/{icon}:", color=color)


def run_label(run: Run, found: tuple[Run, ...]) -> str:
    """`Run 3 · finished · 5 min ago`, of a forked one with where it came from."""
    parts = run_name(run, found), origin(run, found)
    return f"{' · '.join(filter(None, parts))} · {_MARKS[run.status][0].lower()} · {ago(time.time() - run.created_at)}"


def run_name(run: Run, found: tuple[Run, ...]) -> str:
    """Numbered from the oldest of the project."""
    return f"Run {len(found) - next(place for place, other in enumerate(found) if other.id == run.id)}"


def origin(run: Run, found: tuple[Run, ...]) -> str:
    """`from Run 3, epoch 12` if it was forked, else empty."""
    came = came_from(RunFolder(run.folder))
    if came is None:
        return ""
    parent = next((other for other in found if other.id == came.run), None)
    named = run_name(parent, found) if parent else "a run of another project"
    return f"from {named}, {place(came.epoch, came.step)}"


def origin_in_full(run: Run, found: tuple[Run, ...]) -> str:
    """With what was set otherwise."""
    came = came_from(RunFolder(run.folder))
    changed = differences(came.training, run_project(run).training) if came else ()
    return origin(run, found) + (f" ({', '.join(changed)})" if changed else "")


@st.cache_resource(max_entries=256, show_spinner=False)
def came_from(folder: RunFolder) -> Origin | None:
    """Written before the run is known to anyone, and never changed."""
    return origin_of(folder)


def run_project(run: Run) -> Project:
    """As it trains: with the batch size that it found, once it has looked for one."""
    folder = RunFolder(run.folder)
    return _parsed(folder, stamp(folder.project_json))


def more_epochs(training: TrainingSpec) -> int:
    """How many a run goes on for unless another number is written: a quarter of what it had."""
    return max(1, training.epochs // 4)


@st.cache_resource(max_entries=64, show_spinner=False)
def _parsed(folder: RunFolder, written: Stamp) -> Project:
    """`written` tells one writing of the file from the next."""
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


def _show_action(run: Run) -> None:
    """What one may want of a run without looking at it."""
    if run.status == "queued":
        run_button("Cancel", f"cancel_{run.id}", "block", stop_run, run.id, type="tertiary")
    elif run.status in RESUMED_FIRST and is_resumable(run):
        run_button("Resume", f"resume_{run.id}", "play_arrow", resume_run, run.id, type="tertiary")


def show_runs() -> None:
    """All runs of the project, newest first, each with how long it took in all and a button that shows it."""
    found, chosen = runs(), selected_run()
    for run in found[:_MOST_SHOWN]:
        with st.container(horizontal=True, vertical_alignment="center", wrap=False, key=f"run_{run.id}"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                _show_row(run, found)
            _show_action(run)
            st.button(
                "Shown" if run.id == chosen.id else "Show", key=f"show_{run.id}", disabled=run.id == chosen.id,
                on_click=select_run, args=(run.id,),
            )  # fmt: skip


def _show_row(run: Run, found: tuple[Run, ...]) -> None:
    st.markdown(f"**{run_name(run, found)}**", width=70)
    show_status(run)
    st.caption(" · ".join(part for part in (ago(time.time() - run.created_at), took(run)) if part), width=170)
    about = " · ".join(filter(None, (origin_in_full(run, found), run.message)))
    if about:
        st.caption(plain(about), width="stretch")
