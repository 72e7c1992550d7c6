"""Draws the widgets of a component from its declaration and reports each change as JSON values of its fields."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from builder.catalogue.component import Component
from builder.catalogue.metrics import METRICS
from builder.errors import SpecError
from builder.spec.training import LOSS
from builder.ui.fields import FieldForm, example, forms_of, read_sizes, write_sizes
from builder.ui.session import current_project, say, show_value, shown_value

OnEdit = Callable[[dict[str, Any]], Any]
"""Takes the changed fields as JSON values."""
NONE = ""
"""Stands for no component in a list of kinds."""


def draw_fields(component: Component, key: str, on_edit: OnEdit, names: Sequence[str] | None = None) -> None:
    """Widgets for the fields of a component, under the keys `{key}_{field}`."""
    for form in forms_of(type(component)):
        if names is None or form.name in names:
            draw_field(component, form, f"{key}_{form.name}", on_edit)


def draw_field(component: Component, form: FieldForm, key: str, on_edit: OnEdit) -> None:
    _DRAWERS[form.kind](form, getattr(component, form.name), key, on_edit)


def _changed(key: str, name: str, on_edit: OnEdit, read: Callable[[Any], Any] = lambda value: value) -> None:
    try:
        on_edit({name: read(shown_value(key))})
    except SpecError as error:
        say(str(error), "error")


def _draw_switch(form: FieldForm, value: bool, key: str, on_edit: OnEdit) -> None:
    show_value(key, value)
    st.toggle(form.title, key=key, help=form.help, on_change=_changed, args=(key, form.name, on_edit))


def _draw_choice(form: FieldForm, value: str, key: str, on_edit: OnEdit) -> None:
    show_value(key, value)
    st.selectbox(form.title, form.choices, key=key, help=form.help, on_change=_changed, args=(key, form.name, on_edit))


def _draw_whole(form: FieldForm, value: int | None, key: str, on_edit: OnEdit) -> None:
    show_value(key, value)
    st.number_input(
        form.title, form.lowest, form.highest, value=None if form.optional else "min", step=1, key=key, help=form.help,
        placeholder=form.empty if form.optional else None, on_change=_changed, args=(key, form.name, on_edit),
    )  # fmt: skip


def _draw_real(form: FieldForm, value: float | None, key: str, on_edit: OnEdit) -> None:
    show_value(key, None if value is None else float(value))
    lowest, highest = (None if bound is None else float(bound) for bound in (form.lowest, form.highest))
    st.number_input(
        form.title, lowest, highest, value=None if form.optional else "min", step=form.step, format="%g", key=key,
        help=form.help, placeholder=form.empty if form.optional else None, on_change=_changed, args=(key, form.name, on_edit),
    )  # fmt: skip


def _draw_sizes(form: FieldForm, value: Any, key: str, on_edit: OnEdit) -> None:
    show_value(key, write_sizes(value))
    st.text_input(
        form.title, key=key, help=f"{form.help} Write for example {example(form)}.", max_chars=40, placeholder=form.empty if form.optional else None,
        on_change=_changed, args=(key, form.name, on_edit, lambda text: read_sizes(text, form)),
    )  # fmt: skip


def _draw_text(form: FieldForm, value: str, key: str, on_edit: OnEdit) -> None:
    show_value(key, value)
    st.text_input(form.title, key=key, help=form.help, on_change=_changed, args=(key, form.name, on_edit))


def _draw_figure(form: FieldForm, value: str | None, key: str, on_edit: OnEdit) -> None:
    """The loss and the project's metrics; what is set stays on offer, so that a wrong one can be seen."""
    metrics = (metric.kind for metric in current_project().training.metrics)
    names = dict.fromkeys(name for name in (LOSS, *metrics, value) if name)
    show_value(key, value or NONE)
    st.selectbox(
        form.title, [NONE, *names], key=key, help=form.help, on_change=_changed,
        format_func=lambda name: _figure_label(name) if name else form.empty,
        args=(key, form.name, on_edit, lambda name: name or None),
    )  # fmt: skip


def _figure_label(name: str) -> str:
    return f"Validation {METRICS[name].label if name in METRICS else name}"


def _draw_component(form: FieldForm, value: Component | None, key: str, on_edit: OnEdit) -> None:
    kinds = {kind.__name__: kind for kind in form.components}
    pick_component(form.title, kinds, value, key, lambda picked: on_edit({form.name: picked}), form.help, form.optional)
    if value is not None:
        draw_fields(value, f"{key}_{value.name}", lambda changes: on_edit({form.name: _with(value, changes)}))


def pick_component(
    label: str, kinds: Mapping[str, type[Component]], value: Component | None, key: str,
    on_pick: Callable[[dict[str, Any] | None], Any], help: str = "", optional: bool = False,
) -> None:  # fmt: skip
    """A list of kinds; picking one reports it with its defaults, as JSON, and `None` for none."""
    options = ([NONE] if optional else []) + list(kinds)
    show_value(key, value.name if value else NONE)
    st.selectbox(
        label, options, key=key, help=help or None, format_func=lambda name: kinds[name].label if name else "None",
        on_change=_picked, args=(key, kinds, on_pick),
    )  # fmt: skip


def _picked(key: str, kinds: Mapping[str, type[Component]], on_pick: Callable[[dict[str, Any] | None], Any]) -> None:
    name = shown_value(key)
    on_pick(kinds[name]().model_dump(mode="json") if name else None)


def _with(component: Component, changes: dict[str, Any]) -> dict[str, Any]:
    return component.model_dump(mode="json") | changes


_DRAWERS: dict[str, Callable[[FieldForm, Any, str, OnEdit], None]] = {
    "switch": _draw_switch, "choice": _draw_choice, "whole": _draw_whole, "real": _draw_real,
    "sizes": _draw_sizes, "component": _draw_component, "figure": _draw_figure, "text": _draw_text,
}  # fmt: skip
