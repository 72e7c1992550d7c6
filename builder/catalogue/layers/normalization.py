"""Layers that bring values to mean 0 and variance 1."""

from typing import ClassVar, Literal

from builder.catalogue.activations import AnyActivation, activation_field
from builder.catalogue.component import Shape, TorchCall, choice, real
from builder.catalogue.layer import Layer, elements
from builder.catalogue.layers.convolution import require_image


class _BatchNorm(Layer):
    family: ClassVar[str] = "Normalization"
    formula = "(x - mean) / sqrt(var + eps) * weight + bias"
    needs_several_rows = True
    eps: float = real(1e-5, "Epsilon", "Added to the variance so that nothing is divided by zero.", gt=0, le=0.1)
    momentum: float = real(0.1, "Momentum", "Share of each new batch in the running mean and variance.", gt=0, le=1)
    affine: bool = choice(True, "Learned scale", "Learns a scale and an offset for each feature.")
    activation: AnyActivation | None = activation_field()

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(self.source, {"num_features": inputs[0][0], **self.kwargs()})

    def parameter_count(self, *inputs: Shape) -> int:
        return 2 * inputs[0][0] if self.affine else 0

    def multiply_adds(self, *inputs: Shape) -> int:
        return elements(inputs[0])


class BatchNorm1d(_BatchNorm):
    """Normalises each feature over the batch.

    Input shape:  (C,) or (C, L)
    Output shape: the same
    Raises:       ShapeError if the input is an image.
    Source:       torch.nn.BatchNorm1d; Ioffe and Szegedy 2015
    """

    kind: Literal["BatchNorm1d"] = "BatchNorm1d"
    label = "BatchNorm1d"
    help = "Keeps flat features at mean 0 and variance 1 over the batch, which makes deep stacks train faster."
    source = "torch.nn.BatchNorm1d"

    def output_shape(self, *inputs: Shape) -> Shape:
        if not 1 <= len(inputs[0]) <= 2 or inputs[0][0] is None:
            raise self.refuse(inputs, "a flat row (features,)", way_out="Use BatchNorm2d on images")
        return inputs[0]


class BatchNorm2d(_BatchNorm):
    """Normalises each channel over the batch and the image.

    Input shape:  (C, H, W)
    Output shape: the same
    Raises:       ShapeError if the input is not (C, H, W).
    Source:       torch.nn.BatchNorm2d; Ioffe and Szegedy 2015
    """

    kind: Literal["BatchNorm2d"] = "BatchNorm2d"
    label = "BatchNorm2d"
    help = "Keeps each channel at mean 0 and variance 1 over the batch, which makes convolutions train faster."
    source = "torch.nn.BatchNorm2d"

    def output_shape(self, *inputs: Shape) -> Shape:
        return require_image(self, inputs)


class LayerNorm(Layer):
    """Normalises each example by itself: over all axes of a flat row or an image, over the features of a sequence.

    Input shape:  (features,), (length, features) or (C, H, W)
    Output shape: the same
    Raises:       ShapeError if a size to normalise over is known only at run time.
    Source:       torch.nn.LayerNorm; Ba et al. 2016
    """

    kind: Literal["LayerNorm"] = "LayerNorm"
    family: ClassVar[str] = "Normalization"
    label = "LayerNorm"
    help = "Keeps the values of each example at mean 0 and variance 1; works with any batch size."
    source = "torch.nn.LayerNorm"
    formula = "(x - mean) / sqrt(var + eps) * weight + bias"
    eps: float = real(1e-5, "Epsilon", "Added to the variance so that nothing is divided by zero.", gt=0, le=0.1)
    elementwise_affine: bool = choice(True, "Learned scale", "Learns a scale and an offset for each value.")
    activation: AnyActivation | None = activation_field()

    def output_shape(self, *inputs: Shape) -> Shape:
        if any(size is None for size in self._normalized(inputs[0])):
            raise self.refuse(inputs, "sizes that are known before training", way_out="Pool the open axis first")
        return inputs[0]

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(self.source, {"normalized_shape": self._normalized(inputs[0]), **self.kwargs()})

    def parameter_count(self, *inputs: Shape) -> int:
        return 2 * elements(self._normalized(inputs[0])) if self.elementwise_affine else 0

    def multiply_adds(self, *inputs: Shape) -> int:
        return 2 * elements(inputs[0])

    @staticmethod
    def _normalized(shape: Shape) -> Shape:
        return shape[-1:] if len(shape) == 2 else shape
