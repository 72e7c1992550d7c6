"""The metrics of a training as a form, and which figure in which direction picks the weights that are kept."""

from dataclasses import replace
from typing import Any

import streamlit as st

from builder.catalogue.metrics import METRICS, Metric
from builder.check.edits import UpdateTraining
from builder.spec.facts import DataFacts
from builder.spec.training import LOSS, TrainingSpec
from builder.ui.fields import form_of, forms_of
from builder.ui.forms import draw_field
from builder.ui.session import edit, show_value, shown_value
from builder.ui.text import plain


def draw_metrics(training: TrainingSpec, facts: DataFacts) -> None:
    chosen = [metric.kind for metric in training.metrics]
    offered = [name for name, kind in METRICS.items() if facts.task in kind.tasks or name in chosen]
    show_value("metrics", chosen)
    st.multiselect(
        "Metrics", offered, key="metrics", format_func=lambda name: METRICS[name].label, on_change=_change_metrics,
        args=(training,), help="Figures shown while training and for the final model.",
    )  # fmt: skip
    for metric in training.metrics:
        _draw_own_fields(metric, training)
    _draw_step_metrics(training)
    _draw_best(training, chosen)
    box = st.expander("What the metrics tell", key="metrics_told", on_change="rerun")
    if box.open:
        fitting = (kind for kind in METRICS.values() if facts.task in kind.tasks)
        box.caption("\n".join(f"- **{plain(kind.label)}**: {plain(kind.help)}" for kind in fitting))


def _draw_own_fields(metric: Metric, training: TrainingSpec) -> None:
    """Each under the metric's name, for there may be several with fields."""
    for form in forms_of(type(metric)):
        named = replace(form, title=f"{metric.label}: {form.title.lower()}")
        draw_field(metric, named, f"{metric.kind}_{form.name}", lambda changes: _replace(training, metric, changes))


def _draw_step_metrics(training: TrainingSpec) -> None:
    """Says which ones it is about."""
    cheap = [metric.label for metric in training.metrics if metric.is_cheap]
    if cheap:
        form = form_of(TrainingSpec, "step_metrics")
        named = replace(form, title=f"{' and '.join(cheap)} {form.title.lower()}")
        draw_field(training, named, "training_step_metrics", _change)


def _draw_best(training: TrainingSpec, chosen: list[str]) -> None:
    show_value("best_by", training.best_by)
    st.selectbox(
        "Best epoch by", [LOSS, *chosen], key="best_by", help=TrainingSpec.model_fields["best_by"].description,
        format_func=lambda name: f"Validation {METRICS[name].label if name in METRICS else name}",
        on_change=_change_best,
    )  # fmt: skip
    own = "higher is better" if training.is_by_itself_higher_better(training.best_by) else "lower is better"
    words = {"auto": f"Its own: {own}", "higher": "Higher is better", "lower": "Lower is better"}
    field = TrainingSpec.model_fields["best_direction"]
    show_value("best_direction", training.best_direction)
    st.selectbox(
        field.title, list(words), key="best_direction", help=field.description, format_func=words.__getitem__,
        on_change=lambda: _change({"best_direction": shown_value("best_direction")}),
    )  # fmt: skip


def _change(changes: dict[str, Any]) -> None:
    edit(UpdateTraining(changes=changes))


def _change_best() -> None:
    """A direction was meant for the figure that it was chosen for."""
    _change({"best_by": shown_value("best_by"), "best_direction": "auto"})


def _change_metrics(training: TrainingSpec) -> None:
    """Those that stay keep their settings."""
    kinds, before = shown_value("metrics"), {metric.kind: metric for metric in training.metrics}
    metrics = [before[kind].model_dump(mode="json") if kind in before else {"kind": kind} for kind in kinds]
    lost = {} if training.best_by in (LOSS, *kinds) else {"best_by": LOSS, "best_direction": "auto"}
    _change({"metrics": metrics} | lost)


def _replace(training: TrainingSpec, metric: Metric, changes: dict[str, Any]) -> None:
    others = [one.model_dump(mode="json") | (changes if one is metric else {}) for one in training.metrics]
    _change({"metrics": others})
