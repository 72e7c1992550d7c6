"""Reads from a component's declaration how each of its fields is filled in: kind of value, bounds, unit, choices."""

import re
import types
from dataclasses import dataclass
from functools import cache
from math import floor, log10
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from builder.catalogue.component import Component
from builder.errors import SpecError

FieldKind = Literal["switch", "choice", "whole", "real", "sizes", "component", "text"]


@dataclass(frozen=True)
class FieldForm:
    """One field of a component, ready to be drawn as a widget."""

    name: str
    kind: FieldKind
    title: str
    help: str
    default: Any
    optional: bool
    lowest: float | None
    highest: float | None
    choices: tuple[str, ...]
    components: tuple[type[Component], ...]

    @property
    def written_default(self) -> str:
        """As people read it."""
        if self.default is None:
            return "automatic"
        if isinstance(self.default, bool):
            return "on" if self.default else "off"
        return write_sizes(self.default) if self.kind == "sizes" else str(self.default)

    @property
    def json_default(self) -> Any:
        return list(self.default) if isinstance(self.default, tuple) else self.default


@cache
def forms_of(component: type[Component]) -> tuple[FieldForm, ...]:
    """Every field that a person may set, in the order of the declaration."""
    return tuple(_form(name, info) for name, info in component.model_fields.items() if name != "kind")


def _form(name: str, info: FieldInfo) -> FieldForm:
    leaves = _leaves(info.annotation)
    lowest, highest = _bound(info, "ge", "gt"), _bound(info, "le", "lt")
    unit = (info.json_schema_extra or {}).get("unit", "")
    title = info.title or name
    default = info.get_default(call_default_factory=True)
    return FieldForm(
        name=name, kind=_kind(leaves), title=f"{title} ({unit})" if unit and unit not in title.lower() else title,
        help=" ".join(part for part in (info.description, _range(lowest, highest)) if part), default=default,
        optional=type(None) in leaves, lowest=lowest, highest=highest,
        choices=tuple(choice for leaf in leaves if get_origin(leaf) is Literal for choice in get_args(leaf)),
        components=tuple(leaf for leaf in leaves if isinstance(leaf, type) and issubclass(leaf, Component)),
    )  # fmt: skip


def _leaves(annotation: Any) -> tuple[Any, ...]:
    """The plain types that a union, however nested, is made of."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _leaves(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return tuple(leaf for part in get_args(annotation) for leaf in _leaves(part))
    return (annotation,)


_KIND_OF: dict[type, FieldKind] = {bool: "switch", int: "whole", float: "real", tuple: "sizes"}


def _kind(leaves: tuple[Any, ...]) -> FieldKind:
    origins = {get_origin(leaf) or leaf for leaf in leaves}
    if tuple in origins:
        return "sizes"
    if Literal in origins:
        return "choice"
    if any(isinstance(leaf, type) and issubclass(leaf, Component) for leaf in leaves):
        return "component"
    return next((_KIND_OF[leaf] for leaf in leaves if leaf in _KIND_OF), "text")


def _bound(info: FieldInfo, *names: str) -> float | None:
    return next((getattr(mark, name) for mark in info.metadata for name in names if hasattr(mark, name)), None)


def _range(lowest: float | None, highest: float | None) -> str:
    if lowest is None or highest is None:
        return ""
    return f"From {lowest:,g} to {highest:,.15g}."


def step_of(default: Any) -> float:
    """A sensible click of a real number's arrows: the power of ten of its default, 0.01 for zero."""
    return 10.0 ** floor(log10(abs(default))) if isinstance(default, int | float) and default else 0.01


def write_sizes(value: Any) -> str:
    """3 → `3`, (3, 5) → `3 × 5`, None → empty, `same` as it is."""
    return (
        " × ".join(str(part) for part in value)
        if isinstance(value, tuple | list)
        else str("" if value is None else value)
    )


def read_sizes(text: str, form: FieldForm) -> int | list[int] | str | None:
    """What the user wrote for one size or two. Raises: SpecError if it is neither."""
    text = text.strip().lower()
    if text in form.choices:
        return text
    if not text and form.optional:
        return None
    found = re.fullmatch(r"\(?\s*(\d{1,6})\s*(?:[x×,*\s]\s*(\d{1,6})\s*)?\)?", text)
    if not found:
        others = "".join(f", or '{choice}'" for choice in form.choices)
        raise SpecError(f"{form.title} needs one number or two{others}; got '{text}'. Write for example 3 or 3 × 5.")
    first, second = found.groups()
    return [int(first), int(second)] if second else int(first)
