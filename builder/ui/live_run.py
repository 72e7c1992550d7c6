"""Follows a run on the screen: progress, figures, curves and the way to stop it, refreshed while it trains."""

import time
from typing import Any

import streamlit as st

from builder.catalogue.metrics import METRICS
from builder.runs.events import Events
from builder.runs.followed import FollowedRun
from builder.runs.launch import ensure_worker
from builder.runs.run import Run, Status
from builder.runs.store import open_store
from builder.spec.training import TrainingSpec
from builder.ui.best_before import best_before
from builder.ui.controls import REQUESTED, show_controls
from builder.ui.curves import best_epoch
from builder.ui.doctor import show_findings
from builder.ui.followed_runs import compared, follow
from builder.ui.formats import compact, count, duration, number
from builder.ui.layer_view import show_layers
from builder.ui.live_charts import show_charts
from builder.ui.rate_control import show_rate
from builder.ui.run_end import show_end
from builder.ui.run_list import run_name, run_project, show_status
from builder.ui.session import is_another_selected, runs

_EVERY_S = 1.0
_FIRST_POINT_S = 0.7
_PATIENCE_S = 3.0
"""A run that waits longer with nobody before it waits for the worker itself."""


def show_live_run(run: Run) -> None:
    """Polls while the run, or one that it is compared with, is active; the whole page is drawn again when it ends."""
    polls = _is_any_active(run)
    st.fragment(_show, run_every=_EVERY_S if polls else None)(run.id, run.status, polls)


def _is_any_active(run: Run) -> bool:
    return run.is_active or any(other.is_active for other in compared(run))


def _show(run_id: str, status: Status, polls: bool) -> None:
    store = open_store()
    store.reconcile()  # a run whose process was killed must not look alive, even if the worker is gone too
    run = store.get(run_id)
    if is_another_selected(run_id) or status != run.status or polls != _is_any_active(run):
        st.rerun(scope="app")
    followed, training = follow(run.id), run_project(run).training
    events, plan = _read(followed, run), followed.reader.plan
    with st.container(border=True, key="live_run"):
        with st.container():  # the charts keep their place, and with it their zoom, whatever comes and goes above them
            _show_head(run, events, plan)
            show_rate(run, training)
            show_end(run)
            if len(events.steps):
                _show_figures(run, events, training)
            show_findings(run, events)
        if len(events.steps):
            show_charts(run, compared(run), training)
            show_layers(run)


def _read(followed: FollowedRun, run: Run) -> Events:
    """The events so far; a run that has just begun is given a moment, so that its first point is not a whole poll late."""
    if run.status == "queued":
        ensure_worker()  # it may have ended meanwhile
    deadline = time.monotonic() + _FIRST_POINT_S
    while not len((events := followed.read()).steps) and run.is_active and time.monotonic() < deadline:
        time.sleep(0.05)
    return events


def _show_head(run: Run, events: Events, plan: dict | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="live_head"):
        st.markdown(f"**{run_name(run, runs())}**")
        show_status(run)
        st.markdown(_what_happens(run), width="stretch")
        if run.is_active:
            show_controls(run)
    if run.status == "running":
        done = progress(events, plan)
        st.progress(done, text=_progress_text(run, events, plan))


def _what_happens(run: Run) -> str:
    if run.status == "queued" and time.time() - run.created_at > _PATIENCE_S and open_store().position(run.id) == 1:
        return "Waiting for another run to end, or for the worker to warm up."
    if run.status == "running" and run.request and run.phase in ("preparing", "training", ""):
        return REQUESTED[run.request].format(kept=_kept(run))
    phases = {
        "preparing": "Getting the data ready", "training": "Training",
        "evaluating": f"Measuring the {_kept(run)} weights on the test rows", "exporting": "Writing the ONNX file and proving it",
    }  # fmt: skip
    return phases.get(run.phase, "") if run.is_active else ""


def _kept(run: Run) -> str:
    return "best" if run_project(run).training.keeps_best else "last"


def progress(events: Events, plan: dict | None) -> float:
    """Share of the planned steps that are done."""
    if not plan or not len(events.steps):
        return 0.0
    return min(1.0, float(events.steps["step"][-1]) / max(1, plan["epochs"] * plan["steps_per_epoch"]))


def time_left(events: Events, plan: dict | None, budget_min: float | None = None) -> float | None:
    """Seconds to the last planned epoch at the pace so far, or to the end of the time budget; early stopping may end it
    before."""
    done = progress(events, plan)
    if not done:
        return None
    steps = events.steps
    is_own = 1 - (int(steps["step"][0]) - 1) / int(steps["step"][-1])  # a fork begins with steps of another run
    spent_s = float(steps["elapsed_s"][-1])
    left_s = spent_s * (1 - done) / (done * is_own)
    return left_s if budget_min is None else max(0.0, min(left_s, 60 * budget_min - spent_s))


def _progress_text(run: Run, events: Events, plan: dict | None) -> str:
    if not plan:
        return "Starting"
    now = int(-(-events.steps["epoch"][-1] // 1)) if len(events.steps) else 1
    budget_min = run_project(run).training.time_budget_min
    left = time_left(events, plan, budget_min) if run.phase == "training" else None
    return f"Epoch {count(now)} of {count(plan['epochs'])}" + (
        f" · at most {duration(left)} left" if left is not None else ""
    )


def _show_figures(run: Run, events: Events, training: TrainingSpec) -> None:
    """While it trains those of the last epoch; once it is over those of the epoch whose weights are kept."""
    last, best = events.epochs[-1] if events.epochs else None, best_epoch(events)
    is_best_kept = not run.is_active and training.keeps_best and best is not None
    shown = best if is_best_kept else last
    name = METRICS[training.best_by].label if training.best_by in METRICS else "loss"
    with st.container(horizontal=True, gap="medium", key="live_figures"):
        if shown is None:
            first = float(events.steps["loss"][-1])
            st.metric("Training loss", number(first), width="content", help="Of the last step.")
        else:
            _show_losses(shown, "the best epoch, whose weights are kept" if is_best_kept else "the last whole epoch")
        if best is None and (where := best_before(run, runs())):
            st.metric("Best epoch", where, width="content", help="None of this run's own has been better so far.")
        if best:
            figure = best["validation"].get(training.best_by)
            st.metric(
                "Best epoch",
                f"{best['epoch']}",
                f"validation {name} {number(figure)}",
                "off",
                delta_arrow="off",
                width="content",
            )
        if last:
            st.metric("Speed", f"{compact(last['rows_per_s'])} rows/s", width="content")
        st.metric(
            "Training time", duration(float(events.steps["elapsed_s"][-1])), width="content",
            help="The epochs alone: without getting the data ready, the test figures and the export.",
        )  # fmt: skip


def _show_losses(epoch: dict[str, Any], which: str) -> None:
    name = f"epoch {count(epoch['epoch'])}"
    st.metric(
        f"Training loss, {name}", number(epoch["train"]["loss"]), width="content",
        help=f"Mean over {which}, while the weights were changing.",
    )  # fmt: skip
    if "loss" in epoch["validation"]:
        help = f"After {which}."
        st.metric(f"Validation loss, {name}", number(epoch["validation"]["loss"]), width="content", help=help)
