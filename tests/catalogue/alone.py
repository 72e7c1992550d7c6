"""One layer by itself: shapes it may meet, its module, and values to feed both."""

import torch
from torch import Tensor, nn

from builder.catalogue.component import Shape
from builder.catalogue.layer import Layer
from builder.errors import ShapeError
from builder.nn.graph import build

SHAPES = ((5, 12), (8, 9, 12), (12,), (4, 16, 16), (2, 5, 6, 7))
SEVERAL = (((5, 12), (7, 12)), ((12,), (7,)), ((8, 9, 12), (8, 1, 1)))
"""Inputs that differ from each other."""
OPEN = ((None, 12), (12, None), (None,))
WHOLE_NUMBERS = ("Embedding",)
"""Layers that look numbers up rather than calculate with them."""

Inputs = tuple[Shape, ...]


class Alone(nn.Module):
    """The layer's module, followed by the layer's own activation if it has one."""

    def __init__(self, layer: Layer, inputs: Inputs):
        super().__init__()
        self.layer = build(layer.torch_call(*inputs))
        activation = getattr(layer, "activation", None)
        self.activation = build(activation.torch_call(layer.output_shape(*inputs))) if activation else nn.Identity()

    def forward(self, *xs: Tensor) -> Tensor:
        return self.activation(self.layer(*xs))


def sized(layer: Layer) -> Layer:
    """A size that follows the data is 3."""
    if layer.follows_data and getattr(layer, layer.follows_data) is None:
        return layer.model_copy(update={layer.follows_data: 3})
    return layer


def takes(layer: Layer, inputs: Inputs) -> bool:
    """Whether the layer and its activation accept these shapes."""
    try:
        output = layer.output_shape(*inputs)
        activation = getattr(layer, "activation", None)
        if activation is not None:
            activation.output_shape(output)
    except ShapeError:
        return False
    return True


def offers(layer: Layer, shapes: tuple[Shape, ...] = SHAPES) -> list[Inputs]:
    """Each shape as often as the layer takes inputs, and inputs that differ."""
    counts = range(layer.inputs_min, (layer.inputs_max or 3) + 1)
    same = [(shape,) * count for count in counts for shape in shapes]
    return same + [inputs for inputs in SEVERAL if shapes is SHAPES and len(inputs) in counts]


def accepted(layer: Layer, shapes: tuple[Shape, ...] = SHAPES) -> list[Inputs]:
    return [inputs for inputs in offers(layer, shapes) if takes(layer, inputs)]


def values(layer: Layer, inputs: Inputs, batch: int, length: int = 6) -> tuple[Tensor, ...]:
    """A batch for each input, with `length` in place of an open axis."""
    shapes = [(batch, *(length if size is None else size for size in shape)) for shape in inputs]
    if layer.kind in WHOLE_NUMBERS:
        return tuple(torch.randint(0, 20, shape).float() for shape in shapes)
    return tuple(torch.randn(shape) for shape in shapes)
