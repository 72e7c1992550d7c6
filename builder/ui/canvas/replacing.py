"""Puts a layer of another kind where one stands, with the settings that both have."""

from typing import Any

from pydantic import ValidationError

from builder.catalogue.layer import Layer


def in_place_of(old: Layer, new: Layer) -> Layer:
    """`new` with every setting of `old` that it has, too, and allows."""
    for name, value in _settings(old).items():
        if name in type(new).model_fields:
            try:
                new = type(new).model_validate(_settings(new) | {name: value})
            except ValidationError:
                continue  # as 'same' for a padding that takes numbers alone
    return new


def _settings(layer: Layer) -> dict[str, Any]:
    return layer.model_dump(mode="json", exclude={"kind"})
