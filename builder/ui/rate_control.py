"""Changes the learning rate of a run while it trains."""

import json
from typing import Literal

import streamlit as st

from builder.runs.changes import changes
from builder.runs.control import latest_lr
from builder.runs.folder import RunFolder
from builder.runs.run import Run
from builder.spec.training import TrainingSpec
from builder.ui.fields import form_of
from builder.ui.formats import count
from builder.ui.run_actions import run_button, set_rate
from builder.ui.session import show_value, shown_value

_LOWEST = 1e-9
"""The declared bound is 0, which is not allowed itself."""
_FACTORS = (("÷ 10", "rate_tenth", 0.1), ("÷ 2", "rate_half", 0.5), ("× 2", "rate_double", 2.0))


def show_rate(run: Run, training: TrainingSpec) -> None:
    """A field with Apply, and three factors that apply at once; nothing unless the run trains."""
    if run.phase != "training" or run.request:
        return
    rate = _wanted(run)
    with st.container(horizontal=True, vertical_alignment="bottom", key="rate"):
        _show_field(run, training, rate)
        for label, key, factor in _FACTORS:
            new = _times(rate, factor, training)
            run_button(
                label, key, "", _apply_factor, run, factor, training,
                disabled=new == rate, help=f"{new:g} from the next step on.",
            )  # fmt: skip
        st.caption(_told(run, training), width="stretch")


def _show_field(run: Run, training: TrainingSpec, rate: float) -> None:
    with (
        st.form(f"rate_form_{run.id}", border=False, width="content", enter_to_submit=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        rate_field(training, rate, _key(run.id), "Taken on at the next step, and kept when the run is resumed.", 160)
        if st.form_submit_button("Apply", key="apply_rate", on_click=_apply_written, args=(run.id,)):
            st.rerun()


def rate_field(training: TrainingSpec, rate: float, key: str, help: str, width: int | Literal["stretch"]) -> float:
    """Within the bounds of the optimizer's declaration; `rate` stands there at first, and again once it is another."""
    was = f"{key}_was"
    if shown_value(key) is None or shown_value(was) != rate:  # what is being written must not be lost to polling
        show_value(key, float(rate))
        show_value(was, rate)
    # Of the step that it was launched with: with another one it would be another field, which begins empty.
    step = _rounded(training.optimizer.lr / 10)
    return st.number_input(
        "Learning rate", _LOWEST, _highest(training), step=step, format="%g", key=key, help=help, width=width
    )


def _key(run_id: str) -> str:
    return f"rate_{run_id}"


def _wanted(run: Run) -> float:
    """What was asked for last, though no step may have taken it on yet."""
    try:
        return json.loads(RunFolder(run.folder).asked_lr.read_bytes())["lr"]
    except FileNotFoundError:
        return latest_lr(run)


def _apply_written(run_id: str) -> None:
    set_rate(run_id, shown_value(_key(run_id)))


def _apply_factor(run: Run, factor: float, training: TrainingSpec) -> None:
    """Of the rate at the moment of the click, so that two quick ones both count."""
    rate = _times(_wanted(run), factor, training)
    if set_rate(run.id, rate):
        show_value(_key(run.id), rate)


def _times(rate: float, factor: float, training: TrainingSpec) -> float:
    return min(max(_rounded(rate * factor), _LOWEST), _highest(training))


def _highest(training: TrainingSpec) -> float:
    """Of the optimizer's declaration."""
    return float(form_of(type(training.optimizer), "lr").highest)


def _rounded(rate: float) -> float:
    """Without the digits that only a division by two or ten leaves behind."""
    return float(f"{rate:.6g}")


def _told(run: Run, training: TrainingSpec) -> str:
    changed = changes(RunFolder(run.folder))
    told = f"{changed[-1].lr:g} from step {count(changed[-1].step)} on." if changed else "As it was launched."
    return told if training.scheduler.is_constant else f"{told} The schedule gives each step its share of it."
