"""The base of the activation functions."""

from typing import ClassVar, Literal

from builder.catalogue.component import TorchCall
from builder.catalogue.layer import Layer, Shape, elements

Reach = Literal["all", "positive", "unit", "signed", "some"]
"""Values that an activation can give: every number, every one above 0, those from 0 to 1, from -1 to 1, or only some."""


class Activation(Layer):
    """Works on each value by itself unless it says otherwise.

    Input shape:  any
    Output shape: the same
    """

    family: ClassVar[str] = "Activation"
    formula: ClassVar[str]
    reaches: ClassVar[Reach] = "all"
    can_die: ClassVar[bool] = False
    """Whether it gives exactly 0, flat, for everything below some value, so that a unit may end there for good."""

    def output_shape(self, *inputs: Shape) -> Shape:
        return inputs[0]

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(self.source, self.model_dump(exclude={"kind"}))

    def multiply_adds(self, *inputs: Shape) -> int:
        return 0

    def saved_elements(self, *inputs: Shape) -> int:
        return elements(inputs[0])
