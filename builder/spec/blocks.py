"""Blocks: pieces of a model that are put in as a whole, of the user's own or ready-made."""

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import Field, ValidationError

from builder.catalogue.activations import ReLU, ReLU6
from builder.catalogue.component import Shape
from builder.catalogue.layer import Layer, show
from builder.catalogue.layers import (
    Add,
    BatchNorm1d,
    BatchNorm2d,
    Concat,
    Conv1d,
    Conv2d,
    DepthwiseConv2d,
    Dropout,
    LayerNorm,
    Linear,
    MultiheadAttention,
    SqueezeExcitation,
)
from builder.errors import SpecError
from builder.spec.base import Spec
from builder.spec.model import INPUT, Node


class Block(Spec):
    """Nodes that stand for one step; `input` in their wires is what the block is put behind, the last one its output."""

    title: str = Field(min_length=1, max_length=80)
    nodes: tuple[Node, ...] = Field(min_length=1, max_length=200)
    repeat: int = Field(1, ge=1, le=64)


@dataclass(frozen=True)
class ReadyBlock:
    """`make` builds the block for a shape, which `fitted` sees to; `ranks` are the numbers of axes that it takes."""

    name: str
    title: str
    help: str
    ranks: tuple[int, ...]
    make: Callable[[Shape], Block]
    axis: int = 0
    """The axis that the block is as wide as."""


def fitted(ready: ReadyBlock, shape: Shape | None) -> Block:
    """The block for the shape of what it is put behind. Raises: SpecError if it takes no such shape."""
    if shape is None or len(shape) not in ready.ranks:
        axes = " or ".join(map(str, ready.ranks))
        got = "an unknown shape" if shape is None else show(shape)
        raise SpecError(f"{ready.title} needs an input of {axes} axes; got {got}. Choose another place.")
    if shape[ready.axis] is None:
        raise SpecError(f"{ready.title} needs a known number of features; got {show(shape)}. Put a Permute before it.")
    try:
        return ready.make(shape)
    except ValidationError:
        way_out = "Put a layer before it that gives fewer channels or features."
        raise SpecError(f"{ready.title} would need too wide a layer behind {show(shape)}. {way_out}") from None


def wired(title: str, *parts: tuple[str, Layer, tuple[str, ...]], repeat: int = 1) -> Block:
    """A block from (id, layer, what it takes)."""
    nodes = tuple(Node(id=name, layer=layer, inputs=inputs) for name, layer, inputs in parts)
    return Block(title=title, nodes=nodes, repeat=repeat)


def _residual(shape: Shape) -> Block:
    """Two convolutions around which the input is led past. Source: He et al. 2015, arXiv:1512.03385, figure 5."""
    channels = shape[0]
    return wired(
        "Residual block",
        ("conv1", Conv2d(out_channels=channels, bias=False), (INPUT,)),
        ("norm1", BatchNorm2d(activation=ReLU()), ("conv1",)),
        ("conv2", Conv2d(out_channels=channels, bias=False), ("norm1",)),
        ("norm2", BatchNorm2d(), ("conv2",)),
        ("sum", Add(activation=ReLU()), ("norm2", INPUT)),
    )


def _bottleneck(shape: Shape) -> Block:
    """1×1, 3×3, 1×1 with a quarter of the channels inside. Source: He et al. 2015, arXiv:1512.03385, figure 5."""
    channels = shape[0]
    narrow = max(1, channels // 4)
    return wired(
        "Bottleneck block",
        ("conv1", Conv2d(out_channels=narrow, kernel_size=1, bias=False), (INPUT,)),
        ("norm1", BatchNorm2d(activation=ReLU()), ("conv1",)),
        ("conv2", Conv2d(out_channels=narrow, bias=False), ("norm1",)),
        ("norm2", BatchNorm2d(activation=ReLU()), ("conv2",)),
        ("conv3", Conv2d(out_channels=channels, kernel_size=1, bias=False), ("norm2",)),
        ("norm3", BatchNorm2d(), ("conv3",)),
        ("sum", Add(activation=ReLU()), ("norm3", INPUT)),
    )


def _inception(shape: Shape) -> Block:
    """1×1, 3×3 and 5×5 side by side. Source: Szegedy et al. 2014, arXiv:1409.4842, figure 2b."""
    quarter = max(4, shape[0] // 2)
    return wired(
        "Inception block",
        ("conv1", Conv2d(out_channels=quarter, kernel_size=1, activation=ReLU()), (INPUT,)),
        ("reduce3", Conv2d(out_channels=quarter, kernel_size=1, activation=ReLU()), (INPUT,)),
        ("conv3", Conv2d(out_channels=quarter, kernel_size=3, activation=ReLU()), ("reduce3",)),
        ("reduce5", Conv2d(out_channels=quarter, kernel_size=1, activation=ReLU()), (INPUT,)),
        ("conv5", Conv2d(out_channels=quarter, kernel_size=5, activation=ReLU()), ("reduce5",)),
        ("concat", Concat(), ("conv1", "conv3", "conv5")),
    )


def _dense(shape: Shape) -> Block:
    """A hidden layer with dropout and the input led past it."""
    return wired(
        "Dense residual block",
        ("linear1", Linear(out_features=shape[0], activation=ReLU()), (INPUT,)),
        ("dropout", Dropout(p=0.1), ("linear1",)),
        ("linear2", Linear(out_features=shape[0]), ("dropout",)),
        ("sum", Add(activation=ReLU()), ("linear2", INPUT)),
    )


def _convolution(shape: Shape) -> Block:
    """Convolution, normalisation, activation."""
    return wired(
        "Convolution block",
        ("conv", Conv2d(out_channels=shape[0], bias=False), (INPUT,)),
        ("norm", BatchNorm2d(activation=ReLU()), ("conv",)),
    )


def _convolution_1d(shape: Shape) -> Block:
    """The same along a sequence."""
    return wired(
        "1-D convolution block",
        ("conv", Conv1d(out_channels=shape[0], bias=False), (INPUT,)),
        ("norm", BatchNorm1d(activation=ReLU()), ("conv",)),
    )


def _mobile(shape: Shape) -> Block:
    """Widened, filtered channel by channel, narrowed. Source: Sandler et al. 2018, arXiv:1801.04381, figure 4."""
    channels = shape[0]
    return wired(
        "Inverted residual block",
        ("widen", Conv2d(out_channels=6 * channels, kernel_size=1, bias=False), (INPUT,)),
        ("norm1", BatchNorm2d(activation=ReLU6()), ("widen",)),
        ("depthwise", DepthwiseConv2d(bias=False), ("norm1",)),
        ("norm2", BatchNorm2d(activation=ReLU6()), ("depthwise",)),
        ("narrow", Conv2d(out_channels=channels, kernel_size=1, bias=False), ("norm2",)),
        ("norm3", BatchNorm2d(), ("narrow",)),
        ("sum", Add(), ("norm3", INPUT)),
    )


def _squeeze_excite(shape: Shape) -> Block:
    """A residual block whose channels are weighed. Source: Hu et al. 2017, arXiv:1709.01507, figure 3."""
    channels = shape[0]
    return wired(
        "Squeeze-and-excitation block",
        ("conv1", Conv2d(out_channels=channels, bias=False), (INPUT,)),
        ("norm1", BatchNorm2d(activation=ReLU()), ("conv1",)),
        ("conv2", Conv2d(out_channels=channels, bias=False), ("norm1",)),
        ("norm2", BatchNorm2d(), ("conv2",)),
        ("weigh", SqueezeExcitation(reduction=min(16, channels)), ("norm2",)),
        ("sum", Add(activation=ReLU()), ("weigh", INPUT)),
    )


def _encoder(shape: Shape, causal: bool = False) -> Block:
    """Attention, then two linear layers, each with a norm before and a skip around it. Source: Xiong et al. 2020,
    arXiv:2002.04745, figure 1b."""
    features = shape[-1]
    heads = next(heads for heads in (8, 4, 2, 1) if features % heads == 0)
    return wired(
        "Transformer decoder block" if causal else "Transformer encoder block",
        ("norm1", LayerNorm(), (INPUT,)),
        ("attention", MultiheadAttention(num_heads=heads, causal=causal), ("norm1",)),
        ("sum1", Add(), ("attention", INPUT)),
        ("norm2", LayerNorm(), ("sum1",)),
        ("widen", Linear(out_features=4 * features, activation=ReLU()), ("norm2",)),
        ("narrow", Linear(out_features=features), ("widen",)),
        ("sum2", Add(), ("narrow", "sum1")),
    )


def _decoder(shape: Shape) -> Block:
    """The same, each step looking at those before it alone."""
    return _encoder(shape, causal=True)


_ALL = (
    ReadyBlock("convolution", "Convolution", "A convolution with batch norm and ReLU.", (3,), _convolution),
    ReadyBlock("convolution-1d", "1-D convolution", "A convolution along a sequence with batch norm and ReLU.", (2,), _convolution_1d),
    ReadyBlock("residual", "Residual", "Two convolutions with a skip connection around them, as in ResNet.", (3,), _residual),
    ReadyBlock("bottleneck", "Bottleneck", "A residual block that works on a quarter of the channels, as in ResNet-50.", (3,), _bottleneck),
    ReadyBlock("inception", "Inception", "Convolutions of three sizes side by side, joined.", (3,), _inception),
    ReadyBlock("mobile", "Inverted residual", "Depthwise convolutions between two 1×1 ones, as in MobileNetV2: few weights.", (3,), _mobile),
    ReadyBlock("squeeze-excite", "Squeeze and excitation", "A residual block that learns which channels matter.", (3,), _squeeze_excite),
    ReadyBlock("encoder", "Transformer encoder", "Every step looks at all steps, as in BERT.", (2,), _encoder, -1),
    ReadyBlock("decoder", "Transformer decoder", "Every step looks at the steps before it, as in GPT.", (2,), _decoder, -1),
    ReadyBlock("dense-residual", "Dense residual", "Two linear layers with a skip connection around them.", (1,), _dense),
)  # fmt: skip

BLOCKS: dict[str, ReadyBlock] = {block.name: block for block in _ALL}
