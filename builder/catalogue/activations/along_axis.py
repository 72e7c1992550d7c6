"""Activation functions that work along one axis."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from builder.catalogue.activations.base import Activation
from builder.catalogue.component import Shape
from builder.catalogue.layer import elements


def _axis(default: int, help: str) -> Any:
    return Field(
        default, ge=-4, le=4, title="Axis", json_schema_extra={"unit": ""},
        description=f"{help}; 1 is the first axis after the batch, -1 the last.",
    )  # fmt: skip


class _AlongAxis(Activation):
    """Works over one axis: the classes of a flat vector, the channels of an image.

    Input shape:  any
    Output shape: the same
    Raises:       ShapeError if there is no such axis.
    """

    dim: int = _axis(1, "Axis that is worked along")

    def output_shape(self, *inputs: Shape) -> Shape:
        self._place(inputs)
        return inputs[0]

    def _place(self, inputs: tuple[Shape, ...]) -> int:
        """The axis counted from 0 without the batch. Raises: ShapeError if there is none."""
        rank = len(inputs[0]) + 1
        if not -rank <= self.dim < rank or self.dim % rank == 0:
            raise self.refuse(
                inputs, f"an axis from 1 to {rank - 1}", got=f"axis {self.dim}", way_out="Set the axis to 1"
            )
        return self.dim % rank - 1


class Softmax(_AlongAxis):
    kind: Literal["Softmax"] = "Softmax"
    reaches = "some"
    label = "Softmax"
    help = "Turns scores into shares that sum to one; leave it off before a loss that takes logits."
    source = "torch.nn.Softmax"
    formula = "exp(x_i) / sum_j exp(x_j)"


class Softmin(_AlongAxis):
    kind: Literal["Softmin"] = "Softmin"
    reaches = "some"
    label = "Softmin"
    help = "Softmax of the negated scores: the smallest gets the largest share."
    source = "torch.nn.Softmin"
    formula = "exp(-x_i) / sum_j exp(-x_j)"


class LogSoftmax(_AlongAxis):
    kind: Literal["LogSoftmax"] = "LogSoftmax"
    reaches = "some"
    label = "Log-softmax"
    help = "Logarithm of softmax: what the NLL loss takes."
    source = "torch.nn.LogSoftmax"
    formula = "x_i - log(sum_j exp(x_j))"


class Softmax2d(Activation):
    """Softmax over the channels at each pixel.

    Input shape:  (C, H, W)
    Output shape: the same
    Raises:       ShapeError if the input is not (C, H, W).
    """

    kind: Literal["Softmax2d"] = "Softmax2d"
    reaches = "some"
    label = "Softmax over channels"
    help = "Turns the channels of each pixel into shares that sum to one."
    source = "torch.nn.Softmax2d"
    formula = "exp(x_c) / sum_k exp(x_k)"

    def output_shape(self, *inputs: Shape) -> Shape:
        if len(inputs[0]) != 3:
            raise self.refuse(inputs, "an image (C, H, W)", way_out="Use Softmax instead")
        return inputs[0]


class GLU(_AlongAxis):
    """Gated linear unit: one half of an axis opens or shuts the other half.

    Input shape:  any, with an even size along `dim`
    Output shape: the size along `dim` halved
    Raises:       ShapeError if there is no such axis, or its size is odd or known only at run time.
    Source:       torch.nn.GLU; Dauphin et al. 2017
    """

    kind: Literal["GLU"] = "GLU"
    label = "GLU"
    help = "Splits the features in two halves and multiplies the first by the sigmoid of the second."
    source = "torch.nn.GLU"
    formula: ClassVar[str] = "a * sigmoid(b), x = (a, b)"
    dim: int = _axis(-1, "Axis that is halved")

    def output_shape(self, *inputs: Shape) -> Shape:
        place, shape = self._place(inputs), inputs[0]
        if shape[place] is None or shape[place] % 2:
            raise self.refuse(
                inputs, "an even number of features to halve", way_out="Halve another axis, or make it even"
            )
        return (*shape[:place], shape[place] // 2, *shape[place + 1 :])

    def multiply_adds(self, *inputs: Shape) -> int:
        return elements(self.output_shape(*inputs))
