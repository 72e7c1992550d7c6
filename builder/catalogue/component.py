"""The base of everything that can be picked: one declaration is field, widget, check, JSON, docs and torch call."""

from typing import Any, ClassVar, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Shape = tuple[int | None, ...]
"""Sizes of the axes, batch left out; `None` is a length known only at run time."""


C = TypeVar("C", bound="Component")


class TorchCall(NamedTuple):
    """A constructor by dotted name with its arguments, which may be calls: built by `builder.nn`, printed by `builder.export`."""

    name: str
    kwargs: dict[str, Any]


class Component(BaseModel):
    """A frozen declaration; unknown fields, wrong types and values out of range are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=False)

    label: ClassVar[str]
    """Name on screen."""
    help: ClassVar[str]
    """One sentence for a person who meets it for the first time."""
    source: ClassVar[str]
    """Where it is defined: a torch name, or the paper or library it follows."""

    @property
    def name(self) -> str:
        return type(self).__name__


def whole(default: Any, title: str, help: str, *, ge: int, le: int, unit: str = "") -> Any:
    """A bounded whole-number field with its title, help and unit."""
    return Field(default, ge=ge, le=le, title=title, description=help, json_schema_extra={"unit": unit})


def real(default: Any, title: str, help: str, **bounds: Any) -> Any:
    """A bounded real-number field; `bounds` are pydantic's gt, ge, lt, le."""
    return Field(default, title=title, description=help, **bounds)


def choice(default: Any, title: str, help: str) -> Any:
    """A switch or a pick from a closed list."""
    return Field(default, title=title, description=help)


def figure(title: str, help: str, empty: str) -> Any:
    """A pick among the validation loss and the project's metrics; None stands for what `empty` says in a word."""
    return Field(None, title=title, description=help, json_schema_extra={"is_figure": True, "empty": empty})


def registry(*kinds: type[C]) -> dict[str, type[C]]:
    """Kinds by their JSON name, in the order in which they are offered."""
    return {kind.__name__: kind for kind in kinds}


def accept_name(value: Any) -> Any:
    """Lets a project say `"ReLU"` for `{"kind": "ReLU"}`, and JSON's lists stand for tuples."""
    if isinstance(value, str):
        return {"kind": value}
    if isinstance(value, dict):
        return {key: tuple(part) if isinstance(part, list) else part for key, part in value.items()}
    return value
