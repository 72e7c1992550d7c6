"""Blocks: pieces of a model that are put in as a whole, of the user's own or ready-made."""

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import Field

from builder.catalogue.activations import ReLU
from builder.catalogue.component import Shape
from builder.catalogue.layer import Layer
from builder.catalogue.layers import Add, BatchNorm2d, Concat, Conv2d, Dropout, Linear
from builder.spec.base import Spec
from builder.spec.model import INPUT, Node


class Block(Spec):
    """Nodes that stand for one step; `input` in their wires is what the block is put behind, the last one its output."""

    title: str = Field(min_length=1, max_length=80)
    nodes: tuple[Node, ...] = Field(min_length=1, max_length=200)
    repeat: int = Field(1, ge=1, le=64)


@dataclass(frozen=True)
class ReadyBlock:
    """`make` fits the block to the shape of what it is put behind; `ranks` are the numbers of axes that it takes."""

    name: str
    title: str
    help: str
    ranks: tuple[int, ...]
    make: Callable[[Shape], Block]


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


_ALL = (
    ReadyBlock("residual", "Residual", "Two convolutions with a skip connection around them, as in ResNet.", (3,), _residual),
    ReadyBlock("bottleneck", "Bottleneck", "A residual block that works on a quarter of the channels, as in ResNet-50.", (3,), _bottleneck),
    ReadyBlock("inception", "Inception", "Convolutions of three sizes side by side, joined.", (3,), _inception),
    ReadyBlock("dense-residual", "Dense residual", "Two linear layers with a skip connection around them.", (1,), _dense),
)  # fmt: skip

BLOCKS: dict[str, ReadyBlock] = {block.name: block for block in _ALL}
