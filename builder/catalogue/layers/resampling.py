"""Layers that change the resolution without learned weights."""

from typing import ClassVar, Literal

from builder.catalogue.component import Shape, TorchCall, choice, real, whole
from builder.catalogue.layer import Layer
from builder.catalogue.layers.convolution import Conv2d
from builder.catalogue.layers.padding import ZeroPad2d
from builder.catalogue.layers.spatial import Spatial

_ANY, _LINEAR = ("nearest", "nearest-exact"), {1: ("linear",), 2: ("bilinear", "bicubic"), 3: ("trilinear",)}


class Upsample(Layer):
    """Enlarges by repeating or blending neighbours.

    Input shape:  (C, L), (C, H, W) or (C, D, H, W)
    Output shape: (C, …), each size times scale_factor, rounded down
    Raises:       ShapeError if the mode does not belong to so many axes, or nothing is left.
    Source:       torch.nn.Upsample
    """

    kind: Literal["Upsample"] = "Upsample"
    family: ClassVar[str] = "Resampling"
    label = "Upsample"
    help = "Enlarges a sequence, an image or a volume by a factor, without learned weights."
    source = "torch.nn.Upsample"
    formula = "H_out = floor(H * scale_factor)"
    scale_factor: float = real(2.0, "Factor", "How many times as large along each axis; below 1 shrinks.", gt=0, le=32)
    mode: Literal["nearest", "nearest-exact", "linear", "bilinear", "bicubic", "trilinear"] = choice(
        "nearest", "Mode", "Nearest repeats; linear (sequence), bilinear or bicubic (image), trilinear (volume) blend."
    )
    align_corners: bool = choice(False, "Align corners", "Keeps the outermost values in place when blending.")

    def output_shape(self, *inputs: Shape) -> Shape:
        shape = inputs[0]
        if len(shape) - 1 not in _LINEAR or shape[0] is None:
            raise self.refuse(inputs, "(C, L), (C, H, W) or (C, D, H, W)", way_out=f"Remove the {self.label}")
        modes = _ANY + _LINEAR[len(shape) - 1]
        if self.mode not in modes:
            needs = (
                f"{'a sequence' if self.mode == 'linear' else 'an image' if self.mode != 'trilinear' else 'a volume'}"
            )
            raise self.refuse(inputs, f"{needs} for mode '{self.mode}'", way_out=f"Set the mode to '{modes[2]}'")
        sizes = [None if size is None else int(size * self.scale_factor) for size in shape[1:]]
        if 0 in sizes:
            raise self.refuse(inputs, "sizes of which something is left", way_out="Make the factor larger")
        return (shape[0], *sizes)

    def torch_call(self, *inputs: Shape) -> TorchCall:
        align_corners = None if self.mode in _ANY else self.align_corners
        return TorchCall(self.source, self.kwargs("align_corners") | {"align_corners": align_corners})


class PixelShuffle(Spatial):
    """Spreads groups of channels over a finer grid: sub-pixel convolution, if a convolution comes before it.

    Input shape:  (C, H, W), C a multiple of upscale_factor²
    Output shape: (C / upscale_factor², H * upscale_factor, W * upscale_factor)
    Raises:       ShapeError if the input is not (C, H, W), or its channels do not divide.
    Source:       torch.nn.PixelShuffle; Shi et al. 2016
    """

    kind: Literal["PixelShuffle"] = "PixelShuffle"
    family: ClassVar[str] = "Resampling"
    rank = 2
    help = "Enlarges an image by spreading its channels over finer pixels; a convolution before it learns them."
    formula = "(C, H, W) → (C / r², H * r, W * r)"
    upscale_factor: int = whole(2, "Factor", "How many times as high and wide the image gets.", ge=1, le=32)

    def output_shape(self, *inputs: Shape) -> Shape:
        shape, share = self.require_channels(inputs), self.upscale_factor**2
        if shape[0] % share:
            channels = (shape[0] // share + 1) * share
            way_out = f"Put a 1 × 1 convolution to {channels} channels before it"
            remedy = (Conv2d(out_channels=channels, kernel_size=1),) if channels <= 8192 else ()
            raise self.refuse(inputs, f"channels in multiples of {share}", way_out=way_out, remedy=remedy)
        return (shape[0] // share, *(size and size * self.upscale_factor for size in shape[1:]))

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(self.source, self.kwargs())


class PixelUnshuffle(Spatial):
    """Gathers blocks of pixels into channels: the reverse of PixelShuffle.

    Input shape:  (C, H, W), H and W multiples of downscale_factor
    Output shape: (C * downscale_factor², H / downscale_factor, W / downscale_factor)
    Raises:       ShapeError if the input is not (C, H, W), or its height or width does not divide.
    Source:       torch.nn.PixelUnshuffle
    """

    kind: Literal["PixelUnshuffle"] = "PixelUnshuffle"
    family: ClassVar[str] = "Resampling"
    rank = 2
    help = "Shrinks an image without losing a value: blocks of pixels become channels."
    formula = "(C, H, W) → (C * r², H / r, W / r)"
    downscale_factor: int = whole(2, "Factor", "How many times smaller height and width get.", ge=1, le=32)

    def output_shape(self, *inputs: Shape) -> Shape:
        shape, factor = self.require_channels(inputs), self.downscale_factor
        if None in shape:
            raise self.refuse(inputs, "a height and width known before training", way_out=f"Remove the {self.label}")
        missing_H, missing_W = (-size % factor for size in shape[1:])
        if missing_H or missing_W:
            remedy = (ZeroPad2d(padding=(0, missing_W, 0, missing_H)),)
            way_out = "Pad the image, or set the factor to 1"
            raise self.refuse(inputs, f"a height and width in multiples of {factor}", way_out=way_out, remedy=remedy)
        return (shape[0] * factor**2, *(size // factor for size in shape[1:]))

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(self.source, self.kwargs())
