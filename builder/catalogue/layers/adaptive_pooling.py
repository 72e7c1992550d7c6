"""Layers that pool to a size that is asked for, whatever the size that comes."""

from typing import ClassVar, Generic, Literal

from builder.catalogue.component import Shape, TorchCall
from builder.catalogue.layer import Layer
from builder.catalogue.layers.spatial import SPACES, Pair, Size, Sizes, Spatial, Triple, sizes


class _AdaptivePool(Spatial, Generic[Sizes]):
    family: ClassVar[str] = "Pooling"
    statistic: ClassVar[str]
    """torch's function that summarises a window."""
    exports_if_divided: ClassVar[bool] = True
    """Whether torch's own module can be exported where each size is a multiple of the output's."""
    formula: ClassVar[str] = "(C, *output_size)"
    output_size: Sizes = sizes(1, "Output size", "{Sizes} of the result{one_number}.")

    def output_shape(self, *inputs: Shape) -> Shape:
        shape, sizes = self.require_channels(inputs), self.each(self.output_size)
        if any(have is None and want > 1 for have, want in zip(shape[1:], sizes, strict=True)):
            needs = f"{SPACES[self.rank].thing} of known size for more than one value"  # ONNX has no such pooling
            raise self.refuse(inputs, needs, way_out="Set the output size to 1")
        return (shape[0], *sizes)

    def torch_call(self, *inputs: Shape) -> TorchCall:
        sizes = self.each(self.output_size)
        divides = all(want == 1 or have % want == 0 for have, want in zip(inputs[0][1:], sizes, strict=True))
        if set(sizes) == {1} or (divides and self.exports_if_divided):
            return TorchCall(self.source, self.kwargs())
        return TorchCall("builder.nn.modules.pooling.AdaptivePool", {"output_size": sizes, "statistic": self.statistic})


class _AdaptiveAvgPool(_AdaptivePool[Sizes], Generic[Sizes]):
    """Means over as many equal windows as make the asked size; they overlap where the size does not divide.

    Input shape:  (C, {shape})
    Output shape: (C, {shape_out}) = (C, *output_size)
    Raises:       ShapeError if the input is not (C, {shape}), or more than one value is asked of an open length.
    Source:       {source}
    """

    help = "Averages down to a fixed size whatever the size of the {word}; size 1 is global average pooling."
    statistic = "mean"


class AdaptiveAvgPool1d(_AdaptiveAvgPool[Size]):
    kind: Literal["AdaptiveAvgPool1d"] = "AdaptiveAvgPool1d"
    rank = 1


class AdaptiveAvgPool2d(_AdaptiveAvgPool[Pair]):
    kind: Literal["AdaptiveAvgPool2d"] = "AdaptiveAvgPool2d"
    rank = 2


class AdaptiveAvgPool3d(_AdaptiveAvgPool[Triple]):
    kind: Literal["AdaptiveAvgPool3d"] = "AdaptiveAvgPool3d"
    rank = 3
    exports_if_divided = False


class _AdaptiveMaxPool(_AdaptivePool[Sizes], Generic[Sizes]):
    """Largest values of as many equal windows as make the asked size; they overlap where the size does not divide.

    Input shape:  (C, {shape})
    Output shape: (C, {shape_out}) = (C, *output_size)
    Raises:       ShapeError if the input is not (C, {shape}), or more than one value is asked of an open length.
    Source:       {source}
    """

    help = "Keeps the largest values, down to a fixed size whatever the size of the {word}."
    statistic = "amax"


class AdaptiveMaxPool1d(_AdaptiveMaxPool[Size]):
    kind: Literal["AdaptiveMaxPool1d"] = "AdaptiveMaxPool1d"
    rank = 1


class AdaptiveMaxPool2d(_AdaptiveMaxPool[Pair]):
    kind: Literal["AdaptiveMaxPool2d"] = "AdaptiveMaxPool2d"
    rank = 2


class AdaptiveMaxPool3d(_AdaptiveMaxPool[Triple]):
    kind: Literal["AdaptiveMaxPool3d"] = "AdaptiveMaxPool3d"
    rank = 3


class _GlobalPool(Layer):
    family: ClassVar[str] = "Pooling"
    formula: ClassVar[str] = "(C, …) → (C,)"
    axes = ("channels",)

    def output_shape(self, *inputs: Shape) -> Shape:
        if len(inputs[0]) < 2 or inputs[0][0] is None:
            raise self.refuse(
                inputs, "channels with something to pool, as (C, H, W)", way_out=f"Remove the {self.kind}"
            )
        return inputs[0][:1]

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(self.source, {})


class GlobalAvgPool(_GlobalPool):
    """The mean of each channel.

    Input shape:  (C, …): channels first, then any number of axes
    Output shape: (C,)
    Raises:       ShapeError if there is no axis behind the channels.
    Source:       torch.mean; Lin et al. 2014
    """

    kind: Literal["GlobalAvgPool"] = "GlobalAvgPool"
    label = "GlobalAvgPool"
    help = "Averages each channel to one number: from an image or a sequence of any size to flat features."
    source = "builder.nn.modules.pooling.GlobalAvgPool"


class GlobalMaxPool(_GlobalPool):
    """The largest value of each channel.

    Input shape:  (C, …): channels first, then any number of axes
    Output shape: (C,)
    Raises:       ShapeError if there is no axis behind the channels.
    Source:       torch.amax
    """

    kind: Literal["GlobalMaxPool"] = "GlobalMaxPool"
    label = "GlobalMaxPool"
    help = "Keeps the largest value of each channel: whether a pattern was seen anywhere."
    source = "builder.nn.modules.pooling.GlobalMaxPool"
