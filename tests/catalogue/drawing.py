"""Draws components with hypothesis, straight from their declared fields."""

import functools
import types
import typing
from typing import Any, Literal, get_args, get_origin

import annotated_types
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

LARGEST = 8
"""Sizes are drawn small, so that a real forward pass stays quick."""
LONGEST = 3
"""Tuples of any length are drawn short."""


@st.composite
def components(draw: st.DrawFn, kind: type[BaseModel]) -> BaseModel:
    """An allowed instance of `kind`; draws that its own validators refuse are thrown away."""
    fields = {name: draw(values) for name, values in _fields(kind).items()}
    try:
        return kind(**fields)
    except ValidationError:
        from hypothesis import reject

        reject()


@functools.cache
def _fields(kind: type[BaseModel]) -> dict[str, st.SearchStrategy]:
    return {name: _values(field.annotation, field.metadata) for name, field in kind.model_fields.items()}


def _values(annotation: Any, metadata: list[Any]) -> st.SearchStrategy:
    origin = get_origin(annotation)
    if origin is Literal:
        return st.sampled_from(get_args(annotation))
    if origin is typing.Annotated:
        return _values(get_args(annotation)[0], list(annotation.__metadata__))
    if origin in (typing.Union, types.UnionType):
        return st.one_of(*(_values(part, metadata) for part in get_args(annotation)))
    if origin is tuple:
        parts = get_args(annotation)
        if parts[-1] is Ellipsis:
            return st.lists(_values(parts[0], []), max_size=LONGEST).map(tuple)
        return st.tuples(*(_values(part, []) for part in parts))
    return _plain(annotation, metadata)


def _plain(annotation: Any, metadata: list[Any]) -> st.SearchStrategy:
    if annotation is type(None):
        return st.none()
    if annotation is bool:
        return st.booleans()
    if annotation is int:
        low, high = _bounds(metadata, 0, LARGEST)
        return st.integers(int(low), int(max(low, min(high, LARGEST))))
    if annotation is float:
        low, high = _bounds(metadata, 0.0, 1.0)
        return st.floats(low, max(low, min(high, 2.0)), allow_nan=False).filter(lambda v: _fits(v, metadata))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return components(annotation)
    raise TypeError(annotation)


def _constraints(metadata: list[Any]) -> list[Any]:
    found = []
    for item in metadata:
        found += _constraints(list(item.metadata)) if hasattr(item, "metadata") else [item]
    return found


def _bounds(metadata: list[Any], low: float, high: float) -> tuple[float, float]:
    for item in _constraints(metadata):
        low = (
            getattr(item, "ge", getattr(item, "gt", low))
            if isinstance(item, annotated_types.Ge | annotated_types.Gt)
            else low
        )
        high = (
            getattr(item, "le", getattr(item, "lt", high))
            if isinstance(item, annotated_types.Le | annotated_types.Lt)
            else high
        )
    return low, high


def _fits(value: float, metadata: list[Any]) -> bool:
    for item in _constraints(metadata):
        if isinstance(item, annotated_types.Gt) and not value > item.gt:
            return False
        if isinstance(item, annotated_types.Lt) and not value < item.lt:
            return False
    return True
