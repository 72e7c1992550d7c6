"""Convolutions: learned filters that slide over a sequence, an image or a volume."""

from math import gcd, prod
from typing import Annotated, Any, ClassVar, Generic, Literal

from pydantic import model_validator

from builder.catalogue.activations import AnyActivation, activation_field
from builder.catalogue.component import Shape, TorchCall, choice, whole
from builder.catalogue.layer import elements
from builder.catalogue.layers.padding import check_margins
from builder.catalogue.layers.spatial import Margin, Margins, Pair, Size, Sizes, Spatial, Triple, one_sentence, sizes
from builder.catalogue.layers.windows import slide

Padding1 = Annotated[Margin | Literal["same"], one_sentence(0, "'same'")]
Padding2 = Annotated[Margin | tuple[Margin, Margin] | Literal["same"], one_sentence(0, "two of them", "'same'")]
Padding3 = Annotated[
    Margin | tuple[Margin, Margin, Margin] | Literal["same"], one_sentence(0, "three of them", "'same'")
]


def channels_field() -> Any:
    return whole(32, "Output channels", "Number of filters.", ge=1, le=8192, unit="channels")


def groups_field() -> Any:
    return whole(1, "Groups", "Splits the channels into this many independent parts.", ge=1, le=8192, unit="groups")


class _Sliding(Spatial, Generic[Sizes, Margins]):
    """Filters that slide over the input, however many channels each of them sees."""

    family: ClassVar[str] = "Convolution"
    learns = True
    formula: ClassVar[str] = "{X}_out = floor(({X} + 2*padding - dilation*(kernel_size - 1) - 1)/stride) + 1"
    kernel_size: Sizes = sizes(3, "Kernel size", "{Sizes} of each filter{one_number}.")
    stride: Sizes = sizes(1, "Stride", "How far the filter moves at a time{one_number}.")
    padding: Margins = sizes(
        "same", "Padding", "Margin added on each side{one_number}; 'same' keeps {sizes} (stride 1 only)."
    )
    dilation: Sizes = sizes(1, "Dilation", "Spacing between the points of the kernel{one_number}.")
    padding_mode: Literal["zeros", "reflect", "replicate", "circular"] = choice(
        "zeros", "Padding mode", "What the margin is filled with: zeros, a mirror image, the border, or the other end."
    )

    @model_validator(mode="after")
    def _same_needs_stride_one(self):
        if self.padding == "same" and max(self.each(self.stride)) > 1:
            raise ValueError("padding 'same' needs stride 1; give the padding as a number")
        return self

    def _slid(self, shape: Shape) -> Shape:
        """The output's spatial sizes. Raises: Refusal if no window fits, or the margin is more than can be mirrored."""
        check_margins(self, shape, self._margins(), self.padding_mode)
        if self.padding == "same":
            return shape[1:]
        kernel, stride, dilation = map(self.each, (self.kernel_size, self.stride, self.dilation))
        return slide(self, shape, kernel, stride, self.each(self.padding), dilation)

    def _margins(self) -> tuple[tuple[int, int], ...]:
        """(before, after) for each spatial axis; 'same' puts the odd one behind."""
        if self.padding != "same":
            return tuple((margin, margin) for margin in self.each(self.padding))
        spans = zip(self.each(self.kernel_size), self.each(self.dilation), strict=True)
        totals = [dilation * (kernel - 1) for kernel, dilation in spans]
        return tuple((total // 2, total - total // 2) for total in totals)

    def _filter_size(self) -> int:
        return prod(self.each(self.kernel_size))


class _Filters(Spatial):
    out_channels: int = channels_field()


class _Conv(_Sliding[Sizes, Margins], _Filters, Generic[Sizes, Margins]):
    """Slides learned filters over {thing}.

    Input shape:  (C_in, {shape})
    Output shape: (out_channels, {shape_out}), {X}_out = floor(({X} + 2*padding - dilation*(kernel_size - 1) - 1)/stride) + 1
    Raises:       ShapeError if the input is not (C, {shape}), is smaller than the kernel, or does not split into groups.
    Source:       {source}
    """

    help = "Looks for small learned patterns everywhere in {thing}."
    groups: int = groups_field()
    bias: bool = choice(True, "Bias", "Adds one learned number to each output channel.")
    activation: AnyActivation | None = activation_field()

    @model_validator(mode="after")
    def _filters_split_into_groups(self):
        if self.out_channels % self.groups:
            raise ValueError(f"out_channels ({self.out_channels}) must be a multiple of groups ({self.groups})")
        return self

    def output_shape(self, *inputs: Shape) -> Shape:
        shape = self.require_channels(inputs)
        require_groups(self, inputs, shape[0])
        return (self.out_channels, *self._slid(shape))

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(self.source, {"in_channels": inputs[0][0], **self.kwargs()})

    def parameter_count(self, *inputs: Shape) -> int:
        return self.out_channels * (self._weights_per_filter(inputs[0]) + self.bias)

    def multiply_adds(self, *inputs: Shape) -> int:
        return elements(self.output_shape(*inputs)) * self._weights_per_filter(inputs[0])

    def _weights_per_filter(self, shape: Shape) -> int:
        return shape[0] // self.groups * self._filter_size()


def require_groups(layer: Spatial, inputs: tuple[Shape, ...], channels: int) -> None:
    """Raises: Refusal if the channels do not split into the layer's groups."""
    if channels % layer.groups:
        way_out = f"Set groups to {gcd(channels, layer.groups)}"
        raise layer.refuse(inputs, f"channels in multiples of {layer.groups} (groups)", way_out=way_out)


class Conv1d(_Conv[Size, Padding1]):
    kind: Literal["Conv1d"] = "Conv1d"
    rank = 1


class Conv2d(_Conv[Pair, Padding2]):
    kind: Literal["Conv2d"] = "Conv2d"
    rank = 2


class Conv3d(_Conv[Triple, Padding3]):
    kind: Literal["Conv3d"] = "Conv3d"
    rank = 3


class _DepthwiseConv(_Sliding[Sizes, Margins], Generic[Sizes, Margins]):
    """Slides filters of their own over each channel of {thing}, without mixing the channels.

    Input shape:  (C_in, {shape})
    Output shape: (C_in * depth_multiplier, {shape_out}), {X}_out = floor(({X} + 2*padding - dilation*(kernel_size - 1) - 1)/stride) + 1
    Raises:       ShapeError if the input is not (C, {shape}) or is smaller than the kernel.
    Source:       {source} with groups = in_channels; Howard et al. 2017
    """

    source = "torch.nn.Conv{rank}d"
    help = "Looks for patterns in each channel by itself: far cheaper than a convolution that sees all of them."
    depth_multiplier: int = whole(1, "Depth multiplier", "Filters for each input channel.", ge=1, le=64, unit="filters")
    bias: bool = choice(True, "Bias", "Adds one learned number to each output channel.")
    activation: AnyActivation | None = activation_field()

    def output_shape(self, *inputs: Shape) -> Shape:
        shape = self.require_channels(inputs)
        return (shape[0] * self.depth_multiplier, *self._slid(shape))

    def torch_call(self, *inputs: Shape) -> TorchCall:
        channels = inputs[0][0]
        sizes = {"in_channels": channels, "out_channels": channels * self.depth_multiplier, "groups": channels}
        return TorchCall(self.source, sizes | self.kwargs("depth_multiplier"))

    def parameter_count(self, *inputs: Shape) -> int:
        return inputs[0][0] * self.depth_multiplier * (self._filter_size() + self.bias)

    def multiply_adds(self, *inputs: Shape) -> int:
        return elements(self.output_shape(*inputs)) * self._filter_size()


class DepthwiseConv1d(_DepthwiseConv[Size, Padding1]):
    kind: Literal["DepthwiseConv1d"] = "DepthwiseConv1d"
    rank = 1


class DepthwiseConv2d(_DepthwiseConv[Pair, Padding2]):
    kind: Literal["DepthwiseConv2d"] = "DepthwiseConv2d"
    rank = 2


class _SeparableConv(_Sliding[Sizes, Margins], _Filters, Generic[Sizes, Margins]):
    """Slides filters over each channel of {thing} by itself, then mixes the channels position by position.

    Input shape:  (C_in, {shape})
    Output shape: (out_channels, {shape_out}), {X}_out = floor(({X} + 2*padding - dilation*(kernel_size - 1) - 1)/stride) + 1
    Raises:       ShapeError if the input is not (C, {shape}) or is smaller than the kernel.
    Source:       torch.nn.Conv{rank}d, twice; Chollet 2017
    """

    source = "builder.nn.modules.separable.SeparableConv{rank}d"
    help = "A convolution in two cheap steps: patterns in each channel first, then a mix of the channels."
    depth_multiplier: int = whole(1, "Depth multiplier", "Filters for each input channel.", ge=1, le=64, unit="filters")
    bias: bool = choice(True, "Bias", "Adds one learned number to each output channel.")
    activation: AnyActivation | None = activation_field()

    def output_shape(self, *inputs: Shape) -> Shape:
        return (self.out_channels, *self._slid(self.require_channels(inputs)))

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(self.source, {"in_channels": inputs[0][0], **self.kwargs()})

    def parameter_count(self, *inputs: Shape) -> int:
        inner = inputs[0][0] * self.depth_multiplier
        return inner * self._filter_size() + self.out_channels * (inner + self.bias)

    def multiply_adds(self, *inputs: Shape) -> int:
        inner = inputs[0][0] * self.depth_multiplier
        positions = elements(self.output_shape(*inputs)[1:])
        return positions * inner * (self._filter_size() + self.out_channels)

    def saved_elements(self, *inputs: Shape) -> int:
        inner = inputs[0][0] * self.depth_multiplier
        return elements(self.output_shape(*inputs)[1:]) * (inner + self.out_channels)


class SeparableConv1d(_SeparableConv[Size, Padding1]):
    kind: Literal["SeparableConv1d"] = "SeparableConv1d"
    rank = 1


class SeparableConv2d(_SeparableConv[Pair, Padding2]):
    kind: Literal["SeparableConv2d"] = "SeparableConv2d"
    rank = 2
