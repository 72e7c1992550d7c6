"""Layers that shrink a sequence, an image or a volume by summarising windows of it."""

from typing import ClassVar, Generic, Literal

from pydantic import model_validator

from builder.catalogue.component import Shape, TorchCall, choice, whole
from builder.catalogue.layer import elements
from builder.catalogue.layers.spatial import (
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
from builder.catalogue.layers.windows import slide


class _Pool(Spatial, Generic[Sizes]):
    family: ClassVar[str] = "Pooling"
    formula: ClassVar[str] = "{X}_out = floor(({X} - kernel_size)/stride) + 1"
    fits_inside: ClassVar[bool] = False
    """Whether torch wants the input as large as the window, padding and rounding up left out."""
    kernel_size: Sizes = sizes(2, "Window", "{Sizes} of the window{one_number}.")
    stride: Sizes | None = sizes(None, "Stride", "How far the window moves at a time; empty means the window's size.")
    ceil_mode: bool = choice(False, "Round up", "Keeps the last window even if it hangs over the border.")

    def output_shape(self, *inputs: Shape) -> Shape:
        shape, kernel = self.require_channels(inputs), self.each(self.kernel_size)
        stride = self.each(self.stride or self.kernel_size)
        if self.fits_inside:
            slide(self, shape, kernel, stride, self.each(0), self.each(1))
        return (shape[0], *slide(self, shape, kernel, stride, self._margin(), self._spacing(), self.ceil_mode))

    def _margin(self) -> tuple[int, ...]:
        return self.each(0)

    def _spacing(self) -> tuple[int, ...]:
        return self.each(1)

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(self.source, self.kwargs())


class _PaddedPool(_Pool[Sizes], Generic[Sizes, Margins]):
    formula: ClassVar[str] = "{X}_out = floor(({X} + 2*padding - kernel_size)/stride) + 1"
    padding: Margins = sizes(0, "Padding", "Border added on each side; at most half the window.")

    @model_validator(mode="after")
    def _padding_fits(self):
        if any(2 * p > k for p, k in zip(self._margin(), self.each(self.kernel_size), strict=True)):
            raise ValueError(f"padding ({self.padding}) must be at most half of kernel_size ({self.kernel_size})")
        return self

    def _margin(self) -> tuple[int, ...]:
        return self.each(self.padding)


class _MaxPool(_PaddedPool[Sizes, Margins], Generic[Sizes, Margins]):
    """Keeps the largest value of each window of each channel.

    Input shape:  (C, {shape})
    Output shape: (C, {shape_out}), {X}_out = floor(({X} + 2*padding - dilation*(kernel_size - 1) - 1)/stride) + 1, ceil with ceil_mode
    Raises:       ShapeError if the input is not (C, {shape}) or smaller than the window.
    Source:       {source}
    """

    formula: ClassVar[str] = "{X}_out = floor(({X} + 2*padding - dilation*(kernel_size - 1) - 1)/stride) + 1"
    help = "Keeps the largest value of each window, so that {thing} shrinks and the strongest signs stay."
    dilation: Sizes = sizes(1, "Dilation", "Spacing between the values of a window{one_number}.")

    def _spacing(self) -> tuple[int, ...]:
        return self.each(self.dilation)

    def saved_elements(self, *inputs: Shape) -> int:
        return 3 * elements(self.output_shape(*inputs))  # the values and their 64-bit positions


class MaxPool1d(_MaxPool[Size, Margin]):
    kind: Literal["MaxPool1d"] = "MaxPool1d"
    rank = 1

    def torch_call(self, *inputs: Shape) -> TorchCall:
        is_open = None in inputs[0]  # torch's own cannot be exported with an open length
        return TorchCall("builder.nn.modules.pooling.MaxPool1d" if is_open else self.source, self.kwargs())


class MaxPool2d(_MaxPool[Pair, MarginPair]):
    kind: Literal["MaxPool2d"] = "MaxPool2d"
    rank = 2


class MaxPool3d(_MaxPool[Triple, MarginTriple]):
    kind: Literal["MaxPool3d"] = "MaxPool3d"
    rank = 3


class _AvgPool(_PaddedPool[Sizes, Margins], Generic[Sizes, Margins]):
    """Keeps the mean of each window of each channel.

    Input shape:  (C, {shape})
    Output shape: (C, {shape_out}), {X}_out = floor(({X} + 2*padding - kernel_size)/stride) + 1, ceil with ceil_mode
    Raises:       ShapeError if the input is not (C, {shape}) or smaller than the window.
    Source:       {source}
    """

    help = "Keeps the mean of each window."
    count_include_pad: bool = choice(True, "Count padding", "Lets padded zeros count in the mean.")


class AvgPool1d(_AvgPool[Size, Margin]):
    kind: Literal["AvgPool1d"] = "AvgPool1d"
    rank = 1


class AvgPool2d(_AvgPool[Pair, MarginPair]):
    kind: Literal["AvgPool2d"] = "AvgPool2d"
    rank = 2


class AvgPool3d(_AvgPool[Triple, MarginTriple]):
    kind: Literal["AvgPool3d"] = "AvgPool3d"
    rank = 3
    fits_inside = True


class _LPPool(_Pool[Sizes], Generic[Sizes]):
    """Keeps the p-norm of each window of each channel: p = 1 is the sum, a large p close to the maximum.

    Input shape:  (C, {shape})
    Output shape: (C, {shape_out}), {X}_out = floor(({X} - kernel_size)/stride) + 1, ceil with ceil_mode
    Raises:       ShapeError if the input is not (C, {shape}) or smaller than the window.
    Source:       {source}
    """

    help = "Keeps the norm of each window: something between its sum and its largest value."
    norm_type: int = whole(2, "Norm", "Power p: 1 sums the window, an even number takes the p-norm.", ge=1, le=16)

    @model_validator(mode="after")
    def _norm_is_a_number(self):
        if self.norm_type > 1 and self.norm_type % 2:
            raise ValueError(
                f"norm_type ({self.norm_type}) must be 1 or even: an odd root of a negative sum is no number"
            )
        return self

    def saved_elements(self, *inputs: Shape) -> int:
        return elements(inputs[0]) + 3 * elements(self.output_shape(*inputs))  # the powers, the means and their roots


class LPPool1d(_LPPool[Size]):
    kind: Literal["LPPool1d"] = "LPPool1d"
    rank = 1


class LPPool2d(_LPPool[Pair]):
    kind: Literal["LPPool2d"] = "LPPool2d"
    rank = 2


class LPPool3d(_LPPool[Triple]):
    kind: Literal["LPPool3d"] = "LPPool3d"
    rank = 3
    fits_inside = True
