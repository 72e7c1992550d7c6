"""Layers that turn numbers into vectors, and say where in the sequence each stands."""

from typing import ClassVar, Literal

from pydantic import model_validator

from builder.catalogue.component import Shape, TorchCall, real, whole
from builder.catalogue.layer import Layer, elements
from builder.catalogue.layers.reshaping import require_sequence

_MODULES = "builder.nn.modules.embedding"


class Embedding(Layer):
    """A learned vector for each whole number. Numbers may come as floats: they are rounded, and those out of range
    take the first or the last row.

    Input shape:  (length,) of whole numbers from 0 to num_embeddings - 1
    Output shape: (length, embedding_dim)
    Raises:       ShapeError if the input is not (length,).
    Source:       torch.nn.Embedding
    """

    kind: Literal["Embedding"] = "Embedding"
    family: ClassVar[str] = "Embedding"
    label = "Embedding"
    help = "Looks up a learned vector for each whole number, such as a token; leave those columns unscaled."
    source = "torch.nn.Embedding"
    formula = "(length,) → (length, embedding_dim)"
    takes_ids = True
    axes: ClassVar[tuple[str, ...] | None] = ("length", "features")
    num_embeddings: int = whole(1000, "Numbers", "How many different numbers there are, counted from 0.", ge=1, le=1_000_000, unit="rows")  # fmt: skip
    embedding_dim: int = whole(32, "Features", "Length of each vector.", ge=1, le=8192, unit="features")
    padding_idx: int | None = whole(
        None, "Padding number", "Number that fills short rows: its vector stays zero.", ge=0, le=1_000_000
    )

    @model_validator(mode="after")
    def _padding_is_a_row(self) -> "Embedding":
        if self.padding_idx is not None and self.padding_idx >= self.num_embeddings:
            raise ValueError(f"padding_idx ({self.padding_idx}) must be below num_embeddings ({self.num_embeddings})")
        return self

    def output_shape(self, *inputs: Shape) -> Shape:
        if len(inputs[0]) != 1:
            raise self.refuse(inputs, "a row of whole numbers (length,)", way_out="Put it right behind the data")
        return (inputs[0][0], self.embedding_dim)

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(f"{_MODULES}.Embedding", self.kwargs())

    def parameter_count(self, *inputs: Shape) -> int:
        return self.num_embeddings * self.embedding_dim


class PaddingMask(Layer):
    """1 at the steps that hold anything but padding, 0 at padding: the second input of attention, Mean or Last.

    Input shape:  (length,) of whole numbers, or (length, features)
    Output shape: (length,)
    Raises:       ShapeError if the input is an image.
    Source:       torch.ne
    """

    kind: Literal["PaddingMask"] = "PaddingMask"
    family: ClassVar[str] = "Embedding"
    label = "Padding mask"
    help = "Marks which steps are real; connect it as the last input of attention, Mean or Last step."
    source = "torch.ne"
    formula = "1 if x != padding_value else 0"
    axes: ClassVar[tuple[str, ...] | None] = ("length",)
    padding_value: float = real(0.0, "Padding value", "Value that fills short rows.", ge=-1e6, le=1e6)

    def output_shape(self, *inputs: Shape) -> Shape:
        if len(inputs[0]) > 2:
            raise self.refuse(inputs, "(length,) or (length, features)", way_out="Connect it to the data itself")
        return inputs[0][:1]

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(f"{_MODULES}.PaddingMask", self.kwargs())


class _Positions(Layer):
    family: ClassVar[str] = "Embedding"
    axes: ClassVar[tuple[str, ...] | None] = ("length", "features")

    def output_shape(self, *inputs: Shape) -> Shape:
        return require_sequence(self, inputs)

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(f"{_MODULES}.{self.kind}", self.kwargs())

    def multiply_adds(self, *inputs: Shape) -> int:
        return elements(inputs[0])


class PositionalEncoding(_Positions):
    """Adds a fixed wave for each step, so that attention can tell them apart; learns nothing, takes any length.

    Input shape:  (length, features)
    Output shape: the same
    Raises:       ShapeError if the input is not (length, features).
    Source:       Vaswani et al. 2017, section 3.5
    """

    kind: Literal["PositionalEncoding"] = "PositionalEncoding"
    label = "Positions, sinusoidal"
    help = "Tells attention where each step stands, by sine waves; works at any length."
    source = "Vaswani et al. 2017"
    formula = "x[t, 2i] + sin(t / base^(2i/F)); x[t, 2i+1] + cos(t / base^(2i/F))"
    base: float = real(10000.0, "Base", "Longest wave, in steps over 2 pi.", gt=1, le=1e7)


class LearnedPositionalEncoding(_Positions):
    """Adds a learned vector for each step; steps behind the last learned one share its vector.

    Input shape:  (length, features), length at most max_length or open
    Output shape: the same
    Raises:       ShapeError if the input is not (length, features), or longer than max_length.
    Source:       Gehring et al. 2017; Devlin et al. 2019
    """

    kind: Literal["LearnedPositionalEncoding"] = "LearnedPositionalEncoding"
    label = "Positions, learned"
    help = "Tells attention where each step stands, by a learned vector for each place."
    source = "Devlin et al. 2019"
    formula = "x[t] + weight[t]"
    max_length: int = whole(512, "Longest length", "Number of steps that have a vector.", ge=1, le=65536, unit="steps")

    def output_shape(self, *inputs: Shape) -> Shape:
        length, features = require_sequence(self, inputs)
        if length is not None and length > self.max_length:
            raise self.refuse(inputs, f"at most {self.max_length} steps", way_out=f"Set max_length to {length}")
        return (length, features)

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(f"{_MODULES}.{self.kind}", {**self.kwargs(), "features": inputs[0][1]})

    def parameter_count(self, *inputs: Shape) -> int:
        return self.max_length * inputs[0][1]


class RotaryPositionalEncoding(_Positions):
    """Turns each pair of features by an angle that grows with the step, so that products depend on distances alone.

    Input shape:  (length, features), features even
    Output shape: the same
    Raises:       ShapeError if the input is not (length, features), or the features are odd.
    Source:       Su et al. 2021
    """

    kind: Literal["RotaryPositionalEncoding"] = "RotaryPositionalEncoding"
    label = "Positions, rotary"
    help = "Tells attention how far steps are apart, by turning pairs of features; attention layers have it built in."
    source = "Su et al. 2021"
    formula = "(x[t, 2i] + j x[t, 2i+1]) * exp(j t / base^(2i/F))"
    base: float = real(10000.0, "Base", "Longest wave, in steps over 2 pi.", gt=1, le=1e7)

    def output_shape(self, *inputs: Shape) -> Shape:
        length, features = require_sequence(self, inputs)
        if features % 2:
            raise self.refuse(inputs, "an even number of features", way_out="Make the layer before it give one more")
        return (length, features)

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall("builder.nn.modules.attention.Rotary", self.kwargs())
