"""Layers that shrink an image by summarising windows of it."""

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from builder.catalogue.component import Shape, TorchCall, choice
from builder.catalogue.layer import Layer, elements
from builder.catalogue.layers.convolution import MarginPair, Pair, both, pair, require_image, slide


class _Pool2d(Layer):
    """Summarises each window of each channel by one value.

    Input shape:  (C, H, W)
    Output shape: (C, H_out, W_out), H_out = floor((H + 2*padding - kernel_size)/stride) + 1, ceil with ceil_mode
    Raises:       ShapeError if the input is not (C, H, W) or smaller than the window.
    """

    family: ClassVar[str] = "Pooling"
    formula = "H_out = floor((H + 2*padding - kernel_size)/stride) + 1"
    kernel_size: Pair = pair(2, "Window", "Height and width of the window; one number for both.")
    stride: Pair | None = pair(None, "Stride", "Pixels that the window moves at a time; empty means the window's size.")
    padding: MarginPair = pair(0, "Padding", "Border added on each side; at most half the window.")
    ceil_mode: bool = choice(False, "Round up", "Keeps the last window even if it hangs over the border.")

    @model_validator(mode="after")
    def _padding_fits(self):
        if any(2 * p > k for p, k in zip(both(self.padding), both(self.kernel_size), strict=True)):
            raise ValueError(f"padding ({self.padding}) must be at most half of kernel_size ({self.kernel_size})")
        return self

    def output_shape(self, *inputs: Shape) -> Shape:
        shape = require_image(self, inputs)
        return (shape[0], *slide(self, shape, padding=both(self.padding), ceil=self.ceil_mode))

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(self.source, self.kwargs())


class MaxPool2d(_Pool2d):
    __doc__ = _Pool2d.__doc__ + "    Source:       torch.nn.MaxPool2d\n"

    kind: Literal["MaxPool2d"] = "MaxPool2d"
    label = "MaxPool2d"
    help = "Keeps the largest value of each window, so that the image shrinks and the strongest signs stay."
    source = "torch.nn.MaxPool2d"

    def saved_elements(self, *inputs: Shape) -> int:
        return 3 * elements(self.output_shape(*inputs))  # the values and their 64-bit positions


class AvgPool2d(_Pool2d):
    __doc__ = _Pool2d.__doc__ + "    Source:       torch.nn.AvgPool2d\n"

    kind: Literal["AvgPool2d"] = "AvgPool2d"
    label = "AvgPool2d"
    help = "Keeps the mean of each window."
    source = "torch.nn.AvgPool2d"
    count_include_pad: bool = choice(True, "Count padding", "Lets padded zeros count in the mean.")


class AdaptiveAvgPool2d(Layer):
    """Means over as many equal windows as make the asked size.

    Input shape:  (C, H, W)
    Output shape: (C, output_size, output_size)
    Raises:       ShapeError if the input is not (C, H, W), or its size does not divide (ONNX has no such pooling).
    Source:       torch.nn.AdaptiveAvgPool2d
    """

    kind: Literal["AdaptiveAvgPool2d"] = "AdaptiveAvgPool2d"
    family: ClassVar[str] = "Pooling"
    label = "AdaptiveAvgPool2d"
    help = "Averages down to a fixed size whatever the image's size; size 1 is global average pooling."
    source = "torch.nn.AdaptiveAvgPool2d"
    formula = "(C, output_size, output_size)"
    output_size: Pair = Field(
        1, title="Output size", description="Height and width of the result; one number for both.",
        json_schema_extra={"unit": "pixels"},
    )  # fmt: skip

    def output_shape(self, *inputs: Shape) -> Shape:
        shape, size = require_image(self, inputs), both(self.output_size)
        if any(have is not None and have % want for have, want in zip(shape[1:], size, strict=True)):
            raise self.refuse(
                inputs, f"a height and width that divide by {size[0]} × {size[1]}", way_out="Set the output size to 1"
            )
        return (shape[0], *size)

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(self.source, self.kwargs())
