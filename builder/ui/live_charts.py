"""The charts of a run that is followed: loss and metrics, beside what is chosen to be drawn in them."""

import streamlit as st

from builder.runs.run import Run
from builder.spec.training import TrainingSpec
from builder.ui.chart_axis import AXES, Axis, axis_of
from builder.ui.chart_marks import marks_of, with_marks
from builder.ui.curves import (
    RUN_COLORS,
    DrawnRun,
    Frame,
    compared_losses,
    compared_metrics,
    curve_layout,
    loss_traces,
    metric_label,
    metric_traces,
)
from builder.ui.followed_runs import choose_compared, drawn_run, explain_lines
from builder.ui.live_chart import chart_view, draw_chart


def show_charts(run: Run, others: list[Run], training: TrainingSpec) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="curve_choices"):
        axis_name = st.segmented_control(
            "Over", list(AXES), default="epoch", required=True, key="curve_axis", format_func=AXES.get, persist_state="session",
        )  # fmt: skip
        choose_compared(run)
    drawn = [drawn_run(one, color) for one, color in zip((run, *others), RUN_COLORS, strict=False)]
    axis = axis_of(axis_name, max(one.last(axis_of("elapsed_s", 0)) for one in drawn))
    left, right = st.columns(2)
    with left:
        _show_losses(run, drawn, axis)
    with right:
        _show_metrics(run, drawn, axis, [metric.kind for metric in training.metrics], training.best_by)
    if others:
        explain_lines(run, others)


def _show_losses(run: Run, drawn: list[DrawnRun], axis: Axis) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        smoothing = st.slider(
            "Smoothing", 0.0, 0.99, 0.6, 0.01, key="smoothing", width=180, help="Of the loss of each step."
        )
        is_log = st.toggle("Log scale", key="log_scale")
    key, revision = f"loss_chart_{run.id}", _revision(run, axis)
    frame = Frame(axis, chart_view(key, revision))
    if len(drawn) > 1:
        traces = compared_losses(drawn, frame, smoothing)
    else:
        traces = loss_traces(drawn[0], frame, smoothing)
    _draw(traces, curve_layout(axis, revision, is_log=is_log, title="Loss"), drawn[0], axis, key)


def _show_metrics(run: Run, drawn: list[DrawnRun], axis: Axis, kinds: list[str], best_by: str) -> None:
    first = best_by if best_by in kinds else next(iter(kinds), None)
    shown = st.multiselect(
        "Metrics", kinds, [first] if first else [], key=f"shown_metrics_{run.id}", format_func=metric_label
    )
    if not drawn[0].events.epochs:
        under_way = "the first is under way." if run.is_active else "the run ended before the first."
        st.caption(f"Metrics are measured after each whole epoch; {under_way}")
        return
    key, revision = f"metric_chart_{run.id}", _revision(run, axis)
    frame = Frame(axis, chart_view(key, revision))
    traces = compared_metrics(drawn, frame, shown) if len(drawn) > 1 else metric_traces(drawn[0], frame, shown)
    _draw(traces, curve_layout(axis, revision), drawn[0], axis, key)


def _draw(traces: list, layout: dict, run: DrawnRun, axis: Axis, key: str) -> None:
    draw_chart(traces, with_marks(layout, marks_of(run, axis), run.last(axis)), key=key, tells_view=True)


def _revision(run: Run, axis: Axis) -> str:
    """A zoom lasts as long as the run and the axis."""
    return f"{run.id} {axis.title}"
