"""Joins branches whose axes a file may see in different orders."""

from collections.abc import Sequence
from dataclasses import replace

from builder.catalogue.layer import Layer
from builder.imports.draft import Draft, Value


def merged(draft: Draft, layer: Layer, values: Sequence[Value]) -> Value:
    """What the layer makes of the values; as they lie if all lie alike, else in the file's order."""
    if len({value.axes for value in values}) > 1:
        values = [draft.settled(value) for value in values]
    given = draft.add(layer, *(draft.own(value) for value in values))
    return replace(given, axes=values[0].axes)
