"""Layers that join several branches."""

from typing import ClassVar, Literal

from builder.catalogue.activations import AnyActivation, activation_field
from builder.catalogue.component import Shape, TorchCall, choice, whole
from builder.catalogue.layer import Layer, elements

_MODULES = "builder.nn.merging"


class _SameShape(Layer):
    """Joins branches of one shape value by value.

    Input shape:  two or more of the same shape
    Output shape: the same
    Raises:       ShapeError if the shapes differ.
    """

    family: ClassVar[str] = "Merging"
    formula: ClassVar[str]
    inputs_min: ClassVar[int] = 2
    inputs_max: ClassVar[int | None] = None
    activation: AnyActivation | None = activation_field()

    def output_shape(self, *inputs: Shape) -> Shape:
        if len(set(inputs)) > 1:
            raise self.refuse(inputs, "inputs of one shape", way_out="Give the branches the same sizes, or use Concat")
        return inputs[0]

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(f"{_MODULES}.{self.kind}", {})

    def multiply_adds(self, *inputs: Shape) -> int:
        return elements(inputs[0]) * (len(inputs) - 1)


class Add(_SameShape):
    """Sums branches value by value, as in a skip connection.

    Input shape:  two or more of the same shape
    Output shape: the same
    Raises:       ShapeError if the shapes differ.
    Source:       torch.add
    """

    kind: Literal["Add"] = "Add"
    label = "Add"
    help = "Adds two or more branches of the same shape; with an earlier layer as second input it is a skip connection."
    source = "torch.add"
    formula = "x1 + x2 + …"


class Subtract(_SameShape):
    """The first branch less the second.

    Input shape:  two of the same shape
    Output shape: the same
    Raises:       ShapeError if the shapes differ.
    Source:       torch.sub
    """

    kind: Literal["Subtract"] = "Subtract"
    label = "Subtract"
    help = "Takes the second branch away from the first."
    source = "torch.sub"
    formula = "x1 - x2"
    inputs_max: ClassVar[int | None] = 2


class Average(_SameShape):
    """The mean of branches, value by value.

    Input shape:  two or more of the same shape
    Output shape: the same
    Raises:       ShapeError if the shapes differ.
    Source:       torch.mean
    """

    kind: Literal["Average"] = "Average"
    label = "Average"
    help = "The mean of two or more branches of the same shape."
    source = "torch.mean"
    formula = "(x1 + x2 + …) / n"


class Maximum(_SameShape):
    """The largest of branches, value by value.

    Input shape:  two or more of the same shape
    Output shape: the same
    Raises:       ShapeError if the shapes differ.
    Source:       torch.maximum
    """

    kind: Literal["Maximum"] = "Maximum"
    label = "Maximum"
    help = "The largest of two or more branches of the same shape, value by value."
    source = "torch.maximum"
    formula = "max(x1, x2, …)"


class Multiply(_SameShape):
    """Multiplies branches value by value; a branch of size 1 along an axis is stretched there, as a gate is.

    Input shape:  two or more with as many axes, sizes the same or 1
    Output shape: the largest size along each axis
    Raises:       ShapeError if sizes differ and neither is 1.
    Source:       torch.mul
    """

    kind: Literal["Multiply"] = "Multiply"
    label = "Multiply"
    help = "Multiplies branches value by value: a gate that opens or shuts features."
    source = "torch.mul"
    formula = "x1 * x2 * …"

    def output_shape(self, *inputs: Shape) -> Shape:
        sizes = [{size for size in axis if size != 1} or {1} for axis in zip(*inputs, strict=False)]
        if len({len(shape) for shape in inputs}) > 1 or any(len(axis) > 1 for axis in sizes):
            raise self.refuse(
                inputs, "inputs of one shape, or with size 1 where they differ",
                way_out="Give the branches the same sizes, or keep the axis of the gate with size 1",
            )  # fmt: skip
        return tuple(size for (size,) in sizes)

    def multiply_adds(self, *inputs: Shape) -> int:
        return elements(self.output_shape(*inputs)) * (len(inputs) - 1)


class Dot(Layer):
    """Sums the products of two branches along one axis: how alike they are.

    Input shape:  two of the same shape
    Output shape: the same without the axis `dim`; (1,) for flat rows
    Raises:       ShapeError if the shapes differ, or the axis does not exist.
    Source:       torch.linalg.vecdot; torch.nn.CosineSimilarity with normalize
    """

    kind: Literal["Dot"] = "Dot"
    family: ClassVar[str] = "Merging"
    label = "Dot"
    help = "The dot product of two branches: one number that says how alike they are."
    source = "torch.linalg.vecdot"
    formula = "sum_i x1_i * x2_i; with normalize divided by |x1| |x2|"
    inputs_min: ClassVar[int] = 2
    inputs_max: ClassVar[int | None] = 2
    dim: int = whole(1, "Axis", "Axis that is summed over; 1 is the first after the batch.", ge=1, le=4)
    normalize: bool = choice(False, "Normalize", "Divides by both lengths: the cosine of the angle, from -1 to 1.")
    activation: AnyActivation | None = activation_field()

    def output_shape(self, *inputs: Shape) -> Shape:
        first, place = inputs[0], self.dim - 1
        if len(set(inputs)) > 1:
            raise self.refuse(inputs, "two inputs of one shape", way_out="Give the branches the same sizes")
        if place >= len(first):
            raise self.refuse(inputs, f"an axis {self.dim}", way_out="Set the axis to 1")
        return (*first[:place], *first[place + 1 :]) or (1,)

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(f"{_MODULES}.Dot", {**self.kwargs(), "keepdim": len(inputs[0]) == 1})

    def multiply_adds(self, *inputs: Shape) -> int:
        return elements(inputs[0])


class Concat(Layer):
    """Lays branches side by side along one axis.

    Input shape:  two or more that differ only in the axis `dim`
    Output shape: the sizes along `dim` summed
    Raises:       ShapeError if another axis differs, or the axis does not exist.
    Source:       torch.cat
    """

    kind: Literal["Concat"] = "Concat"
    family: ClassVar[str] = "Merging"
    label = "Concat"
    help = "Puts two or more branches side by side, along the features or channels."
    source = "torch.cat"
    formula = "sum of the sizes along the axis"
    inputs_min: ClassVar[int] = 2
    inputs_max: ClassVar[int | None] = None
    dim: int = whole(1, "Axis", "Axis to join along; 1 is the features or channels.", ge=1, le=4)

    def output_shape(self, *inputs: Shape) -> Shape:
        axis, first = self.dim - 1, inputs[0]
        has_other_axes = len({len(shape) for shape in inputs}) > 1
        if axis >= len(first) and not has_other_axes:
            raise self.refuse(inputs, f"an axis {self.dim}", way_out="Set the axis to 1")
        if has_other_axes or len({(*shape[:axis], *shape[axis + 1 :]) for shape in inputs}) > 1:
            raise self.refuse(inputs, f"inputs that differ only in axis {self.dim}", way_out="Give them the same sizes")
        sizes = [shape[axis] for shape in inputs]
        return (*first[:axis], None if None in sizes else sum(sizes), *first[axis + 1 :])

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(f"{_MODULES}.Concat", self.kwargs())
