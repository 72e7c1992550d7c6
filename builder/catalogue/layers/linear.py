"""Fully connected layers."""

from typing import ClassVar, Literal

from pydantic import Field

from builder.catalogue.activations import AnyActivation, activation_field
from builder.catalogue.component import Shape, TorchCall, choice, whole
from builder.catalogue.layer import Layer, elements
from builder.catalogue.layers.reshaping import Flatten, refuse_open


class Linear(Layer):
    """Multiplies by a learned matrix and adds a learned bias.

    Input shape:  (in_features,) or (length, in_features)
    Output shape: (out_features,) or (length, out_features)
    Raises:       ShapeError if the input is an image.
    Source:       torch.nn.Linear
    """

    kind: Literal["Linear"] = "Linear"
    family: ClassVar[str] = "Linear"
    label = "Linear"
    help = "Fully connected: every output sees every input."
    source = "torch.nn.Linear"
    formula = "(…, in_features) → (…, out_features)"
    follows_data = "out_features"
    learns = True
    out_features: int | None = Field(
        None, ge=1, le=65536, title="Output features",
        description="Number of outputs; empty on the last layer means: as many as the data asks for.",
        json_schema_extra={"unit": "features"},
    )  # fmt: skip
    bias: bool = choice(True, "Bias", "Adds one learned number to each output.")
    activation: AnyActivation | None = activation_field()

    def output_shape(self, *inputs: Shape) -> Shape:
        shape = inputs[0]
        if not 1 <= len(shape) <= 2:
            raise self.refuse(
                inputs, "a flat row (features,)", way_out="Add a Flatten before it", remedy=(Flatten(),)
            )  # fmt: skip
        if shape[-1] is None:
            raise refuse_open(self, inputs)
        return (*shape[:-1], self.out_features or 1)

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(
            self.source, {"in_features": inputs[0][-1], "out_features": self.out_features, "bias": self.bias}
        )

    def parameter_count(self, *inputs: Shape) -> int:
        return (self.out_features or 1) * ((inputs[0][-1] or 0) + self.bias)

    def multiply_adds(self, *inputs: Shape) -> int:
        return elements(inputs[0]) * (self.out_features or 1)


class Bilinear(Layer):
    """Weighs every product of a value of one input with a value of the other.

    Input shape:  (F1,) and (F2,), or (length, F1) and (length, F2)
    Output shape: (out_features,) or (length, out_features)
    Raises:       ShapeError if the inputs have other shapes or different lengths.
    Source:       torch.nn.Bilinear
    """

    kind: Literal["Bilinear"] = "Bilinear"
    family: ClassVar[str] = "Linear"
    label = "Bilinear"
    help = "Joins two inputs by a learned matrix for each output; sees how they act together."
    source = "torch.nn.Bilinear"
    formula = "x1 · A_k · x2 + b_k"
    inputs_min: ClassVar[int] = 2
    inputs_max: ClassVar[int | None] = 2
    learns = True
    out_features: int = whole(32, "Output features", "Number of outputs.", ge=1, le=65536, unit="features")
    bias: bool = choice(True, "Bias", "Adds one learned number to each output.")
    activation: AnyActivation | None = activation_field()

    def output_shape(self, *inputs: Shape) -> Shape:
        first, second = inputs
        if not 1 <= len(first) <= 2 or first[:-1] != second[:-1] or None in (first[-1], second[-1]):
            raise self.refuse(
                inputs, "two rows (features,), or two sequences of one length", way_out="Add a Flatten before each"
            )
        return (*first[:-1], self.out_features)

    def torch_call(self, *inputs: Shape) -> TorchCall:
        first, second = inputs
        return TorchCall(self.source, {"in1_features": first[-1], "in2_features": second[-1], **self.kwargs()})

    def parameter_count(self, *inputs: Shape) -> int:
        return self.out_features * (inputs[0][-1] * inputs[1][-1] + self.bias)

    def multiply_adds(self, *inputs: Shape) -> int:
        first, second = inputs
        return elements(first[:-1]) * self.out_features * (first[-1] + 1) * second[-1]
