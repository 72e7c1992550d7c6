"""Layers that bring values to mean 0 and variance 1, over the batch or for each example by itself."""

from math import gcd
from typing import Any, ClassVar, Literal

from builder.catalogue.activations import AnyActivation, activation_field
from builder.catalogue.component import Shape, TorchCall, choice, real, whole
from builder.catalogue.layer import Layer, elements
from builder.catalogue.layers.spatial import Spatial


def eps_field() -> Any:
    return real(1e-5, "Epsilon", "Added to the variance so that nothing is divided by zero.", gt=0, le=0.1)


class _ChannelNorm(Spatial):
    """Normalises each channel."""

    family: ClassVar[str] = "Normalization"
    formula: ClassVar[str] = "(x - mean) / sqrt(var + eps) * weight + bias"
    eps: float = eps_field()

    def output_shape(self, *inputs: Shape) -> Shape:
        return self.require_channels(inputs)

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(self.source, {"num_features": inputs[0][0], **self.kwargs()})

    def parameter_count(self, *inputs: Shape) -> int:
        return 2 * inputs[0][0] if self.affine else 0

    def multiply_adds(self, *inputs: Shape) -> int:
        return elements(inputs[0])


class _BatchNorm(_ChannelNorm):
    """Normalises each channel over the batch and {thing}.

    Input shape:  (C, {shape})
    Output shape: the same
    Raises:       ShapeError if the input is not (C, {shape}).
    Source:       {source}; Ioffe and Szegedy 2015
    """

    help = "Keeps each channel at mean 0 and variance 1 over the batch, which makes convolutions train faster."
    needs_several_rows = True
    momentum: float = real(0.1, "Momentum", "Share of each new batch in the running mean and variance.", gt=0, le=1)
    affine: bool = choice(True, "Learned scale", "Learns a scale and an offset for each channel.")
    activation: AnyActivation | None = activation_field()


class BatchNorm1d(_BatchNorm):
    """Normalises each feature, or each channel of a sequence, over the batch.

    Input shape:  (C,) or (C, L)
    Output shape: the same
    Raises:       ShapeError if the input is an image.
    Source:       torch.nn.BatchNorm1d; Ioffe and Szegedy 2015
    """

    kind: Literal["BatchNorm1d"] = "BatchNorm1d"
    rank = 1
    help = "Keeps flat features at mean 0 and variance 1 over the batch, which makes deep stacks train faster."

    def output_shape(self, *inputs: Shape) -> Shape:
        if len(inputs[0]) == 1 and None not in inputs[0]:
            return inputs[0]
        return super().output_shape(*inputs)


class BatchNorm2d(_BatchNorm):
    kind: Literal["BatchNorm2d"] = "BatchNorm2d"
    rank = 2


class BatchNorm3d(_BatchNorm):
    kind: Literal["BatchNorm3d"] = "BatchNorm3d"
    rank = 3


class _InstanceNorm(_ChannelNorm):
    """Normalises each channel of each example by itself.

    Input shape:  (C, {shape})
    Output shape: the same
    Raises:       ShapeError if the input is not (C, {shape}), or holds one value in each channel.
    Source:       {source}; Ulyanov et al. 2016
    """

    help = "Takes contrast and brightness out of each channel of {thing} by itself, as in style transfer."
    affine: bool = choice(False, "Learned scale", "Learns a scale and an offset for each channel.")
    activation: AnyActivation | None = activation_field()

    def output_shape(self, *inputs: Shape) -> Shape:
        shape = self.require_channels(inputs)
        if elements(shape[1:]) == 1:
            raise self.refuse(
                inputs, "more than one value in each channel", way_out="Use BatchNorm or LayerNorm instead"
            )
        return shape


class InstanceNorm1d(_InstanceNorm):
    kind: Literal["InstanceNorm1d"] = "InstanceNorm1d"
    rank = 1


class InstanceNorm2d(_InstanceNorm):
    kind: Literal["InstanceNorm2d"] = "InstanceNorm2d"
    rank = 2


class InstanceNorm3d(_InstanceNorm):
    kind: Literal["InstanceNorm3d"] = "InstanceNorm3d"
    rank = 3


class GroupNorm(Layer):
    """Normalises groups of channels of each example by itself.

    Input shape:  (C, …), C a multiple of num_groups
    Output shape: the same
    Raises:       ShapeError if the channels do not split into groups, or a group holds one value.
    Source:       torch.nn.GroupNorm; Wu and He 2018
    """

    kind: Literal["GroupNorm"] = "GroupNorm"
    family: ClassVar[str] = "Normalization"
    label = "GroupNorm"
    help = "Like BatchNorm, but over groups of channels of one example: works with any batch size."
    source = "torch.nn.GroupNorm"
    formula = "(x - mean) / sqrt(var + eps) * weight + bias"
    num_groups: int = whole(4, "Groups", "Groups that the channels are split into.", ge=1, le=8192, unit="groups")
    eps: float = eps_field()
    affine: bool = choice(True, "Learned scale", "Learns a scale and an offset for each channel.")
    activation: AnyActivation | None = activation_field()

    def output_shape(self, *inputs: Shape) -> Shape:
        shape = inputs[0]
        if shape[0] is None:
            raise self.refuse(inputs, "a known number of channels", way_out="Put the channels first with a Permute")
        if shape[0] % self.num_groups:
            way_out = f"Set the groups to {gcd(shape[0], self.num_groups)}"
            raise self.refuse(inputs, f"channels in multiples of {self.num_groups} (groups)", way_out=way_out)
        if elements(shape) == self.num_groups:
            raise self.refuse(inputs, "more than one value in each group", way_out="Set the groups to a smaller number")
        return shape

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(self.source, {"num_channels": inputs[0][0], **self.kwargs()})

    def parameter_count(self, *inputs: Shape) -> int:
        return 2 * inputs[0][0] if self.affine else 0

    def multiply_adds(self, *inputs: Shape) -> int:
        return 2 * elements(inputs[0])


class _ExampleNorm(Layer):
    """Normalises each example by itself: over all axes of a flat row or an image, over the features of a sequence."""

    family: ClassVar[str] = "Normalization"
    parameters_per_value: ClassVar[int]
    eps: float = eps_field()
    elementwise_affine: bool = choice(True, "Learned scale", "Learns a scale for each value.")
    activation: AnyActivation | None = activation_field()

    def output_shape(self, *inputs: Shape) -> Shape:
        if any(size is None for size in self._normalized(inputs[0])):
            raise self.refuse(inputs, "sizes that are known before training", way_out="Pool the open axis first")
        return inputs[0]

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(self.source, {"normalized_shape": self._normalized(inputs[0]), **self.kwargs()})

    def parameter_count(self, *inputs: Shape) -> int:
        return self.parameters_per_value * elements(self._normalized(inputs[0])) if self.elementwise_affine else 0

    def multiply_adds(self, *inputs: Shape) -> int:
        return self.parameters_per_value * elements(inputs[0])

    @staticmethod
    def _normalized(shape: Shape) -> Shape:
        return shape[-1:] if len(shape) == 2 else shape


class LayerNorm(_ExampleNorm):
    """Normalises each example by itself: over all axes of a flat row or an image, over the features of a sequence.

    Input shape:  (features,), (length, features), (C, H, W) or (C, D, H, W)
    Output shape: the same
    Raises:       ShapeError if a size to normalise over is known only at run time.
    Source:       torch.nn.LayerNorm; Ba et al. 2016
    """

    kind: Literal["LayerNorm"] = "LayerNorm"
    label = "LayerNorm"
    help = "Keeps the values of each example at mean 0 and variance 1; works with any batch size."
    source = "torch.nn.LayerNorm"
    formula = "(x - mean) / sqrt(var + eps) * weight + bias"
    parameters_per_value = 2


class RMSNorm(_ExampleNorm):
    """Divides each example by its root mean square: over all axes of a row or an image, over a sequence's features.

    Input shape:  (features,), (length, features), (C, H, W) or (C, D, H, W)
    Output shape: the same
    Raises:       ShapeError if a size to normalise over is known only at run time.
    Source:       torch.nn.RMSNorm; Zhang and Sennrich 2019
    """

    kind: Literal["RMSNorm"] = "RMSNorm"
    label = "RMSNorm"
    help = "LayerNorm without the mean: cheaper, and usual in recent language models."
    source = "torch.nn.RMSNorm"
    formula = "x / sqrt(mean(x²) + eps) * weight"
    parameters_per_value = 1


class LocalResponseNorm(Layer):
    """Damps each value by its neighbours in nearby channels.

    Input shape:  (C, …): channels first, then at least one axis
    Output shape: the same
    Raises:       ShapeError if there is no axis behind the channels.
    Source:       torch.nn.LocalResponseNorm; Krizhevsky et al. 2012
    """

    kind: Literal["LocalResponseNorm"] = "LocalResponseNorm"
    family: ClassVar[str] = "Normalization"
    label = "LocalResponseNorm"
    help = "Lets channels compete at each position, as in AlexNet; BatchNorm has replaced it almost everywhere."
    source = "torch.nn.LocalResponseNorm"
    formula = "x / (k + alpha * mean(x² of nearby channels))^beta"
    size: int = whole(5, "Size", "Neighbouring channels that count.", ge=1, le=512, unit="channels")
    alpha: float = real(1e-4, "Alpha", "Weight of the neighbours.", ge=0, le=1)
    beta: float = real(0.75, "Beta", "Exponent of the damping.", ge=0, le=4)
    k: float = real(1.0, "k", "Keeps the divisor away from zero.", gt=0, le=100)

    def output_shape(self, *inputs: Shape) -> Shape:
        if len(inputs[0]) < 2 or inputs[0][0] is None:
            raise self.refuse(inputs, "channels and at least one more axis", way_out="Use LayerNorm instead")
        return inputs[0]

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(self.source, self.kwargs())

    def saved_elements(self, *inputs: Shape) -> int:
        return 4 * elements(inputs[0])  # the square, the divisor before and after the power, and the result
