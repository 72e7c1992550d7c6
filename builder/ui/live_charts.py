"""The charts of a run that is followed: loss and metrics, beside what is chosen to be drawn in them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from builder.catalogue.metrics import METRICS
from builder.runs.followed import AxisName
from builder.runs.run import Run
from builder.spec.training import TrainingSpec
from builder.ui.chart_axis import AXES, SECONDS, Axis, axis_of
from builder.ui.chart_marks import Mark, marks_of, with_marks
from builder.ui.curve_figure import curve_layout, packed_curves
from builder.ui.curves import (
    RUN_COLORS,
    DrawnRun,
    Frame,
    compared_losses,
    compared_metrics,
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
    scene = _scene(run, others, axis_name)
    left, right = st.columns(2)
    with left:
        smoothing = _show_losses(scene)
    with right:
        _show_metrics(scene, [metric.kind for metric in training.metrics], training.best_by, smoothing)
    if others:
        explain_lines(run, others)


@dataclass(frozen=True)
class _Scene:
    """What both charts show: the first of the runs is the page's own."""

    run: Run
    drawn: list[DrawnRun]
    axis: Axis
    marks: list[Mark]

    @property
    def revision(self) -> str:
        """A zoom lasts as long as the run and the axis."""
        return f"{self.run.id} {self.axis.title}"

    def show(
        self, name: str, made: Callable[[Frame], list[dict[str, Any]]], *, rises: bool = False, **scale: Any
    ) -> None:
        """The chart of the curves that are made for what of them is in view."""
        key = f"{name}_chart_{self.run.id}"
        frame = Frame(self.axis, chart_view(key, self.revision))
        curves = made(frame)
        layout = curve_layout(curves, frame, self.revision, **scale)
        layout = with_marks(layout, self.marks, self.drawn[0].last(self.axis), rises=rises)
        draw_chart(packed_curves(curves, frame.view), layout, key=key, tells_view=True)


def _scene(run: Run, others: list[Run], axis_name: AxisName) -> _Scene:
    drawn = [drawn_run(one, color) for one, color in zip((run, *others), RUN_COLORS, strict=False)]
    axis = axis_of(axis_name, max(one.last(SECONDS) for one in drawn))
    return _Scene(run, drawn, axis, marks_of(run, drawn[0], axis))


def _show_losses(scene: _Scene) -> float:
    """The smoothing that was chosen."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        smoothing = st.slider(
            "Smoothing", 0.0, 0.99, 0.6, 0.01, key="smoothing", width=180, help="Of what is measured at each step."
        )
        is_log = st.toggle("Log scale", key="log_scale")
    first, *others = scene.drawn
    scene.show(
        "loss",
        lambda frame: compared_losses(scene.drawn, frame, smoothing) if others else loss_traces(first, frame, smoothing),
        is_log=is_log, title="Loss",
    )  # fmt: skip
    return smoothing


def _show_metrics(scene: _Scene, kinds: list[str], best_by: str, smoothing: float) -> None:
    first = best_by if best_by in kinds else next(iter(kinds), None)
    shown = st.multiselect(
        "Metrics", kinds, [first] if first else [], key=f"shown_metrics_{scene.run.id}", format_func=metric_label
    )
    drawn, *others = scene.drawn
    if not drawn.events.epochs and not drawn.events.step_metrics:
        under_way = "the first is under way." if scene.run.is_active else "the run ended before the first."
        st.caption(f"Metrics are measured after each whole epoch; {under_way}")
        return
    scene.show(
        "metric",
        lambda frame: (
            compared_metrics(scene.drawn, frame, shown) if others else metric_traces(drawn, frame, shown, smoothing)
        ),
        rises=any(METRICS[kind].higher_is_better for kind in shown),
    )
