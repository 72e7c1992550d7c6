"""Layers that rearrange or cut values and learn nothing."""

from math import prod
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from builder.catalogue.component import Shape, TorchCall, whole
from builder.catalogue.layer import Layer, Refusal, possible, show
from builder.catalogue.layers.reduction import Mean

_MODULES = "builder.nn.modules.reshaping"


class _Reshaping(Layer):
    family: ClassVar[str] = "Shape"

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(f"{_MODULES}.{self.kind}", self.kwargs())

    def saved_elements(self, *inputs: Shape) -> int:
        return 0


class Identity(_Reshaping):
    """Passes everything on as it is.

    Input shape:  any
    Output shape: the same
    Source:       torch.nn.Identity
    """

    kind: Literal["Identity"] = "Identity"
    label = "Identity"
    help = "Does nothing: a named place for wires to start from or meet at."
    source = "torch.nn.Identity"
    formula = "x"

    def output_shape(self, *inputs: Shape) -> Shape:
        return inputs[0]

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(self.source, {})


class Flatten(_Reshaping):
    """Lays all axes of one example into one.

    Input shape:  any with known lengths
    Output shape: (product of all sizes,)
    Raises:       ShapeError if a length is known only at run time.
    Source:       torch.nn.Flatten
    """

    kind: Literal["Flatten"] = "Flatten"
    label = "Flatten"
    help = "Turns an image or a sequence into one flat row of features."
    source = "torch.nn.Flatten"
    formula = "(d1 * d2 * …,)"

    def output_shape(self, *inputs: Shape) -> Shape:
        if None in inputs[0]:
            raise refuse_open(self, inputs)
        return (prod(inputs[0]),)

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(self.source, {})


class Reshape(_Reshaping):
    """Lays the values of one example out in another shape, in the same order.

    Input shape:  any with known sizes; one length may be open if the size -1 can stand for it
    Output shape: shape, with -1 worked out
    Raises:       ShapeError if the number of values does not fit.
    Source:       torch.reshape
    """

    kind: Literal["Reshape"] = "Reshape"
    label = "Reshape"
    help = "Reads the same values in another shape, such as a flat row as a sequence."
    source = "torch.reshape"
    formula = "(d1, d2, …) → shape"
    shape: tuple[Annotated[int, Field(ge=-1, le=1_000_000)], ...] = Field(
        (-1, 1), title="Shape", min_length=1, max_length=4, json_schema_extra={"unit": ""},
        description="Sizes without the batch; -1, once, means whatever is left. (-1, 1) reads a row as a sequence of single values.",
    )  # fmt: skip

    @model_validator(mode="after")
    def _sizes_make_sense(self) -> "Reshape":
        if 0 in self.shape:
            raise ValueError("a size of 0 leaves no values; give sizes of 1 or more, and -1 at most once")
        if self.shape.count(-1) > 1:
            raise ValueError("only one size can be -1; give the others as numbers")
        return self

    def output_shape(self, *inputs: Shape) -> Shape:
        shape, fixed = inputs[0], prod(size for size in self.shape if size != -1)
        known = prod(size for size in shape if size is not None)
        if None in shape:
            if shape.count(None) > 1 or -1 not in self.shape or known % fixed:
                raise self.refuse(inputs, f"known sizes to become {show(self.shape)}", way_out="Change the shape, with -1 for the open length")  # fmt: skip
            return tuple(None if size == -1 else size for size in self.shape)
        if known % fixed or (-1 not in self.shape and known != fixed):
            raise self.refuse(
                inputs, f"values that fill {show(self.shape)}", got=f"{show(shape)}, {known} values",
                way_out="Change the shape so that its product is the same, or put -1 for one size",
            )  # fmt: skip
        return tuple(known // fixed if size == -1 else size for size in self.shape)


class Permute(_Reshaping):
    """Puts the axes in another order.

    Input shape:  any with as many axes as `dims`
    Output shape: the sizes in the order of `dims`
    Raises:       ShapeError if the number of axes differs.
    Source:       torch.permute
    """

    kind: Literal["Permute"] = "Permute"
    label = "Permute"
    help = "Swaps axes, such as (length, features) and (channels, length) between sequence layers and convolutions."
    source = "torch.permute"
    formula = "(d1, d2, …) → (d_dims[0], d_dims[1], …)"
    dims: tuple[Annotated[int, Field(ge=1, le=4)], ...] = Field(
        (2, 1), title="Order", min_length=1, max_length=4, json_schema_extra={"unit": ""},
        description="Axes in their new order; 1 is the first after the batch. (2, 1) swaps two.",
    )  # fmt: skip

    @model_validator(mode="after")
    def _each_axis_once(self) -> "Permute":
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ValueError(f"the order {self.dims} must name each axis from 1 to {len(self.dims)} once")
        return self

    def output_shape(self, *inputs: Shape) -> Shape:
        shape = inputs[0]
        if len(shape) != len(self.dims):
            raise self.refuse(inputs, f"{len(self.dims)} axes", way_out=f"Give an order of {len(shape)} axes")
        return tuple(shape[axis - 1] for axis in self.dims)


class Slice(_Reshaping):
    """Cuts a piece out of one axis, with Python's rules for start and stop.

    Input shape:  any
    Output shape: ceil((stop - start) / step) along `dim`
    Raises:       ShapeError if there is no such axis, nothing is left, or an open length is cut at a fixed place.
    Source:       torch.Tensor.__getitem__
    """

    kind: Literal["Slice"] = "Slice"
    label = "Slice"
    help = "Keeps a part of one axis, such as the first features or every second step."
    source = "torch.Tensor.__getitem__"
    formula = "x[start:stop:step] along the axis"
    dim: int = whole(1, "Axis", "Axis that is cut; 1 is the first after the batch.", ge=1, le=4)
    start: int = whole(0, "Start", "First place that is kept, counted from 0; negative from the end.", ge=-65536, le=65536)  # fmt: skip
    stop: int | None = whole(
        None, "Stop", "First place that is left out; negative from the end, empty keeps all.", ge=-65536, le=65536
    )
    step: int = whole(1, "Step", "Keeps every so many places.", ge=1, le=65536)

    def output_shape(self, *inputs: Shape) -> Shape:
        shape, place = inputs[0], self.dim - 1
        if place >= len(shape):
            raise self.refuse(inputs, f"an axis {self.dim}", way_out="Set the axis to 1")
        return (*shape[:place], self._size(inputs, shape[place]), *shape[place + 1 :])

    def _size(self, inputs: tuple[Shape, ...], size: int | None) -> int | None:
        if size is None:
            if self.start or self.stop is not None:
                raise self.refuse(inputs, "a known length to cut at a fixed place", way_out="Cut another axis, or use Last")  # fmt: skip
            return None
        left = len(range(*slice(self.start, self.stop, self.step).indices(size)))
        if not left:
            raise self.refuse(inputs, f"something between {self.start} and {self.stop}", way_out="Move start or stop")
        return left


def refuse_open(layer: Layer, inputs: tuple[Shape, ...]) -> Refusal:
    """For a layer that needs every size: averaging over the open axes mends it."""
    shape = inputs[0]
    axes = [axis for axis, size in enumerate(shape, 1) if size is None]
    remedy = tuple(Mean(dim=axis) for axis in reversed(axes)) if len(axes) < len(shape) else ()
    way_out = "Pool the open axis to a fixed size first"
    return layer.refuse(inputs, "lengths that are known before training", way_out=way_out, remedy=remedy)


def _rows(shape: Shape) -> Reshape | None:
    """Reads each row of pixels, all its channels, as one step; None for what is no image, or too wide a one."""
    if len(shape) != 3 or None in shape:
        return None
    return possible(Reshape, shape=(shape[1], shape[0] * shape[2]))


def require_sequence(layer: Layer, inputs: tuple[Shape, ...], place: int = 0) -> tuple[int | None, int]:
    """The (length, features) input at `place`. Raises: ShapeError with layers that make a sequence of it."""
    shape = inputs[place]
    if len(shape) == 2 and shape[1] is not None:
        return shape
    needs = "a sequence (length, features)"
    if len(shape) == 1:
        way_out, remedy = "Add a Reshape to (-1, 1) before it, which reads each value as a step", (Reshape(shape=(-1, 1)),)  # fmt: skip
    elif len(shape) == 2:
        way_out, remedy = "Add a Permute before it, which swaps the axes", (Permute(dims=(2, 1)),)
    elif rows := _rows(shape):
        way_out, remedy = "Read each row of pixels as a step: add a Permute and a Reshape before it", (Permute(dims=(2, 1, 3)), rows)  # fmt: skip
    else:
        way_out, remedy = "Bring it to two axes with a Reshape", ()
    raise layer.refuse(inputs, needs, got=show(shape), way_out=way_out, remedy=remedy if place == 0 else ())
