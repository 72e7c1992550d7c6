"""Layers that disturb the values while training and do nothing afterwards."""

from typing import Any, ClassVar, Literal

from builder.catalogue.component import Shape, TorchCall, real
from builder.catalogue.layer import Layer
from builder.catalogue.layers.spatial import Spatial


def p_field(default: float, what: str) -> Any:
    return real(default, "Probability", f"Share of {what} switched off, 0 to 1.", ge=0, lt=1)


class _Disturbing(Layer):
    family: ClassVar[str] = "Regularization"
    p: float

    def output_shape(self, *inputs: Shape) -> Shape:
        return inputs[0]

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(self.source, {"p": self.p})


class Dropout(_Disturbing):
    """Zeroes values at random while training and scales the rest by 1/(1-p).

    Input shape:  any
    Output shape: the same
    Source:       torch.nn.Dropout; Srivastava et al. 2014
    """

    kind: Literal["Dropout"] = "Dropout"
    label = "Dropout"
    help = (
        "Switches off a random share of values in each training step, so that the model does not rely on few of them."
    )
    source = "torch.nn.Dropout"
    formula = "x * mask / (1 - p)"
    p: float = p_field(0.2, "values")


class _ChannelDropout(Spatial, _Disturbing):
    """Zeroes whole channels of {thing} at random while training and scales the rest by 1/(1-p).

    Input shape:  (C, {shape})
    Output shape: the same
    Raises:       ShapeError if the input is not (C, {shape}).
    Source:       {source}; Tompson et al. 2015
    """

    help = "Switches off whole channels: neighbours are alike, so that losing single values would teach little."
    formula: ClassVar[str] = "x * mask of channels / (1 - p)"
    p: float = p_field(0.2, "channels")

    def output_shape(self, *inputs: Shape) -> Shape:
        return self.require_channels(inputs)


class Dropout1d(_ChannelDropout):
    kind: Literal["Dropout1d"] = "Dropout1d"
    rank = 1


class Dropout2d(_ChannelDropout):
    kind: Literal["Dropout2d"] = "Dropout2d"
    rank = 2


class Dropout3d(_ChannelDropout):
    kind: Literal["Dropout3d"] = "Dropout3d"
    rank = 3


class AlphaDropout(_Disturbing):
    """Sets values to SELU's lowest at random while training, and keeps mean and variance.

    Input shape:  any
    Output shape: the same
    Source:       torch.nn.AlphaDropout; Klambauer et al. 2017
    """

    kind: Literal["AlphaDropout"] = "AlphaDropout"
    label = "AlphaDropout"
    help = "The dropout for SELU activations: mean and variance stay as they are."
    source = "torch.nn.AlphaDropout"
    formula = "a * (x * mask - 1.7581 * (1 - mask)) + b"
    p: float = p_field(0.05, "values")


class FeatureAlphaDropout(_Disturbing):
    """AlphaDropout of whole channels.

    Input shape:  (C, …): channels first
    Output shape: the same
    Source:       torch.nn.FeatureAlphaDropout; Klambauer et al. 2017
    """

    kind: Literal["FeatureAlphaDropout"] = "FeatureAlphaDropout"
    label = "FeatureAlphaDropout"
    help = "The dropout for SELU activations, on whole channels."
    source = "torch.nn.FeatureAlphaDropout"
    formula = "a * (x * mask of channels - 1.7581 * (1 - mask)) + b"
    p: float = p_field(0.05, "channels")


class DropPath(_Disturbing):
    """Zeroes whole examples at random while training and scales the rest by 1/(1-p): stochastic depth.

    Input shape:  any
    Output shape: the same
    Source:       Huang et al. 2016
    """

    kind: Literal["DropPath"] = "DropPath"
    label = "DropPath"
    help = "Put before the Add of a skip connection, it skips the branch for a random share of the examples."
    source = "builder.nn.modules.drop_path.DropPath"
    formula = "x * mask of examples / (1 - p)"
    p: float = p_field(0.1, "examples")
