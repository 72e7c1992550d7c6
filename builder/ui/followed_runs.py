"""The runs that a page draws: the one it shows, and those of the project that it is compared with."""

from bisect import bisect_right

import streamlit as st

from builder.runs.folder import RunFolder
from builder.runs.followed import FollowedRun
from builder.runs.run import Run, run_path
from builder.runs.store import open_store
from builder.ui.curves import RUN_COLORS, DrawnRun
from builder.ui.run_list import came_from, run_name, run_project
from builder.ui.session import runs, shown_value
from builder.ui.text import plain

_WITHOUT_CURVES = ("queued", "cancelled")


@st.cache_resource(max_entries=16, show_spinner=False)
def _followed(folder: RunFolder) -> FollowedRun:
    return FollowedRun(folder)


def follow(run_id: str) -> FollowedRun:
    """One for all viewers, so that each byte is read once."""
    return _followed(RunFolder(run_path(run_id)))


def choose_compared(run: Run) -> None:
    """A list of the project's other runs, if there are any that have curves."""
    found = runs()
    names = {
        other.id: run_name(other, found)
        for other in found
        if other.id != run.id and other.status not in _WITHOUT_CURVES
    }
    if names:
        st.multiselect(
            "Compare with", list(names), key=_key(run), format_func=lambda id: names.get(id, id), placeholder="Other runs",
            max_selections=len(RUN_COLORS) - 1, persist_state="session",
        )  # fmt: skip


def compared(run: Run) -> list[Run]:
    """The runs that were chosen, as they are now."""
    known, store = {other.id for other in runs()}, open_store()
    return [store.get(id) for id in shown_value(_key(run)) or () if id in known]


def drawn_run(run: Run, color: str) -> DrawnRun:
    followed = follow(run.id)
    return DrawnRun(run_name(run, runs()), followed, followed.read(), run.is_active, _seconds_before(run.id), color)


def _seconds_before(run_id: str) -> float:
    """How long the runs that it comes from had trained when it was forked."""
    origin = came_from(RunFolder(run_path(run_id)))
    if origin is None:
        return 0.0
    steps = follow(origin.run).read().steps
    known = bisect_right(steps["step"], origin.step)
    return _seconds_before(origin.run) + (float(steps["elapsed_s"][known - 1]) if known else 0.0)


def explain_lines(run: Run, others: list[Run]) -> None:
    """What the lines of several runs mean, and what of them cannot be compared."""
    st.caption("Of each run the thin line is training, the thick one validation.")
    loss = run_project(run).training.loss
    unlike = [run_name(other, runs()) for other in others if run_project(other).training.loss != loss]
    if unlike:
        st.caption(plain(f"Trained on another loss, which cannot be compared with this run's: {', '.join(unlike)}."))


def _key(run: Run) -> str:
    return f"compared_with_{run.id}"
