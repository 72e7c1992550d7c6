"""Transformer blocks: attention and two Linear layers on each step, each with a skip connection and a LayerNorm."""

from typing import ClassVar, Literal

from builder.catalogue.component import Shape, TorchCall, choice, real, whole
from builder.catalogue.layer import Layer, elements
from builder.catalogue.layers.attention import (
    causal_field,
    cross_attention_saved,
    cross_attention_weights,
    cross_attention_work,
    heads_field,
    require_heads,
    require_mask,
    rotary_field,
    self_attention_weights,
    self_attention_work,
    steps,
)
from builder.catalogue.layers.reshaping import require_sequence


class _Block(Layer):
    family: ClassVar[str] = "Attention"
    axes: ClassVar[tuple[str, ...] | None] = ("length", "features")
    nhead: int = heads_field()
    dim_feedforward: int = whole(128, "Feed-forward size", "Features between the two Linear layers.", ge=1, le=65536, unit="features")  # fmt: skip
    dropout: float = real(0.1, "Dropout", "Share of values switched off while training, in every part.", ge=0, lt=1)
    feedforward_activation: Literal["relu", "gelu", "silu"] = choice(
        "relu", "Activation", "Function between the two Linear layers."
    )
    norm_first: bool = choice(
        True, "Norm first", "LayerNorm before each part, which trains deep stacks without warm-up; off is the paper's."
    )
    rotary: bool = rotary_field()

    def torch_call(self, *inputs: Shape) -> TorchCall:
        options = self.kwargs("feedforward_activation") | {"activation": self.feedforward_activation}
        return TorchCall(f"builder.nn.modules.transformer.{self.kind}", {"d_model": inputs[0][1], **options})

    def parameter_count(self, *inputs: Shape) -> int:
        features = inputs[0][1]
        feed_forward = self.dim_feedforward * (2 * features + 1) + features
        return self_attention_weights(features) + feed_forward + 4 * features  # two LayerNorms

    def multiply_adds(self, *inputs: Shape) -> int:
        length, features = steps(inputs[0]), inputs[0][1]
        return self_attention_work(length, features) + 2 * length * features * self.dim_feedforward

    def saved_elements(self, *inputs: Shape) -> int:
        length = steps(inputs[0])
        return 12 * elements(inputs[0]) + 3 * length * self.dim_feedforward + self.nhead * length**2


class TransformerEncoderLayer(_Block):
    """Self-attention, then two Linear layers on each step; stack several for an encoder, or causal ones for a GPT.

    Input shape:  (length, features); perhaps a mask (length,) as second input, 0 at padding
    Output shape: (length, features)
    Raises:       ShapeError if the input is not (length, features), or the features do not divide among the heads.
    Source:       torch.nn.TransformerEncoderLayer; Vaswani et al. 2017
    """

    kind: Literal["TransformerEncoderLayer"] = "TransformerEncoderLayer"
    label = "Transformer encoder block"
    help = "Self-attention and a small network on each step, each with a skip connection."
    source = "torch.nn.TransformerEncoderLayer"
    formula = "x + attention(norm(x)), then x + linear2(f(linear1(norm(x))))"
    inputs_max: ClassVar[int | None] = 2
    causal: bool = causal_field()

    def output_shape(self, *inputs: Shape) -> Shape:
        length, features = require_heads(self, inputs, self.nhead, rotary=self.rotary)
        require_mask(self, inputs, 1, length)
        return (length, features)


class TransformerDecoderLayer(_Block):
    """Causal self-attention, attention to a memory if one is connected, then two Linear layers on each step.

    Input shape:  (length, features); perhaps a memory (memory length, memory features) as second input, and the
                  memory's mask (memory length,) as third, 0 at padding
    Output shape: (length, features)
    Raises:       ShapeError if an input is not (length, features), or the features do not divide among the heads.
    Source:       torch.nn.TransformerDecoderLayer; Vaswani et al. 2017
    """

    kind: Literal["TransformerDecoderLayer"] = "TransformerDecoderLayer"
    label = "Transformer decoder block"
    help = "Looks back along its own sequence, and at a memory such as an encoder's output if one is connected."
    source = "torch.nn.TransformerDecoderLayer"
    formula = "causal self-attention, cross-attention, feed-forward, each as x + f(norm(x))"
    inputs_max: ClassVar[int | None] = 3

    def output_shape(self, *inputs: Shape) -> Shape:
        length, features = require_heads(self, inputs, self.nhead, rotary=self.rotary)
        if len(inputs) > 1:
            memory_length, _ = require_sequence(self, inputs, 1)
            require_mask(self, inputs, 2, memory_length)
        return (length, features)

    def torch_call(self, *inputs: Shape) -> TorchCall:
        call = super().torch_call(*inputs)
        return call._replace(kwargs=call.kwargs | {"memory_dim": inputs[1][1] if len(inputs) > 1 else None})

    def parameter_count(self, *inputs: Shape) -> int:
        alone = super().parameter_count(*inputs)
        if len(inputs) == 1:
            return alone
        features = inputs[0][1]
        return alone + cross_attention_weights(features, inputs[1][1]) + 2 * features

    def multiply_adds(self, *inputs: Shape) -> int:
        alone = super().multiply_adds(*inputs)
        if len(inputs) == 1:
            return alone
        return alone + cross_attention_work(steps(inputs[0]), inputs[0][1], steps(inputs[1]), inputs[1][1])

    def saved_elements(self, *inputs: Shape) -> int:
        alone = super().saved_elements(*inputs)
        return alone if len(inputs) == 1 else alone + cross_attention_saved(inputs[0], inputs[1], self.nhead)
