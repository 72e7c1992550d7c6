"""What a button does to a run; a request that cannot be met is explained at the top of the page."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from builder.errors import BuilderError
from builder.runs import control
from builder.runs.cluster import prepare_run
from builder.runs.launch import kill, launch
from builder.runs.run import Run
from builder.runs.scale import ONE_PROCESS, Scale
from builder.spec.training import TrainingSpec
from builder.ui.session import current_project, project_id, say, select_run


def run_button(label: str, key: str, icon: str, act: Callable[..., Any], *args: Any, **looks: Any) -> None:
    """Draws the whole page again after it, as within a part that polls only that part would be; `icon` may be empty."""
    if st.button(label, key=key, icon=icon and f":material/{icon}:", on_click=act, args=args, **looks):
        st.rerun()


def launch_run(scale: Scale = ONE_PROCESS) -> None:
    """Queues the project as it is and shows the new run."""
    _show_new("The run could not start", lambda: launch(current_project(), project_id(), scale=scale))


def prepare_for_cluster(scale: Scale) -> None:
    """Shows a new run that other machines are to start."""
    _show_new("The run could not be prepared", lambda: prepare_run(current_project(), scale, project_id()))


def pause_run(run_id: str) -> None:
    _ask(control.pause, run_id)


def resume_run(run_id: str) -> None:
    if _ask(control.resume, run_id):
        select_run(run_id)


def stop_run(run_id: str) -> None:
    _ask(control.stop, run_id)


def discard_run(run_id: str) -> None:
    _ask(control.discard, run_id)


def kill_run(run_id: str) -> None:
    _ask(kill, run_id)


def set_rate(run_id: str, lr: float) -> bool:
    """Whether it was taken."""
    return _ask(control.set_lr, run_id, lr)


def continue_run(run_id: str, epochs: int) -> None:
    _show_new("The run could not be continued", lambda: control.continue_for(run_id, epochs))


def fork_run(run_id: str, step: int, training: TrainingSpec) -> None:
    _show_new("The run could not be forked", lambda: control.fork(run_id, step, training, project_id()))


def _ask(act: Callable[..., Any], *args: Any) -> bool:
    try:
        act(*args)
    except (BuilderError, OSError) as error:
        say(str(error), "error")
        return False
    return True


def _show_new(otherwise: str, begin: Callable[[], Run]) -> None:
    try:
        select_run(begin().id)
    except (BuilderError, OSError) as error:
        say(f"{otherwise}: {error}", "error")
