"""The fields of a layer, and of the components that it has, each from its declaration."""

from collections.abc import Callable, Iterator
from typing import Any

from builder.catalogue.component import Component
from builder.ui.fields import FieldForm, example, forms_of, write_sizes
from builder.ui.inspector.items import Item
from builder.ui.values import LONGEST_SIZES


def field_items(node_id: str, component: Component, *above: str) -> Iterator[Item]:
    """`above` are the fields that lead to the component, none for the layer itself."""
    for form in forms_of(type(component)):
        value, path = getattr(component, form.name), (*above, form.name)
        yield _field(form, value, {"id": node_id, "path": path})
        if isinstance(value, Component):
            yield from field_items(node_id, value, *path)


def _field(form: FieldForm, value: Any, place: Item) -> Item:
    """With a way back to the default if it was left."""
    item = {
        "key": ".".join((place["id"], *place["path"])), "label": form.title, "help": form.help, "op": {"op": "set"} | place,
    } | _SHOWN[form.kind](form, value)  # fmt: skip
    if form.kind != "component" and value != form.default:
        item["back"] = {
            "label": f"Back to {form.written_default}", "help": f"{form.title} is {form.written_default} by default.",
            "op": {"op": "reset"} | place,
        }  # fmt: skip
    return item


def _switch(form: FieldForm, value: bool) -> Item:
    return {"kind": "switch", "value": value}


def _choice(form: FieldForm, value: str) -> Item:
    return {"kind": "choice", "value": value, "options": [(choice, choice) for choice in form.choices]}


def _whole(form: FieldForm, value: int | None) -> Item:
    return _number(form, value, step=1, whole=True)


def _real(form: FieldForm, value: float | None) -> Item:
    return _number(form, None if value is None else float(value), step=form.step, whole=False)


def _number(form: FieldForm, value: float | None, **how: Any) -> Item:
    return {
        "kind": "number", "value": value, "min": form.lowest, "max": form.highest, "optional": form.optional,
        "placeholder": _placeholder(form),
    } | how  # fmt: skip


def _sizes(form: FieldForm, value: Any) -> Item:
    return {
        "kind": "words", "value": write_sizes(value), "maxLength": LONGEST_SIZES, "placeholder": _placeholder(form),
        "help": f"{form.help} Write for example {example(form)}.",
    }  # fmt: skip


def _text(form: FieldForm, value: str) -> Item:
    return {"kind": "words", "value": value}


def _component(form: FieldForm, value: Component | None) -> Item:
    none = [(None, "None")] if form.optional else []
    kinds = [(kind.__name__, kind.label) for kind in form.components]
    return {"kind": "choice", "value": value and value.name, "options": none + kinds}


def _placeholder(form: FieldForm) -> str:
    return "automatic" if form.optional else ""


_SHOWN: dict[str, Callable[[FieldForm, Any], Item]] = {
    "switch": _switch, "choice": _choice, "whole": _whole, "real": _real,
    "sizes": _sizes, "component": _component, "text": _text,
}  # fmt: skip
