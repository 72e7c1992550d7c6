"""The switches against overfitting; what is on has its settings in a frame below it."""

from typing import Any

import streamlit as st

from builder.catalogue.regularization import REGULARIZATION, Regularization
from builder.check.edits import UpdateTraining
from builder.spec.facts import DataFacts
from builder.spec.training import TrainingSpec
from builder.ui.forms import draw_fields
from builder.ui.session import edit, show_value, shown_value


def draw_regularization(training: TrainingSpec, facts: DataFacts) -> None:
    for kind in REGULARIZATION.values():
        _draw_kind(training, facts, kind)


def _draw_kind(training: TrainingSpec, facts: DataFacts, kind: type[Regularization]) -> None:
    key, active, misfit = kind.__name__, training.regularizer(kind), kind.misfit(facts)
    show_value(key, active is not None)
    st.toggle(
        kind.label, key=key, help=f"{kind.help} Does not fit: {misfit}." if misfit else kind.help,
        disabled=misfit is not None and active is None, on_change=_switch, args=(training, kind),
    )  # fmt: skip
    if active is not None:
        with st.container(border=True, key=f"{key}_settings"):
            draw_fields(active, key, lambda changes: _replace(training, active, _json(active) | changes))


def _switch(training: TrainingSpec, kind: type[Regularization]) -> None:
    others = [_json(item) for item in training.regularization if not isinstance(item, kind)]
    _change([*others, _json(kind())] if shown_value(kind.__name__) else others)


def _replace(training: TrainingSpec, old: Regularization, new: dict[str, Any]) -> None:
    _change([new if item is old else _json(item) for item in training.regularization])


def _change(items: list[dict[str, Any]]) -> None:
    edit(UpdateTraining(changes={"regularization": items}))


def _json(item: Regularization) -> dict[str, Any]:
    return item.model_dump(mode="json")
