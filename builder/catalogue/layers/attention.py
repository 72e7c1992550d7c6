"""Attention: layers in which every step of a sequence looks at others."""

from typing import ClassVar, Literal

from builder.catalogue.activations import AnyActivation, activation_field
from builder.catalogue.component import Shape, TorchCall, choice, real, whole
from builder.catalogue.layer import UNKNOWN_LENGTH, Layer, elements, possible
from builder.catalogue.layers.linear import Linear
from builder.catalogue.layers.reshaping import require_sequence

MODULES = "builder.nn.modules.attention"


def heads_field(default: int = 4) -> int:
    return whole(default, "Heads", "Parts that look for different things; they share the features.", ge=1, le=128, unit="heads")  # fmt: skip


def causal_field() -> bool:
    return choice(False, "Causal", "Lets a step look only at itself and those before it, as when the next is predicted.")  # fmt: skip


def rotary_field() -> bool:
    return choice(False, "Rotary positions", "Tells queries and keys how far apart they stand; no other positions needed.")  # fmt: skip


def steps(shape: Shape) -> int:
    return UNKNOWN_LENGTH if shape[0] is None else shape[0]


def require_heads(layer: Layer, inputs: tuple[Shape, ...], heads: int, *, rotary: bool) -> tuple[int | None, int]:
    """The (length, features) input. Raises: ShapeError with a Linear that makes the features divide among the heads."""
    length, features = require_sequence(layer, inputs)
    unit = 2 * heads if rotary else heads
    if features % unit == 0:
        return length, features
    fitting = -(-features // unit) * unit
    parts = f"{heads} heads, in pairs for the rotary positions" if rotary else f"{heads} heads"
    linear = possible(Linear, out_features=fitting)
    way_out = f", or put a Linear with {fitting} features before it" if linear else ""
    raise layer.refuse(
        inputs, f"features in multiples of {unit} ({parts})",
        way_out=f"Change the number of heads{way_out}", remedy=(linear,) if linear else (),
    )  # fmt: skip


def require_mask(layer: Layer, inputs: tuple[Shape, ...], place: int, length: int | None) -> None:
    """Raises: ShapeError if the input at `place` is there and is no mask (length,)."""
    if len(inputs) > place and inputs[place] != (length,):
        raise layer.refuse(
            inputs, f"a mask (length,) of its sequence as input {place + 1}",
            way_out="Connect a PaddingMask of the same length there, or nothing",
        )  # fmt: skip


def self_attention_weights(features: int, bias: bool = True) -> int:
    return 4 * features * (features + bias)


def self_attention_work(length: int, features: int) -> int:
    """Four projections, and length² products for the scores and again for the weighted values."""
    return 4 * length * features**2 + 2 * length**2 * features


def cross_attention_weights(features: int, memory_features: int, bias: bool = True) -> int:
    return 2 * features * (features + bias) + 2 * features * (memory_features + bias)


def cross_attention_work(length: int, features: int, memory_length: int, memory_features: int) -> int:
    projections = 2 * length * features**2 + 2 * memory_length * memory_features * features
    return projections + 2 * length * memory_length * features


def cross_attention_saved(shape: Shape, memory: Shape, heads: int) -> int:
    return 4 * elements(shape) + 3 * elements(memory) + heads * steps(shape) * steps(memory)


class MultiheadAttention(Layer):
    """Self-attention: every step gathers from every step, weighed by how well query and key agree.

    Input shape:  (length, features); perhaps a mask (length,) as second input, 0 at padding
    Output shape: (length, features)
    Raises:       ShapeError if the input is not (length, features), or the features do not divide among the heads.
    Source:       torch.nn.MultiheadAttention; Vaswani et al. 2017
    """

    kind: Literal["MultiheadAttention"] = "MultiheadAttention"
    family: ClassVar[str] = "Attention"
    label = "Self-attention"
    help = "Lets every step of a sequence look at every other and gather what it needs."
    source = "torch.nn.MultiheadAttention"
    formula = "softmax(Q Kᵀ / sqrt(d)) V for each head"
    axes: ClassVar[tuple[str, ...] | None] = ("length", "features")
    inputs_max: ClassVar[int | None] = 2
    learns = True
    num_heads: int = heads_field()
    dropout: float = real(0.0, "Dropout", "Share of attention weights switched off while training.", ge=0, lt=1)
    bias: bool = choice(True, "Bias", "Adds learned numbers in every projection.")
    causal: bool = causal_field()
    rotary: bool = rotary_field()
    activation: AnyActivation | None = activation_field()

    def output_shape(self, *inputs: Shape) -> Shape:
        length, features = require_heads(self, inputs, self.num_heads, rotary=self.rotary)
        require_mask(self, inputs, 1, length)
        return (length, features)

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(f"{MODULES}.SelfAttention", {"embed_dim": inputs[0][1], **self.kwargs()})

    def parameter_count(self, *inputs: Shape) -> int:
        return self_attention_weights(inputs[0][1], self.bias)

    def multiply_adds(self, *inputs: Shape) -> int:
        return self_attention_work(steps(inputs[0]), inputs[0][1])

    def saved_elements(self, *inputs: Shape) -> int:
        return 6 * elements(inputs[0]) + self.num_heads * steps(inputs[0]) ** 2


class CrossAttention(Layer):
    """Attention to another sequence, the memory: every step of the first gathers from every step of the second.

    Input shape:  (length, features) and a memory (memory length, memory features); perhaps the memory's mask
                  (memory length,) as third input, 0 at padding
    Output shape: (length, features)
    Raises:       ShapeError if an input is not (length, features), or the features do not divide among the heads.
    Source:       torch.nn.MultiheadAttention with kdim and vdim; Vaswani et al. 2017
    """

    kind: Literal["CrossAttention"] = "CrossAttention"
    family: ClassVar[str] = "Attention"
    label = "Cross-attention"
    help = "Lets every step of one sequence look at another sequence, such as a decoder at what was read."
    source = "torch.nn.MultiheadAttention"
    formula = "softmax(Q Kᵀ / sqrt(d)) V, Q of the first input, K and V of the second"
    axes: ClassVar[tuple[str, ...] | None] = ("length", "features")
    inputs_min: ClassVar[int] = 2
    inputs_max: ClassVar[int | None] = 3
    learns = True
    num_heads: int = heads_field()
    dropout: float = real(0.0, "Dropout", "Share of attention weights switched off while training.", ge=0, lt=1)
    bias: bool = choice(True, "Bias", "Adds learned numbers in every projection.")
    activation: AnyActivation | None = activation_field()

    def output_shape(self, *inputs: Shape) -> Shape:
        length, features = require_heads(self, inputs, self.num_heads, rotary=False)
        memory_length, _ = require_sequence(self, inputs, 1)
        require_mask(self, inputs, 2, memory_length)
        return (length, features)

    def torch_call(self, *inputs: Shape) -> TorchCall:
        sizes = {"embed_dim": inputs[0][1], "memory_dim": inputs[1][1]}
        return TorchCall(f"{MODULES}.CrossAttention", sizes | self.kwargs())

    def parameter_count(self, *inputs: Shape) -> int:
        return cross_attention_weights(inputs[0][1], inputs[1][1], self.bias)

    def multiply_adds(self, *inputs: Shape) -> int:
        return cross_attention_work(steps(inputs[0]), inputs[0][1], steps(inputs[1]), inputs[1][1])

    def saved_elements(self, *inputs: Shape) -> int:
        return cross_attention_saved(inputs[0], inputs[1], self.num_heads)
