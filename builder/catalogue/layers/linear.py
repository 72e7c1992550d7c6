"""Fully connected layers and the layers that flatten for them."""

from math import prod
from typing import ClassVar, Literal

from pydantic import Field

from builder.catalogue.activations import AnyActivation, activation_field
from builder.catalogue.component import Shape, TorchCall, choice
from builder.catalogue.layer import Layer, elements


class Flatten(Layer):
    """Lays all axes of one example into one.

    Input shape:  any with known lengths
    Output shape: (product of all sizes,)
    Raises:       ShapeError if a length is known only at run time.
    Source:       torch.nn.Flatten
    """

    kind: Literal["Flatten"] = "Flatten"
    family: ClassVar[str] = "Shape"
    label = "Flatten"
    help = "Turns an image or a sequence into one flat row of features."
    source = "torch.nn.Flatten"
    formula = "(d1 * d2 * …,)"

    def output_shape(self, *inputs: Shape) -> Shape:
        if any(size is None for size in inputs[0]):
            raise self.refuse(
                inputs, "lengths that are known before training", way_out="Pool the open axis to a fixed size first"
            )
        return (prod(inputs[0]),)

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(self.source, {})

    def saved_elements(self, *inputs: Shape) -> int:
        return 0


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
            raise self.refuse(inputs, "a known number of features", way_out="Pool the open axis to a fixed size first")
        return (*shape[:-1], self.out_features or 1)

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(
            self.source, {"in_features": inputs[0][-1], "out_features": self.out_features, "bias": self.bias}
        )

    def parameter_count(self, *inputs: Shape) -> int:
        return (self.out_features or 1) * ((inputs[0][-1] or 0) + self.bias)

    def multiply_adds(self, *inputs: Shape) -> int:
        return elements(inputs[0]) * (self.out_features or 1)


class Dropout(Layer):
    """Zeroes values at random while training and scales the rest by 1/(1-p).

    Input shape:  any
    Output shape: the same
    Source:       torch.nn.Dropout; Srivastava et al. 2014
    """

    kind: Literal["Dropout"] = "Dropout"
    family: ClassVar[str] = "Regularization"
    label = "Dropout"
    help = (
        "Switches off a random share of values in each training step, so that the model does not rely on few of them."
    )
    source = "torch.nn.Dropout"
    formula = "x * mask / (1 - p)"
    p: float = Field(0.2, ge=0, lt=1, title="Probability", description="Share of values switched off, 0 to 1.")

    def output_shape(self, *inputs: Shape) -> Shape:
        return inputs[0]

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(self.source, {"p": self.p})
