"""Writes shapes and costs of layers for people."""

from builder.catalogue.component import Shape
from builder.catalogue.layer import Layer, axis_names
from builder.check.shapes import LayerRow
from builder.ui.formats import compact, counted


def shape_text(shape: Shape | None) -> str:
    """`1 × 28 × 28`, with `any` for a length known at run time, or `?`."""
    return "?" if shape is None else " × ".join(map(_size, shape))


def named_shape(shape: Shape | None, layer: Layer | None = None) -> str:
    """`channels 1 × height 28 × width 28`; `layer` is the one that made it."""
    if shape is None:
        return "?"
    return " × ".join(
        f"{axis}\N{NO-BREAK SPACE}{_size(size)}" for axis, size in zip(axis_names(shape, layer), shape, strict=True)
    )


def _size(size: int | None) -> str:
    return "any" if size is None else f"{size:,}"


def cost(row: LayerRow) -> str:
    if not row.parameters and not row.multiply_adds:
        return "no parameters"
    return f"{counted(row.parameters, 'parameter')} · {compact(row.multiply_adds)} multiply-adds"
