"""Transposed convolutions: learned filters that enlarge a sequence, an image or a volume."""

from math import prod
from typing import ClassVar, Generic, Literal

from pydantic import model_validator

from builder.catalogue.activations import AnyActivation, activation_field
from builder.catalogue.component import Shape, TorchCall, choice
from builder.catalogue.layer import elements
from builder.catalogue.layers.convolution import channels_field, groups_field, require_groups
from builder.catalogue.layers.spatial import (
    SPACES,
    Margin,
    MarginPair,
    Margins,
    MarginTriple,
    Pair,
    Size,
    Sizes,
    Spatial,
    Triple,
    sizes,
)


class _ConvTranspose(Spatial, Generic[Sizes, Margins]):
    """Stamps learned filters, scaled by each value of the input, onto a larger {word}.

    Input shape:  (C_in, {shape})
    Output shape: (out_channels, {shape_out}), {X}_out = ({X} - 1)*stride - 2*padding + dilation*(kernel_size - 1) + output_padding + 1
    Raises:       ShapeError if the input is not (C, {shape}), does not split into groups, or nothing is left of it.
    Source:       {source}
    """

    family: ClassVar[str] = "Convolution"
    learns = True
    formula: ClassVar[str] = "{X}_out = ({X} - 1)*stride - 2*padding + dilation*(kernel_size - 1) + output_padding + 1"
    help = "Enlarges {thing} by learned filters, as decoders and generators do; with kernel and stride 2 it doubles it."
    out_channels: int = channels_field()
    kernel_size: Sizes = sizes(2, "Kernel size", "{Sizes} of each filter{one_number}.")
    stride: Sizes = sizes(2, "Stride", "How far the stamps lie apart: the factor of growth{one_number}.")
    padding: Margins = sizes(0, "Padding", "Cut off each side of the result{one_number}.")
    output_padding: Margins = sizes(0, "Output padding", "Added behind the result; smaller than stride or dilation{one_number}.")  # fmt: skip
    dilation: Sizes = sizes(1, "Dilation", "Spacing between the points of the kernel{one_number}.")
    groups: int = groups_field()
    bias: bool = choice(True, "Bias", "Adds one learned number to each output channel.")
    activation: AnyActivation | None = activation_field()

    @model_validator(mode="after")
    def _torch_takes_it(self):
        if self.out_channels % self.groups:
            raise ValueError(f"out_channels ({self.out_channels}) must be a multiple of groups ({self.groups})")
        axes = zip(*map(self.each, (self.output_padding, self.stride, self.dilation)), strict=True)
        if any(extra >= max(stride, dilation) for extra, stride, dilation in axes):
            raise ValueError(f"output_padding ({self.output_padding}) must be smaller than stride or dilation")
        return self

    def output_shape(self, *inputs: Shape) -> Shape:
        shape = self.require_channels(inputs)
        require_groups(self, inputs, shape[0])
        fields = (self.kernel_size, self.stride, self.padding, self.output_padding, self.dilation)
        sizes = tuple(map(_stamped, shape[1:], *map(self.each, fields)))
        if any(size is not None and size < 1 for size in sizes):
            needs = f"{SPACES[self.rank].thing} of which the padding leaves something"
            raise self.refuse(inputs, needs, way_out="Make the padding smaller or the kernel larger")
        return (self.out_channels, *sizes)

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(self.source, {"in_channels": inputs[0][0], **self.kwargs()})

    def parameter_count(self, *inputs: Shape) -> int:
        return inputs[0][0] * self._weights_per_channel() + self.out_channels * self.bias

    def multiply_adds(self, *inputs: Shape) -> int:
        return elements(inputs[0]) * self._weights_per_channel()

    def _weights_per_channel(self) -> int:
        return self.out_channels // self.groups * prod(self.each(self.kernel_size))


def _stamped(size: int | None, kernel: int, stride: int, padding: int, extra: int, dilation: int) -> int | None:
    """Length of one axis. Source: the shape formula of torch.nn.ConvTranspose2d."""
    if size is None:
        return None
    return (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + extra + 1


class ConvTranspose1d(_ConvTranspose[Size, Margin]):
    kind: Literal["ConvTranspose1d"] = "ConvTranspose1d"
    rank = 1


class ConvTranspose2d(_ConvTranspose[Pair, MarginPair]):
    kind: Literal["ConvTranspose2d"] = "ConvTranspose2d"
    rank = 2


class ConvTranspose3d(_ConvTranspose[Triple, MarginTriple]):
    kind: Literal["ConvTranspose3d"] = "ConvTranspose3d"
    rank = 3
