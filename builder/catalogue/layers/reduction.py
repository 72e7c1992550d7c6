"""Layers that sum one axis up in one value."""

from typing import ClassVar, Literal

from builder.catalogue.activations import AnyActivation, activation_field
from builder.catalogue.component import Shape, TorchCall, choice, whole
from builder.catalogue.layer import Layer, elements


class _Reduction(Layer):
    family: ClassVar[str] = "Reduction"
    formula: ClassVar[str]
    dim: int = whole(1, "Axis", "Axis that is summed up; 1 is the first after the batch.", ge=1, le=4)
    keepdim: bool = choice(False, "Keep the axis", "Leaves the axis in place with size 1.")
    activation: AnyActivation | None = activation_field()

    def output_shape(self, *inputs: Shape) -> Shape:
        shape, place = inputs[0], self.dim - 1
        if place >= len(shape):
            raise self.refuse(inputs, f"an axis {self.dim}", way_out="Set the axis to 1")
        if len(shape) == 1 and not self.keepdim:
            raise self.refuse(inputs, "an axis that may go", way_out="Keep the axis, or leave this layer out")
        return (*shape[:place], *([1] if self.keepdim else []), *shape[place + 1 :])

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(f"builder.nn.modules.reduction.{self.kind}", self.kwargs())

    def multiply_adds(self, *inputs: Shape) -> int:
        return elements(inputs[0])


class _MaskedReduction(_Reduction):
    """Takes a second input, the mask (length,) of a PaddingMask, if padding should not count."""

    inputs_max: ClassVar[int | None] = 2

    def output_shape(self, *inputs: Shape) -> Shape:
        if len(inputs) == 2 and not (self.dim == 1 and len(inputs[0]) == 2 and inputs[1] == inputs[0][:1]):
            raise self.refuse(
                inputs, "with a mask (length,), a sequence (length, features) and axis 1",
                way_out="Connect a PaddingMask of the same length as second input, or nothing",
            )  # fmt: skip
        return super().output_shape(inputs[0])


class Mean(_MaskedReduction):
    """Mean along one axis: over the length of a sequence it gives one vector whatever the length.

    Input shape:  any; perhaps a mask (length,) as second input
    Output shape: the same without the axis `dim`, or with size 1 there
    Raises:       ShapeError if there is no such axis, or nothing would be left.
    Source:       torch.mean
    """

    kind: Literal["Mean"] = "Mean"
    label = "Mean over an axis"
    help = "Averages along one axis; after a sequence layer it gives one vector whatever the length."
    source = "torch.mean"
    formula = "sum_i x_i / n"


class Sum(_Reduction):
    """Sum along one axis.

    Input shape:  any
    Output shape: the same without the axis `dim`, or with size 1 there
    Raises:       ShapeError if there is no such axis, or nothing would be left.
    Source:       torch.sum
    """

    kind: Literal["Sum"] = "Sum"
    label = "Sum over an axis"
    help = "Adds all values along one axis."
    source = "torch.sum"
    formula = "sum_i x_i"


class Max(_Reduction):
    """Largest value along one axis.

    Input shape:  any
    Output shape: the same without the axis `dim`, or with size 1 there
    Raises:       ShapeError if there is no such axis, or nothing would be left.
    Source:       torch.amax
    """

    kind: Literal["Max"] = "Max"
    label = "Max over an axis"
    help = "Keeps the largest value along one axis: whether a sign appeared anywhere."
    source = "torch.amax"
    formula = "max_i x_i"


class Last(_MaskedReduction):
    """Last value along one axis: the last step of a sequence.

    Input shape:  any; perhaps a mask (length,) as second input
    Output shape: the same without the axis `dim`, or with size 1 there
    Raises:       ShapeError if there is no such axis, or nothing would be left.
    Source:       torch.select
    """

    kind: Literal["Last"] = "Last"
    label = "Last step"
    help = "Keeps the last step of a sequence; with a mask, the last step that is no padding."
    source = "torch.select"
    formula = "x_n"

    def multiply_adds(self, *inputs: Shape) -> int:
        return 0
