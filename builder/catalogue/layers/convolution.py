"""Convolutions, with the arithmetic of sliding windows that pooling shares."""

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, model_validator

from builder.catalogue.activations import AnyActivation, activation_field
from builder.catalogue.component import Shape, TorchCall, choice, whole
from builder.catalogue.layer import Layer, elements

Size = Annotated[int, Field(ge=1, le=512)]
_AS_TUPLE = BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value)  # JSON has lists alone
Pair = Size | Annotated[tuple[Size, Size], _AS_TUPLE]
"""One number for both axes, or (height, width)."""
Margin = Annotated[int, Field(ge=0, le=512)]
MarginPair = Margin | Annotated[tuple[Margin, Margin], _AS_TUPLE]


def both(value: int | tuple[int, int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else value


def pair(default: int | None, title: str, help: str) -> int:
    """A field for one number or (height, width), in pixels."""
    return Field(default, title=title, description=help, json_schema_extra={"unit": "pixels"})


def window(
    size: int | None, kernel: int, stride: int, padding: int, dilation: int = 1, ceil: bool = False
) -> int | None:
    """Number of window positions along one axis. Source: the shape formula of torch.nn.Conv2d and MaxPool2d."""
    if size is None:
        return None
    span = size + 2 * padding - dilation * (kernel - 1) - 1
    steps = -(-span // stride) if ceil else span // stride
    if ceil and steps * stride >= size + padding:  # the last window has to start inside the input or its left padding
        steps -= 1
    return steps + 1


def slide(layer: "Layer", shape: Shape, *, padding: tuple[int, int], dilation: int = 1, ceil: bool = False) -> Shape:
    """(H_out, W_out) of a layer with kernel_size and stride. Raises: ShapeError if no window fits."""
    kernel, stride = both(layer.kernel_size), both(layer.stride or layer.kernel_size)
    sizes = [window(*axis, dilation, ceil) for axis in zip(shape[1:], kernel, stride, padding, strict=True)]
    if any(size is not None and size < 1 for size in sizes):
        raise layer.refuse(
            (shape,), f"an image of at least {_least(kernel[0], padding[0], dilation)} × {_least(kernel[1], padding[1], dilation)} pixels",
            way_out="Make the kernel smaller, pad more, or pool less before it",
        )  # fmt: skip
    return tuple(sizes)


def _least(kernel: int, padding: int, dilation: int) -> int:
    return max(1, dilation * (kernel - 1) + 1 - 2 * padding)


def require_image(layer: Layer, inputs: tuple[Shape, ...]) -> Shape:
    """The (C, H, W) input. Raises: ShapeError with a way out otherwise."""
    if len(inputs[0]) == 3 and inputs[0][0] is not None:
        return inputs[0]
    way_out = (
        "Remove the Flatten or Linear before it, or use Linear instead" if len(inputs[0]) == 1 else "Use image data"
    )
    raise layer.refuse(inputs, "an image (C, H, W)", way_out=way_out)


class Conv2d(Layer):
    """Slides learned filters over an image.

    Input shape:  (C_in, H, W)
    Output shape: (out_channels, H_out, W_out), H_out = floor((H + 2*padding - dilation*(kernel_size - 1) - 1)/stride) + 1
    Raises:       ShapeError if the input is not (C, H, W), is smaller than the kernel, or does not split into groups.
    Source:       torch.nn.Conv2d
    """

    kind: Literal["Conv2d"] = "Conv2d"
    family: ClassVar[str] = "Convolution"
    label = "Conv2d"
    help = "Looks for small learned patterns everywhere in the image."
    source = "torch.nn.Conv2d"
    learns = True
    formula = "H_out = floor((H + 2*padding - dilation*(kernel_size - 1) - 1)/stride) + 1"
    out_channels: int = whole(32, "Output channels", "Number of filters.", ge=1, le=8192, unit="channels")
    kernel_size: Pair = pair(3, "Kernel size", "Height and width of each filter; one number for both.")
    stride: Pair = pair(1, "Stride", "Pixels that the filter moves at a time.")
    padding: MarginPair | Literal["same"] = Field(
        "same", title="Padding", json_schema_extra={"unit": "pixels"},
        description="Zeros added on each side; 'same' keeps height and width (stride 1 only).",
    )  # fmt: skip
    dilation: int = whole(1, "Dilation", "Spacing between the points of the kernel.", ge=1, le=64, unit="pixels")
    groups: int = whole(
        1, "Groups", "Splits the channels into this many independent parts.", ge=1, le=8192, unit="groups"
    )
    bias: bool = choice(True, "Bias", "Adds one learned number to each output channel.")
    activation: AnyActivation | None = activation_field()

    @model_validator(mode="after")
    def _same_needs_stride_one(self) -> "Conv2d":
        if self.padding == "same" and both(self.stride) != (1, 1):
            raise ValueError("padding 'same' needs stride 1; give the padding as a number of pixels")
        if self.out_channels % self.groups:
            raise ValueError(f"out_channels ({self.out_channels}) must be a multiple of groups ({self.groups})")
        return self

    def output_shape(self, *inputs: Shape) -> Shape:
        shape = require_image(self, inputs)
        if shape[0] % self.groups:
            raise self.refuse(inputs, f"channels in multiples of {self.groups} (groups)", way_out="Set groups to 1")
        if self.padding == "same":
            return (self.out_channels, *shape[1:])
        return (self.out_channels, *slide(self, shape, padding=both(self.padding), dilation=self.dilation))

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(self.source, {"in_channels": inputs[0][0], **self.kwargs()})

    def parameter_count(self, *inputs: Shape) -> int:
        return self.out_channels * (self._weights_per_filter(inputs[0]) + self.bias)

    def multiply_adds(self, *inputs: Shape) -> int:
        return elements(self.output_shape(*inputs)) * self._weights_per_filter(inputs[0])

    def _weights_per_filter(self, shape: Shape) -> int:
        height, width = both(self.kernel_size)
        return shape[0] // self.groups * height * width
