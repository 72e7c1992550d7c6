"""The training settings, drawn from their declarations; each change is saved at once."""

from typing import Any

import streamlit as st

from builder.catalogue.component import Component
from builder.catalogue.initializations import INITIALIZATIONS
from builder.catalogue.losses import LOSSES, losses_for
from builder.catalogue.optimizers import OPTIMIZERS
from builder.catalogue.schedulers import SCHEDULERS
from builder.check.edits import UpdateTraining
from builder.check.output_rules import describe_task
from builder.spec.facts import DataFacts
from builder.spec.training import TrainingSpec
from builder.ui.batch_finder import show_batch_finder
from builder.ui.computing_form import draw_computing
from builder.ui.fields import forms_of
from builder.ui.forms import draw_fields, pick_component
from builder.ui.lr_finder import show_lr_finder
from builder.ui.metrics_form import draw_metrics
from builder.ui.planned_curve import draw_planned_rates
from builder.ui.regularization_form import draw_regularization
from builder.ui.session import edit
from builder.ui.text import plain

_FIRST_OPTIMIZER_FIELDS = ("lr", "weight_decay", "momentum", "max_iter")
"""Those that people change; the others are one click away."""


def draw_training_form(training: TrainingSpec, facts: DataFacts) -> None:
    goal, method, restraint = st.columns(3)
    with goal.container(border=True, key="settings_goal"):
        st.header("What to learn")
        _draw_loss(training, facts)
        draw_metrics(training, facts)
    with method.container(border=True, key="settings_method"):
        st.header("How to learn")
        _draw_optimizer(training)
        _draw_length(training)
        _draw_scheduler(training, facts)
        _draw_initialization(training)
    with restraint.container(border=True, key="settings_restraint"):
        st.header("Against overfitting")
        draw_regularization(training, facts)
        st.caption("Dropout is a layer: add it on the Model page.")
    with restraint.container(border=True, key="settings_computing"):
        st.header("How to compute")
        draw_computing(training, facts)


def _change(changes: dict[str, Any]) -> None:
    edit(UpdateTraining(changes=changes))


def _draw_loss(training: TrainingSpec, facts: DataFacts) -> None:
    fitting = losses_for(facts)
    offered = fitting | {training.loss.name: type(training.loss)}
    pick_component("Loss", offered, training.loss, "loss", lambda picked: _change({"loss": picked}))
    verdict = "Fits" if training.loss.name in fitting else "Does not fit"
    st.caption(f"{plain(training.loss.help)} {verdict} {plain(describe_task(facts))}.")
    draw_fields(training.loss, "loss", lambda changes: _change({"loss": _json(training.loss) | changes}))
    box = st.expander("Which losses fit, and why", key="loss_fit", on_change="rerun")
    if box.open:
        box.caption(_fit_text(facts))


def _fit_text(facts: DataFacts) -> str:
    """When to use each loss that fits, then why the others do not."""
    by_reason: dict[str, list[str]] = {}
    for kind in LOSSES.values():
        if reason := kind.misfit(facts):
            by_reason.setdefault(reason, []).append(kind.label)
    lines = [f"- **{kind.label}**: {plain(kind.help)}" for kind in losses_for(facts).values()]
    lines += [f"- Not {' or '.join(labels)}: {plain(reason)}." for reason, labels in by_reason.items()]
    return "\n".join(lines)


def _draw_length(training: TrainingSpec) -> None:
    """How long it trains, and how many rows make a step."""
    columns = st.columns(2, gap="small", vertical_alignment="bottom")
    for place, name in zip(columns, ("epochs", "time_budget_min"), strict=True):
        with place:
            draw_fields(training, "training", _change, (name,))
    draw_fields(training, "training", _change, _batch_fields(training))
    if not training.largest_batch:
        show_batch_finder()


def _batch_fields(training: TrainingSpec) -> tuple[str, ...]:
    """In the order of their declaration: the size is drawn unless the run is to find it."""
    size = () if training.largest_batch else ("batch_size",)
    return (*size, "largest_batch") if training.optimizer.is_full_batch else (*size, "largest_batch", "accumulation")


def _draw_optimizer(training: TrainingSpec) -> None:
    optimizer = training.optimizer
    pick_component(
        "Optimizer", OPTIMIZERS, optimizer, "optimizer", lambda picked: _change({"optimizer": picked}), optimizer.help
    )
    names = [form.name for form in forms_of(type(optimizer))]
    first = [name for name in _FIRST_OPTIMIZER_FIELDS if name in names]
    draw_fields(optimizer, "optimizer", lambda changes: _change({"optimizer": _json(optimizer) | changes}), first)
    show_lr_finder()
    box = st.expander("More of the optimizer", key="more_optimizer", on_change="rerun")
    if box.open:
        with box:
            rest = [name for name in names if name not in first]
            draw_fields(
                optimizer, "optimizer", lambda changes: _change({"optimizer": _json(optimizer) | changes}), rest
            )


def _draw_scheduler(training: TrainingSpec, facts: DataFacts) -> None:
    scheduler = training.scheduler
    pick_component(
        "Learning rate schedule", SCHEDULERS, scheduler, "scheduler", lambda picked: _change({"scheduler": picked}), scheduler.help,
    )  # fmt: skip
    draw_fields(scheduler, "scheduler", lambda changes: _change({"scheduler": _json(scheduler) | changes}))
    draw_planned_rates(training, facts)


def _draw_initialization(training: TrainingSpec) -> None:
    first = training.initialization
    pick_component(
        "First weights", INITIALIZATIONS, first, "initialization", lambda picked: _change({"initialization": picked}), first.help,
    )  # fmt: skip
    draw_fields(first, "initialization", lambda changes: _change({"initialization": _json(first) | changes}))


def _json(component: Component) -> dict[str, Any]:
    return component.model_dump(mode="json")
