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

FieldKind = Literal["switch", "choice", "whole", "real", "sizes", "component", "figure", "text"]


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
    counts: range = range(1, 2)
    """How many numbers a field of sizes takes when it takes several."""
    is_single: bool = True
    """Whether one number is written as itself."""
    empty: str = "automatic"
    """What an empty field stands for, in a word."""
    step: float = 1.0
    """Of a click on the arrows of a real number."""
    is_signed: bool = False
    """Whether sizes may be negative, as -1 for whatever is left."""

    @property
    def written_default(self) -> str:
        """As people read it."""
        if self.default is None:
            return self.empty
        if isinstance(self.default, bool):
            return "on" if self.default else "off"
        return write_sizes(self.default) if self.kind == "sizes" else str(self.default)

    @property
    def json_default(self) -> Any:
        if isinstance(self.default, Component):
            return self.default.model_dump(mode="json")
        return list(self.default) if isinstance(self.default, tuple) else self.default


@cache
def forms_of(component: type[Component]) -> tuple[FieldForm, ...]:
    """Every field that a person may set, in the order of the declaration."""
    return tuple(_form(name, info) for name, info in component.model_fields.items() if name != "kind")


def form_of(component: type[Component], name: str) -> FieldForm:
    """Raises: SpecError if a person can set no such field."""
    found = next((form for form in forms_of(component) if form.name == name), None)
    if found is None:
        raise SpecError(f"{component.label} has no setting '{name}'. Reload the page to see what it has.")
    return found


def _form(name: str, info: FieldInfo) -> FieldForm:
    leaves = _leaves(info.annotation)
    lowest, highest = _bound(info, "ge", "gt"), _bound(info, "le", "lt")
    extra = info.json_schema_extra or {}
    unit = extra.get("unit", "")
    title = info.title or name
    default = info.get_default(call_default_factory=True)
    return FieldForm(
        name=name, kind="figure" if extra.get("is_figure") else _kind(leaves), title=f"{title} ({unit})" if unit and unit not in title.lower() else title,
        help=" ".join(part for part in (info.description, _range(lowest, highest)) if part), default=default,
        optional=type(None) in leaves, lowest=lowest, highest=highest,
        choices=tuple(choice for leaf in leaves if get_origin(leaf) is Literal for choice in get_args(leaf)),
        components=tuple(leaf for leaf in leaves if isinstance(leaf, type) and issubclass(leaf, Component)),
        empty=extra.get("empty", "automatic"), step=extra.get("step", step_of(default)), counts=_counts(leaves, info), is_single=int in leaves, is_signed=_is_signed(leaves),
    )  # fmt: skip


def _counts(leaves: tuple[Any, ...], info: FieldInfo) -> range:
    """(int, int, int) takes 3 numbers, (int, …) as many as its field allows."""
    parts = next((get_args(leaf) for leaf in leaves if get_origin(leaf) is tuple), ())
    if parts and parts[-1] is Ellipsis:
        return range(int(_bound(info, "min_length") or 1), int(_bound(info, "max_length") or 8) + 1)
    return range(len(parts), len(parts) + 1)


def _is_signed(leaves: tuple[Any, ...]) -> bool:
    parts = [part for leaf in leaves if get_origin(leaf) is tuple for part in get_args(leaf)]
    inner = [info for part in parts for info in getattr(part, "__metadata__", ()) if isinstance(info, FieldInfo)]
    return any((_bound(info, "ge", "gt") or 0) < 0 for info in inner)


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
    if tuple in origins or (Literal in origins and int in origins):
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
    """A sensible click of a real number's arrows: the power of ten of its default, 0.01 for zero, 1 for none."""
    if default is None:
        return 1.0
    return 10.0 ** floor(log10(abs(default))) if isinstance(default, int | float) and default else 0.01


def write_sizes(value: Any) -> str:
    """3 → `3`, (3, 5) → `3 × 5`, None → empty, `same` as it is."""
    return (
        " × ".join(str(part) for part in value)
        if isinstance(value, tuple | list)
        else str("" if value is None else value)
    )


def read_sizes(text: str, form: FieldForm) -> int | list[int] | str | None:
    """What the user wrote for one size or several. Raises: SpecError if it is neither."""
    text = text.strip().lower()
    if text in form.choices:
        return text
    if not text and form.optional:
        return None
    parts = re.split(r"[x×,*\s]+", text.strip("() "))
    number = r"-?\d{1,7}" if form.is_signed else r"\d{1,7}"
    if not all(re.fullmatch(number, part) for part in parts) or not _is_count(len(parts), form):
        others = "".join(f", or '{choice}'" for choice in form.choices)
        raise SpecError(f"{form.title} needs {_wanted(form)}{others}; got '{text}'. Write for example {example(form)}.")
    sizes = [int(part) for part in parts]
    return sizes[0] if len(sizes) == 1 and form.is_single else sizes


_IN_WORDS = {2: "two", 3: "three", 4: "four", 6: "six"}


def _is_count(count: int, form: FieldForm) -> bool:
    return count in form.counts or (count == 1 and form.is_single)


def _wanted(form: FieldForm) -> str:
    """`one number or 2`"""
    low, high = min(form.counts, default=0), max(form.counts, default=0)
    if not form.is_single:
        return f"{low} to {high} numbers" if low < high else f"{high} numbers"
    return f"one number or {_IN_WORDS.get(high, high)}" if high else "one number"


def example(form: FieldForm) -> str:
    """How such sizes are written."""
    if not form.is_single:
        return write_sizes(form.default)
    return f"3 or {' × '.join('35753535'[: max(form.counts)])}" if form.counts else "3"
