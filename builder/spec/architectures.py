"""Templates that show a known architecture at work, small enough to train on any machine in a minute or two."""

from builder.catalogue.activations import ReLU, ReLU6, Tanh
from builder.catalogue.layers import (
    GRU,
    LSTM,
    Add,
    AvgPool2d,
    BatchNorm1d,
    BatchNorm2d,
    Concat,
    Conv1d,
    Conv2d,
    ConvTranspose2d,
    DepthwiseConv2d,
    Dropout,
    Embedding,
    Flatten,
    GlobalAvgPool,
    GlobalMaxPool,
    Last,
    LayerNorm,
    LearnedPositionalEncoding,
    Linear,
    MaxPool1d,
    MaxPool2d,
    Mean,
    Reshape,
    TransformerEncoderLayer,
)
from builder.spec.graphs import graph
from builder.spec.model import Group, ModelSpec
from builder.spec.sources import SampleSource
from builder.spec.template import Template, dense, stack, training

_LENET = stack(
    Conv2d(out_channels=6, kernel_size=5, activation=Tanh()), AvgPool2d(),
    Conv2d(out_channels=16, kernel_size=5, padding=0, activation=Tanh()), AvgPool2d(),
    Flatten(), *dense(120, 84, activation=Tanh), Linear(),
)  # fmt: skip
"""Source: LeCun et al. 1998, Gradient-based learning applied to document recognition, figure 2."""


def _vgg() -> tuple:
    """Pairs of 3×3 convolutions, the channels doubled at each halving. Source: Simonyan and Zisserman, arXiv:1409.1556."""
    layers = []
    for channels in (16, 32):
        for _ in range(2):
            layers += [Conv2d(out_channels=channels, bias=False), BatchNorm2d(activation=ReLU())]
        layers.append(MaxPool2d())
    return (*layers, Flatten(), *dense(128, dropout=0.4), Linear())


_RESNET = graph(
    ("stem", Conv2d(out_channels=16, bias=False)),
    ("stem_norm", BatchNorm2d(activation=ReLU())),
    ("a_conv1", Conv2d(out_channels=16, bias=False)),
    ("a_norm1", BatchNorm2d(activation=ReLU())),
    ("a_conv2", Conv2d(out_channels=16, bias=False)),
    ("a_norm2", BatchNorm2d()),
    ("a_sum", Add(activation=ReLU()), "a_norm2", "stem_norm"),
    ("b_conv1", Conv2d(out_channels=32, stride=2, padding=1, bias=False)),
    ("b_norm1", BatchNorm2d(activation=ReLU())),
    ("b_conv2", Conv2d(out_channels=32, bias=False)),
    ("b_norm2", BatchNorm2d()),
    ("b_skip", Conv2d(out_channels=32, kernel_size=1, stride=2, padding=0, bias=False), "a_sum"),
    ("b_sum", Add(activation=ReLU()), "b_norm2", "b_skip"),
    ("pool", GlobalAvgPool()),
    ("out", Linear()),
    groups=(
        Group(id="block_a", title="Residual block", members=("a_conv1", "a_norm1", "a_conv2", "a_norm2", "a_sum"), repeat=2),
        Group(id="block_b", title="Residual block, half the size", members=("b_conv1", "b_norm1", "b_conv2", "b_norm2", "b_skip", "b_sum")),
    ),
)  # fmt: skip
"""Source: He et al. 2015, arXiv:1512.03385."""

_INCEPTION = graph(
    ("stem", Conv2d(out_channels=24, activation=ReLU())),
    ("pool", MaxPool2d()),
    ("one", Conv2d(out_channels=24, kernel_size=1, activation=ReLU())),
    ("reduce3", Conv2d(out_channels=12, kernel_size=1, activation=ReLU()), "pool"),
    ("three", Conv2d(out_channels=24, kernel_size=3, activation=ReLU())),
    ("reduce5", Conv2d(out_channels=12, kernel_size=1, activation=ReLU()), "pool"),
    ("five", Conv2d(out_channels=24, kernel_size=5, activation=ReLU())),
    ("joined", Concat(), "one", "three", "five"),
    ("global_pool", GlobalAvgPool()),
    ("dropout", Dropout(p=0.2)),
    ("out", Linear()),
    groups=(Group(id="inception", title="Inception block", members=("one", "reduce3", "three", "reduce5", "five", "joined")),),
)  # fmt: skip
"""Source: Szegedy et al. 2014, arXiv:1409.4842, figure 2b."""

_MOBILENET = graph(
    ("stem", Conv2d(out_channels=16, bias=False)),
    ("stem_norm", BatchNorm2d(activation=ReLU6())),
    ("widen", Conv2d(out_channels=48, kernel_size=1, bias=False)),
    ("widen_norm", BatchNorm2d(activation=ReLU6())),
    ("depthwise", DepthwiseConv2d(bias=False)),
    ("depthwise_norm", BatchNorm2d(activation=ReLU6())),
    ("narrow", Conv2d(out_channels=16, kernel_size=1, bias=False)),
    ("narrow_norm", BatchNorm2d()),
    ("sum", Add(), "narrow_norm", "stem_norm"),
    ("down", DepthwiseConv2d(stride=2, padding=1, bias=False)),
    ("down_norm", BatchNorm2d(activation=ReLU6())),
    ("head", Conv2d(out_channels=64, kernel_size=1, bias=False)),
    ("head_norm", BatchNorm2d(activation=ReLU6())),
    ("pool", GlobalAvgPool()),
    ("out", Linear()),
    groups=(
        Group(id="inverted_residual", title="Inverted residual block", members=(
            "widen", "widen_norm", "depthwise", "depthwise_norm", "narrow", "narrow_norm", "sum"), repeat=2),
    ),
)  # fmt: skip
"""Source: Sandler et al. 2018, arXiv:1801.04381, figure 3."""

_UNET = graph(
    ("down1", Conv2d(out_channels=16, activation=ReLU())),
    ("pool1", MaxPool2d()),
    ("down2", Conv2d(out_channels=32, activation=ReLU())),
    ("pool2", MaxPool2d()),
    ("bottom", Conv2d(out_channels=64, activation=ReLU())),
    ("up2", ConvTranspose2d(out_channels=32)),
    ("skip2", Concat(), "up2", "down2"),
    ("merge2", Conv2d(out_channels=32, activation=ReLU())),
    ("up1", ConvTranspose2d(out_channels=16)),
    ("skip1", Concat(), "up1", "down1"),
    ("merge1", Conv2d(out_channels=16, activation=ReLU())),
    ("pool", GlobalMaxPool()),
    ("out", Linear()),
    groups=(
        Group(id="encoder", title="Encoder", members=("down1", "pool1", "down2", "pool2")),
        Group(id="decoder", title="Decoder", members=("up2", "skip2", "merge2", "up1", "skip1", "merge1")),
    ),
)  # fmt: skip
"""Source: Ronneberger et al. 2015, arXiv:1505.04597, figure 1; here with an answer for the whole picture."""

_CONV1D = stack(
    Reshape(shape=(1, -1)),
    Conv1d(out_channels=16, kernel_size=7, bias=False), BatchNorm1d(activation=ReLU()), MaxPool1d(),
    Conv1d(out_channels=32, kernel_size=5, bias=False), BatchNorm1d(activation=ReLU()),
    GlobalMaxPool(), Dropout(p=0.2), Linear(),
)  # fmt: skip
_LSTM = stack(Reshape(shape=(-1, 4)), LSTM(hidden_size=48), Dropout(p=0.2), Linear())
_GRU = stack(Reshape(shape=(-1, 4)), GRU(hidden_size=32, bidirectional=True), Dropout(p=0.2), Linear())

_ENCODER = graph(
    ("pieces", Reshape(shape=(-1, 4))),
    ("widen", Linear(out_features=32)),
    ("places", LearnedPositionalEncoding(max_length=16)),
    ("block", TransformerEncoderLayer(nhead=4, dim_feedforward=64)),
    ("mean", Mean()),
    ("out", Linear()),
    groups=(Group(id="encoder", title="Transformer encoder", members=("block",), repeat=2),),
)
"""Source: Vaswani et al. 2017, arXiv:1706.03762, the left half of figure 1, with learned places."""

_GPT = graph(
    ("tokens", Embedding(num_embeddings=10, embedding_dim=48)),
    ("places", LearnedPositionalEncoding(max_length=12)),
    ("block", TransformerEncoderLayer(nhead=4, dim_feedforward=96, causal=True, feedforward_activation="gelu", dropout=0.0)),
    ("norm", LayerNorm()),
    ("last", Last()),
    ("out", Linear()),
    groups=(Group(id="decoder", title="Causal transformer block", members=("block",), repeat=2),),
)  # fmt: skip
"""Source: Radford et al. 2019, Language models are unsupervised multitask learners: blocks that see the past alone."""

_TOKENS = {
    "task": "classification",
    "columns": [
        *({"name": f"d{at}", "type": "number", "scale": "none"} for at in range(1, 13)),
        {"name": "next", "type": "category", "role": "target"},
    ],
}


def _on_waves(name: str, title: str, summary: str, model: ModelSpec, **settings: float) -> Template:
    return Template(
        name, title, summary, "table", SampleSource(name="waves"), model,
        training("multiclass", **{"epochs": 40, "batch_size": 32, "lr": 0.003, "patience": 15} | settings),
        section="architecture",
    )  # fmt: skip


def _on_digits(name: str, title: str, summary: str, model: ModelSpec, pixels: int, **settings: float) -> Template:
    return Template(
        name, title, summary, "image", SampleSource(name="digits"), model,
        training("multiclass", **{"epochs": 12, "batch_size": 32, "lr": 0.002, "patience": 6} | settings),
        {"height": pixels, "width": pixels, "color": "grayscale"}, "architecture",
    )  # fmt: skip


ARCHITECTURES = (
    _on_digits("lenet", "LeNet-5", "Two convolutions, two averages, three dense layers: the first network that read cheques, 1998.", _LENET, 28),
    _on_digits("vgg", "VGG-style", "Pairs of small convolutions, halved and doubled: depth from one simple step.", stack(*_vgg()), 16),
    _on_digits("resnet", "ResNet-style", "Skip connections around pairs of convolutions, so that deep networks learn; one block repeats.", _RESNET, 16),
    _on_digits("unet", "U-Net-style", "An encoder that shrinks and a decoder that grows, joined at every size.", _UNET, 16),
    _on_digits("mobilenet", "MobileNet-style", "Depthwise convolutions in inverted residual blocks: a tenth of the arithmetic.", _MOBILENET, 16, lr=0.004),
    _on_digits("inception", "Inception-style", "Windows of three sizes look at the same picture side by side.", _INCEPTION, 16, epochs=18, lr=0.004),
    _on_waves("conv1d", "1-D CNN", "Slides filters along a signal of 64 points: sine, square or sawtooth?", _CONV1D),
    _on_waves("lstm", "LSTM classifier", "Reads a signal four points at a time and remembers what matters.", _LSTM),
    _on_waves("gru", "GRU classifier", "Reads a signal forwards and backwards at once, with fewer weights than an LSTM.", _GRU),
    _on_waves("transformer", "Transformer encoder", "Cuts a signal into 16 pieces that look at each other.", _ENCODER),
    Template(
        "gpt", "GPT-style decoder", "Sees twelve digits, each only what came before it, and says which comes next.", "table",
        SampleSource(name="sequences"), _GPT,
        training("multiclass", epochs=40, batch_size=64, lr=0.002, patience=15), _TOKENS, "architecture",
    ),
)  # fmt: skip
