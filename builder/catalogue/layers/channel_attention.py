"""Layers that weigh channels against each other."""

from typing import ClassVar, Literal

from builder.catalogue.component import Shape, TorchCall, whole
from builder.catalogue.layer import Layer, elements


class SqueezeExcitation(Layer):
    """Scales each channel by a gate between 0 and 1 that two small layers draw from the means of all channels.

    Input shape:  (C, …): channels first, then at least one axis
    Output shape: the same
    Raises:       ShapeError if there is no axis behind the channels.
    Source:       Hu et al. 2018
    """

    kind: Literal["SqueezeExcitation"] = "SqueezeExcitation"
    family: ClassVar[str] = "Attention"
    label = "Squeeze and excitation"
    help = "Learns which channels matter for each example, and turns the others down."
    source = "builder.nn.modules.squeeze_excitation.SqueezeExcitation"
    formula = "x * sigmoid(W2 relu(W1 mean(x)))"
    reduction: int = whole(16, "Reduction", "The inner layer has this many times fewer channels.", ge=1, le=512)

    def output_shape(self, *inputs: Shape) -> Shape:
        if len(inputs[0]) < 2 or inputs[0][0] is None:
            needs = "channels and at least one more axis, as (C, H, W)"
            raise self.refuse(inputs, needs, way_out=f"Remove the {self.label}")
        return inputs[0]

    def torch_call(self, *inputs: Shape) -> TorchCall:
        channels = inputs[0][0]
        return TorchCall(self.source, {"channels": channels, "squeezed": self._squeezed(channels)})

    def parameter_count(self, *inputs: Shape) -> int:
        channels, squeezed = inputs[0][0], self._squeezed(inputs[0][0])
        return 2 * channels * squeezed + channels + squeezed

    def multiply_adds(self, *inputs: Shape) -> int:
        return 2 * inputs[0][0] * self._squeezed(inputs[0][0])

    def saved_elements(self, *inputs: Shape) -> int:
        channels = inputs[0][0]
        return elements(inputs[0]) + 2 * channels + self._squeezed(channels)

    def _squeezed(self, channels: int) -> int:
        return max(1, channels // self.reduction)
