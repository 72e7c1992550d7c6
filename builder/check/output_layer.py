"""What brings a model's last shape to the one that is asked for."""

from math import prod

from builder.catalogue.component import Shape
from builder.catalogue.layer import Layer
from builder.catalogue.layers import Conv2d, Flatten, Linear, Reshape
from builder.check.edits import AddNode, UpdateLayer
from builder.check.problem import Fix
from builder.check.shapes import output_index
from builder.spec.model import INPUT, ModelSpec

USUAL_WIDTH = 64


def add_output_layer(model: ModelSpec, shape: Shape, wanted: Shape) -> Fix:
    """`shape` is what leaves the model, or its input if it has no layers."""
    last, layers = model.nodes[-1].id if model.nodes else INPUT, ending(shape, wanted)
    pins = _pin(model, output_index(model)) if any(layer.follows_data for layer in layers) else ()
    return Fix("Add the output layer", (*pins, *(AddNode(layer=layer, after=last) for layer in reversed(layers))))


def ending(shape: Shape, wanted: Shape) -> tuple[Layer, ...]:
    """The fewest layers from one to the other; the size of a Linear follows the data."""
    if len(shape) == len(wanted) == 3 and shape[1:] == wanted[1:]:
        return (Conv2d(out_channels=wanted[0]),)
    flat = (Flatten(),) if len(shape) > 1 else ()
    if len(wanted) == 1:
        return (*flat, Linear())
    shaped = Reshape(shape=wanted)
    return (shaped,) if None not in shape and prod(shape) == prod(wanted) else (*flat, Linear(), shaped)


def _pin(model: ModelSpec, index: int | None) -> tuple[UpdateLayer, ...]:
    """What was the output layer needs a size of its own once another comes behind it."""
    if index is None or getattr(model.nodes[index].layer, model.nodes[index].layer.follows_data) is not None:
        return ()
    return (UpdateLayer(id=model.nodes[index].id, changes={model.nodes[index].layer.follows_data: USUAL_WIDTH}),)
