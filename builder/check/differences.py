"""Says in words in which settings one training differs from another."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from pydantic import BaseModel

from builder.catalogue.component import Component
from builder.spec.training import TrainingSpec


def differences(before: TrainingSpec, after: TrainingSpec) -> tuple[str, ...]:
    """`AdamW: learning rate 0.001 → 0.0001`, one for each setting; what only one of two kinds has is left out."""
    return tuple(_of_fields(before, after))


def _of_fields(before: BaseModel, after: BaseModel, of: str = "") -> Iterator[str]:
    for name, info in type(after).model_fields.items():
        if name != "kind" and name in type(before).model_fields:
            title = info.title or name.replace("_", " ").capitalize()
            said = info.json_schema_extra or {}
            words = partial(_change, unit=said.get("unit", ""), empty=said.get("empty", "automatic"))
            yield from _of_values(title, getattr(before, name), getattr(after, name), of, words)


def _of_values(title: str, before: Any, after: Any, of: str, change: Callable[[Any, Any], str]) -> Iterator[str]:
    if before == after:
        return
    if _is_list(before) and _is_list(after):
        yield from _of_lists(before, after)
        return
    if not (isinstance(before, Component) and type(before) is type(after)):
        named = f"{of}: {_lowered(title)}" if of else title
        yield f"{named} {change(before, after)}"
    if isinstance(before, Component) and isinstance(after, Component):
        yield from _of_fields(before, after, after.label)


def _is_list(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(part, Component) for part in value)


def _of_lists(before: tuple[Component, ...], after: tuple[Component, ...]) -> Iterator[str]:
    """Each kind stands there once at most."""
    old, new = ({part.name: part for part in parts} for parts in (before, after))
    for name in dict.fromkeys([*old, *new]):
        if name in old and name in new:
            yield from _of_fields(old[name], new[name], new[name].label)
        else:
            yield f"{(old | new)[name].label} {'off → on' if name in new else 'on → off'}"


def _lowered(title: str) -> str:
    return title if title[:2].isupper() else title[:1].lower() + title[1:]


def _change(before: Any, after: Any, unit: str, empty: str) -> str:
    """`empty` is what the field's declaration calls a value that is not set; the unit stands once."""
    old, new = (empty if value is None else _word(value) for value in (before, after))
    return f"{old} → {new} {unit}".rstrip() if after is not None else f"{old} {unit}".rstrip() + f" → {new}"


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, Component):
        return value.label
    if isinstance(value, tuple):
        return " × ".join(map(_word, value))
    return f"{value:,}" if isinstance(value, int) else f"{value:g}" if isinstance(value, float) else str(value)
