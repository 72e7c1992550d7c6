"""Draws the learning rate of each step as it is planned before a run."""

from typing import Any

import streamlit as st

from builder.check.planned_rates import planned, spread_steps
from builder.spec.facts import DataFacts
from builder.spec.training import TrainingSpec
from builder.ui.live_chart import draw_chart, packed

POINTS = 400


def draw_planned_rates(training: TrainingSpec, facts: DataFacts) -> None:
    """Nothing for a rate that never changes."""
    rows = facts.row_counts[0]
    never_changes = training.scheduler.is_constant and training.held_rate(rows) is None
    if never_changes or training.steps_per_epoch(rows) == 0:
        return
    draw_chart([rate_trace(training, facts)], _LAYOUT, key="planned_rates", height=180)
    if training.scheduler.follows_figure:
        st.caption("As planned; it falls whenever the figure stops improving.")


def rate_trace(training: TrainingSpec, facts: DataFacts) -> dict[str, Any]:
    rows = facts.row_counts[0]
    steps, per_epoch = spread_steps(training, rows, POINTS), training.steps_per_epoch(rows)
    return {
        "type": "scatter", "mode": "lines", "name": "Learning rate", "line": {"color": "--st-primary-color", "width": 2},
        "x": packed([step / per_epoch for step in steps]), "y": packed(planned(training, rows, steps)),
    }  # fmt: skip


_LAYOUT = {
    "xaxis": {"title": {"text": "Epoch"}, "rangemode": "tozero"},
    "yaxis": {"title": {"text": "Learning rate"}, "rangemode": "tozero"},
    "showlegend": False,
}
