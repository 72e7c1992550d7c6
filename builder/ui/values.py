"""Reads what a browser gives for a field of a component, as JSON; nothing in it is trusted."""

from collections.abc import Callable
from sys import float_info
from typing import Any

from builder.errors import SpecError
from builder.ui.fields import FieldForm, FieldKind, read_sizes
from builder.ui.text import shortened

LONGEST_SIZES = 40
"""Signs in which sizes are written."""


def read_value(form: FieldForm, value: Any) -> Any:
    """As the component's document has it; its bounds are seen to by the component.

    Raises: SpecError if the field takes no such value.
    """
    if value is None and form.optional:
        return None
    return _READERS[form.kind](form, value)


def _read_switch(form: FieldForm, value: Any) -> bool:
    return value if isinstance(value, bool) else _refuse(form, "on or off", value)


def _read_choice(form: FieldForm, value: Any) -> str:
    is_one = isinstance(value, str) and value in form.choices
    return value if is_one else _refuse(form, " or ".join(form.choices), value)


def _read_whole(form: FieldForm, value: Any) -> int:
    is_whole = type(value) is int  # not a bool, which is an int, too
    return value if is_whole else _refuse(form, "a whole number", value)


def _read_real(form: FieldForm, value: Any) -> float:
    is_real = type(value) in (int, float) and abs(value) <= float_info.max  # false for what is no number
    return value if is_real else _refuse(form, "a number", value)


def _read_sizes(form: FieldForm, value: Any) -> int | list[int] | str | None:
    is_short = isinstance(value, str) and len(value) <= LONGEST_SIZES
    return read_sizes(value, form) if is_short else _refuse(form, "sizes in a short text", value)


def _read_text(form: FieldForm, value: Any) -> str:
    return value if isinstance(value, str) else _refuse(form, "a text", value)


def _read_component(form: FieldForm, value: Any) -> dict[str, Any]:
    """A kind by its name stands for it with its defaults."""
    kind = next((kind for kind in form.components if kind.__name__ == value), None)
    return _refuse(form, "one of the list", value) if kind is None else kind().model_dump(mode="json")


def _refuse(form: FieldForm, wanted: str, value: Any) -> Any:
    got = f"'{shortened(value, 40)}'" if isinstance(value, str | float | bool | None) else type(value).__name__
    raise SpecError(f"{form.title} needs {wanted}; got {got}. Set it again.")


_READERS: dict[FieldKind, Callable[[FieldForm, Any], Any]] = {
    "switch": _read_switch, "choice": _read_choice, "whole": _read_whole, "real": _read_real,
    "sizes": _read_sizes, "component": _read_component, "text": _read_text,
}  # fmt: skip
