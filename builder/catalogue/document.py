"""Writes docs/catalogue.md from the declarations: `python -m builder.catalogue.document`."""

import inspect
import re
import types
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from builder.catalogue.augmentations import AUGMENTATIONS
from builder.catalogue.component import Component
from builder.catalogue.initializations import INITIALIZATIONS
from builder.catalogue.layers import LAYERS
from builder.catalogue.losses import LOSSES
from builder.catalogue.metrics import METRICS
from builder.catalogue.optimizers import OPTIMIZERS
from builder.catalogue.regularization import REGULARIZATION
from builder.catalogue.schedulers import SCHEDULERS

PLACE = Path(__file__).parents[2] / "docs" / "catalogue.md"
_OPENING = """# The catalogue

Everything that can be picked, written from the declarations in `builder/catalogue/` by
`python -m builder.catalogue.document`. Shapes leave the batch axis out; a length may be known only at run time.
"""
_OTHERS = {
    "Losses": LOSSES, "Optimizers": OPTIMIZERS, "Schedulers": SCHEDULERS, "Initializations": INITIALIZATIONS, "Regularization while training": REGULARIZATION, "Metrics": METRICS,
    "Augmentations": AUGMENTATIONS,
}  # fmt: skip
_SECTIONS = ("Input shape", "Output shape", "Raises")
_BOUNDS = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤"}


def catalogue_text() -> str:
    """The whole document: layers by family, then what training is made of."""
    families: dict[str, list[type[Component]]] = {}
    for kind in LAYERS.values():
        families.setdefault(kind.family, []).append(kind)
    chapters = {f"{family} layers": kinds for family, kinds in families.items()}
    chapters |= {title: list(kinds.values()) for title, kinds in _OTHERS.items()}
    contents = "\n".join(
        f"- {title}: {', '.join(kind.__name__ for kind in kinds)}" for title, kinds in chapters.items()
    )
    return "\n".join([_OPENING, contents, *(_chapter(title, kinds) for title, kinds in chapters.items())])


def _chapter(title: str, kinds: Iterable[type[Component]]) -> str:
    return f"\n## {title}\n" + "\n".join(_component(kind) for kind in kinds)


def _component(kind: type[Component]) -> str:
    lines = [f"### {kind.__name__}", "", kind.help, ""]
    facts = _docstring_sections(kind)
    if getattr(kind, "formula", ""):
        facts["Formula"] = f"`{kind.formula}`"
    facts["Source"] = f"`{kind.source}`" if kind.source.startswith("torch") else kind.source
    lines += [f"- {name}: {text}" for name, text in facts.items()]
    return "\n".join([*lines, "", *_field_table(kind)])


def _docstring_sections(kind: type[Component]) -> dict[str, str]:
    """Shapes and refusals as the nearest docstring in the family tells them; wrapped lines are joined."""
    told = next((base.__doc__ for base in kind.__mro__ if base.__doc__ and "Input shape:" in base.__doc__), "")
    text, found = inspect.cleandoc(told), {}
    for section in _SECTIONS:
        match = re.search(rf"^{section}:\s*(.*(?:\n +.*)*)", text, re.MULTILINE)
        if match:
            found[section] = " ".join(match.group(1).split())
    return found


def _field_table(kind: type[Component]) -> list[str]:
    fields = {name: field for name, field in kind.model_fields.items() if name != "kind"}
    if not fields:
        return []
    head = ["| field | title | default | values | unit | |", "|---|---|---|---|---|---|"]
    return [*head, *(_row(name, field) for name, field in fields.items()), ""]


def _row(name: str, field: FieldInfo) -> str:
    unit = (field.json_schema_extra or {}).get("unit", "")
    cells = (
        f"`{name}`",
        field.title,
        _default(field),
        _values(field.annotation, field.metadata),
        unit,
        field.description,
    )
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def _default(field: FieldInfo) -> str:
    default = field.get_default(call_default_factory=True)
    if default is PydanticUndefined:
        return "must be given"
    if isinstance(default, Component):
        return default.name
    if default is None or isinstance(default, bool):
        return {None: "empty", True: "on", False: "off"}[default]
    return f"`{default}`"


def _values(annotation: Any, metadata: Iterable[Any]) -> str:
    """What a field may hold, in words: `1 to 64`, `"tanh" or "relu"`, `on or off`."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _values(parts[0], [*metadata, *annotation.__metadata__])
    if origin is Literal:
        return " or ".join(f"`{part}`" for part in parts)
    if origin in (Union, types.UnionType):
        return _alternatives(parts, metadata)
    if origin is tuple:
        return f"({', '.join('…' if part is Ellipsis else _values(part, ()) for part in parts)})"
    if annotation is bool:
        return "on or off"
    if isinstance(annotation, type) and issubclass(annotation, Component):
        return annotation.__name__
    return _bounds(metadata) or {int: "whole number", float: "number"}.get(annotation, "text")


def _alternatives(parts: tuple[Any, ...], metadata: Iterable[Any]) -> str:
    kinds = [part for part in parts if isinstance(part, type) and issubclass(part, Component)]
    if len(kinds) > 3:
        return "an activation"
    told = [_values(part, metadata) for part in parts if part is not type(None)]
    return " or ".join(told) + (" or empty" if type(None) in parts else "")


def _bounds(metadata: Iterable[Any]) -> str:
    """`1 to 64`, `> 0 and ≤ 10`; bounds may lie inside a field's own Annotated."""
    found: dict[str, Any] = {}
    for item in metadata:
        for constraint in getattr(item, "metadata", None) or [item]:
            found |= {
                name: getattr(constraint, name) for name in _BOUNDS if getattr(constraint, name, None) is not None
            }
    if found.keys() == {"ge", "le"}:
        return f"{found['ge']} to {found['le']}"
    return " and ".join(f"{_BOUNDS[name]} {bound}" for name, bound in found.items())


if __name__ == "__main__":
    PLACE.write_text(catalogue_text(), encoding="utf-8")
