"""Where and how the arithmetic of a training is done, as a form: what this machine leaves no choice of is left out."""

from typing import Any

import streamlit as st

from builder.check.edits import UpdateTraining
from builder.check.machine_rules import trains_on_card
from builder.runs.machine import known_machine
from builder.spec.facts import DataFacts
from builder.spec.machine import Machine
from builder.spec.training import TrainingSpec
from builder.ui.forms import draw_fields
from builder.ui.session import current_project, edit, show_value, shown_value
from builder.ui.text import plain

_PRECISIONS = {"float32": "Full: 32 bits", "mixed": "Mixed: 16 and 32 bits"}
_GIGABYTE = 1e9


def draw_computing(training: TrainingSpec, facts: DataFacts) -> None:
    machine = known_machine()
    if training.device != "auto" or (machine and machine.accelerators):
        _pick(training, "device", _devices(machine))
    _pick(training, "precision", _PRECISIONS)
    if machine:
        st.caption(plain(_told(machine)))
    if len(facts.input_shape) == 3 and training.optimizer.takes_channels_last:
        draw_fields(training, "training", _change, ("channels_last",))
    if getattr(current_project().data, "augmentations", ()):
        draw_fields(training, "training", _change, ("loaders",))
    draw_fields(training, "training", _change, ("seed",))


def _devices(machine: Machine | None) -> dict[str, str]:
    cards = machine.accelerators if machine else ()
    card = f"{cards[0].name}, {cards[0].memory_bytes / _GIGABYTE:.0f} GB" if cards else "NVIDIA card"
    return {"auto": f"Automatic: {card if cards else 'processor'}", "cpu": "Processor", "cuda": card}


def _told(machine: Machine) -> str:
    if trains_on_card(current_project(), machine):
        return "Mixed precision is mostly quicker on this card and takes less of its memory."
    if machine.mixes_well:
        return "On this machine's processor mixed precision is quicker for wide layers and convolutions, slower for small layers."
    return "On this machine's processor mixed precision is slower."


def _pick(training: TrainingSpec, name: str, words: dict[str, str]) -> None:
    field = TrainingSpec.model_fields[name]
    show_value(f"training_{name}", getattr(training, name))
    st.selectbox(
        field.title, list(words), key=f"training_{name}", help=field.description, format_func=words.__getitem__,
        on_change=lambda: _change({name: shown_value(f"training_{name}")}),
    )  # fmt: skip


def _change(changes: dict[str, Any]) -> None:
    edit(UpdateTraining(changes=changes))
