"""Layers that join several branches."""

from typing import ClassVar, Literal

from builder.catalogue.activations import AnyActivation, activation_field
from builder.catalogue.component import Shape, TorchCall, whole
from builder.catalogue.layer import Layer, elements


class Add(Layer):
    """Sums branches value by value, as in a skip connection.

    Input shape:  two or more of the same shape
    Output shape: the same
    Raises:       ShapeError if the shapes differ.
    Source:       torch.add
    """

    kind: Literal["Add"] = "Add"
    family: ClassVar[str] = "Merging"
    label = "Add"
    help = "Adds two or more branches of the same shape; with an earlier layer as second input it is a skip connection."
    source = "builder.nn.merging.Add"
    formula = "x1 + x2 + …"
    inputs_min: ClassVar[int] = 2
    inputs_max: ClassVar[int | None] = None
    activation: AnyActivation | None = activation_field()

    def output_shape(self, *inputs: Shape) -> Shape:
        if len(set(inputs)) > 1:
            raise self.refuse(inputs, "inputs of one shape", way_out="Give the branches the same sizes, or use Concat")
        return inputs[0]

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(self.source, {})

    def multiply_adds(self, *inputs: Shape) -> int:
        return elements(inputs[0]) * (len(inputs) - 1)


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
    source = "builder.nn.merging.Concat"
    formula = "sum of the sizes along the axis"
    inputs_min: ClassVar[int] = 2
    inputs_max: ClassVar[int | None] = None
    dim: int = whole(1, "Axis", "Axis to join along; 1 is the features or channels.", ge=1, le=4)

    def output_shape(self, *inputs: Shape) -> Shape:
        axis, first = self.dim - 1, inputs[0]
        if axis >= len(first):
            raise self.refuse(inputs, f"an axis {self.dim}", way_out="Set the axis to 1")
        if {(*shape[:axis], *shape[axis + 1 :]) for shape in inputs} != {(*first[:axis], *first[axis + 1 :])}:
            raise self.refuse(inputs, f"inputs that differ only in axis {self.dim}", way_out="Give them the same sizes")
        sizes = [shape[axis] for shape in inputs]
        return (*first[:axis], None if None in sizes else sum(sizes), *first[axis + 1 :])

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(self.source, self.kwargs())
