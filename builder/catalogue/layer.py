"""The base of all layers: shape rule, cost and torch call, without torch."""

from math import prod
from typing import Any, ClassVar, TypeVar

from pydantic import ValidationError

from builder.catalogue.component import Component, Shape, TorchCall
from builder.errors import ShapeError

UNKNOWN_LENGTH = 128
"""Stands in for a length known only at run time wherever a cost is estimated."""


def elements(shape: Shape) -> int:
    """Number of values in one example of this shape."""
    return prod(UNKNOWN_LENGTH if size is None else size for size in shape)


def show(shape: Shape) -> str:
    """A shape as people write it: `(3, 28, 28)`, with `any` for a length known at run time."""
    return (
        "(" + ", ".join("any" if size is None else str(size) for size in shape) + ("," if len(shape) == 1 else "") + ")"
    )


_AXES = {
    1: ("features",), 2: ("length", "features"), 3: ("channels", "height", "width"),
    4: ("channels", "depth", "height", "width"),
}  # fmt: skip


def axis_names(shape: Shape, layer: "Layer | None" = None) -> tuple[str, ...]:
    """What each axis of a shape means: as the layer that made it says, or as is usual for as many axes."""
    if layer is not None and layer.axes is not None and len(layer.axes) == len(shape):
        return layer.axes
    return _AXES.get(len(shape), tuple(f"axis {number}" for number in range(1, len(shape) + 1)))


class Refusal(ShapeError):
    """A layer refuses the shape that reaches it; `remedy` are layers that, put before it, mend it."""

    def __init__(self, needs: str, got: str, way_out: str, remedy: tuple["Layer", ...] = ()):
        super().__init__(f"needs {needs}; got {got}. {way_out}.")
        self.needs, self.got, self.way_out, self.remedy = needs, got, way_out, remedy


class Layer(Component):
    """One operation in the model. Shapes leave the batch axis out."""

    family: ClassVar[str]
    formula: ClassVar[str] = ""
    """Formula of the output shape or of the function."""
    inputs_min: ClassVar[int] = 1
    inputs_max: ClassVar[int | None] = 1
    follows_data: ClassVar[str | None] = None
    """Field that, left empty on the output layer, takes the size that the data asks for."""
    needs_several_rows: ClassVar[bool] = False
    """Whether training fails on a batch of one row."""
    learns: ClassVar[bool] = False
    """Whether it mixes features by learned weights, so that two in a row want an activation between them."""
    takes_ids: ClassVar[bool] = False
    """Whether it looks whole numbers up, so that scaled values tell it nothing."""
    axes: ClassVar[tuple[str, ...] | None] = None
    """Names of the output's axes, where they are not the usual ones for their number."""

    def output_shape(self, *inputs: Shape) -> Shape:
        """Shape of the output. Raises: Refusal (a ShapeError) if the inputs do not fit."""
        raise NotImplementedError

    def torch_call(self, *inputs: Shape) -> TorchCall:
        """The module to build for these input shapes."""
        raise NotImplementedError

    def parameter_count(self, *inputs: Shape) -> int:
        """Trainable values."""
        return 0

    def multiply_adds(self, *inputs: Shape) -> int:
        """Multiply-accumulate operations for one example."""
        return 0

    def saved_elements(self, *inputs: Shape) -> int:
        """Values that the backward pass keeps for one example, an estimate."""
        return elements(self.output_shape(*inputs))

    def refuse(
        self, inputs: tuple[Shape, ...], needs: str, *, way_out: str, got: str = "", remedy: tuple["Layer", ...] = ()
    ) -> Refusal:
        return Refusal(needs, got or " and ".join(show(shape) for shape in inputs), way_out, remedy)

    def kwargs(self, *leave_out: str) -> dict[str, Any]:
        """This layer's own fields as keyword arguments of its torch call."""
        return self.model_dump(exclude={"kind", "activation", *leave_out})


L = TypeVar("L", bound=Layer)


def possible(kind: type[L], /, **settings: Any) -> L | None:
    """A layer of this kind for settings that were worked out; None if one of them is out of its bounds."""
    try:
        return kind(**settings)
    except ValidationError:
        return None
