"""Common nets in torch, as people write and export them."""

import functools
import io
import logging
import warnings
from contextlib import redirect_stderr, redirect_stdout

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from builder.export import core


class Residual(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.first, self.second = (nn.Conv2d(channels, channels, 3, padding=1, bias=False) for _ in range(2))
        self.one, self.two = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.two(self.second(F.relu(self.one(self.first(x))))))


class Branches(nn.Module):
    """Branches of different kinds side by side, and squeeze-and-excitation by hand."""

    def __init__(self):
        super().__init__()
        self.wide, self.deep = nn.Conv2d(3, 4, 1), nn.Conv2d(3, 4, 5, padding=2)
        self.squeeze, self.excite = nn.Linear(8, 3), nn.Linear(3, 8)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([self.wide(x), F.max_pool2d(self.deep(x), 3, 1, 1)], 1)
        weight = torch.sigmoid(self.excite(F.relu(self.squeeze(x.mean((2, 3))))))
        return (x * weight[:, :, None, None]).flatten(1)


class LastStep(nn.Module):
    def __init__(self, kind: type[nn.RNNBase], **options):
        super().__init__()
        self.recurrent, self.head = kind(5, 6, batch_first=True, **options), nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.recurrent(x)[0][:, -1])


class BothWays(nn.Module):
    def __init__(self):
        super().__init__()
        self.recurrent = nn.LSTM(5, 4, num_layers=2, bidirectional=True, batch_first=True)
        self.head = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.recurrent(x)[0]).amax(1)


class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.norm, self.head = nn.Embedding(10, 6), nn.LayerNorm(6), nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        return F.log_softmax(self.head(self.norm(self.embedding(x)).mean(1)), 1)


class Viewed(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.head = nn.Conv2d(3, 2, 3), nn.Linear(72, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(F.silu(self.conv(x)).view(x.size(0), -1))


def mobile(channels: int, out: int, stride: int) -> nn.Sequential:
    deep = nn.Conv2d(channels, channels, 3, stride, 1, groups=channels, bias=False)
    return nn.Sequential(
        deep, nn.BatchNorm2d(channels), nn.ReLU6(), nn.Conv2d(channels, out, 1, bias=False), nn.BatchNorm2d(out), nn.Hardswish()
    )  # fmt: skip


IMAGE, SEQUENCE = (2, 3, 8, 8), (2, 7, 5)
MODELS = {
    "mlp": (lambda: nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.GELU(), nn.Dropout(), nn.Linear(8, 4), nn.ELU(), nn.Linear(4, 3), nn.Softmax(1)), (2, 5)),
    "lenet": (lambda: nn.Sequential(nn.Conv2d(3, 6, 3, padding=2), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 8, 3), nn.Sigmoid(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 3)), IMAGE),
    "vgg": (lambda: nn.Sequential(*[layer for i in (3, 4) for layer in (nn.Conv2d(i, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))], nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 6), nn.LeakyReLU(0.2), nn.Linear(6, 3)), IMAGE),
    "resnet": (lambda: nn.Sequential(nn.Conv2d(3, 4, 3), Residual(4), Residual(4), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)), IMAGE),
    "mobilenet": (lambda: nn.Sequential(mobile(3, 6, 2), mobile(6, 4, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)), IMAGE),
    "branches": (lambda: Branches(), IMAGE),
    "cnn_1d": (lambda: nn.Sequential(nn.Conv1d(7, 4, 3, padding=1), nn.BatchNorm1d(4), nn.PReLU(), nn.MaxPool1d(2), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(4, 3)), SEQUENCE),
    "cnn_3d": (lambda: nn.Sequential(nn.Conv3d(1, 2, 2), nn.Softplus(), nn.MaxPool3d(2), nn.ConvTranspose3d(2, 2, 2), nn.Flatten(), nn.Linear(54, 3)), (2, 1, 6, 6, 6)),
    "norms": (lambda: nn.Sequential(nn.Conv2d(3, 4, 3), nn.GroupNorm(2, 4), nn.Mish(), nn.InstanceNorm2d(4, affine=True), nn.SELU(), nn.Flatten(), nn.LayerNorm(144), nn.Linear(144, 3)), IMAGE),
    "decoder": (lambda: nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(3, 8, 3, padding=1, padding_mode="reflect"), nn.PixelShuffle(2), nn.ZeroPad2d((1, 2, 0, 1)), nn.ConvTranspose2d(2, 3, 3, stride=2, padding=1, output_padding=1), nn.Upsample(scale_factor=2, mode="bilinear")), (2, 3, 4, 4)),
    "lstm": (lambda: LastStep(nn.LSTM), SEQUENCE),
    "gru": (lambda: LastStep(nn.GRU), SEQUENCE),
    "rnn": (lambda: LastStep(nn.RNN, nonlinearity="relu"), SEQUENCE),
    "both_ways": (lambda: BothWays(), SEQUENCE),
    "words": (lambda: Words(), (2, 7)),
    "viewed": (lambda: Viewed(), IMAGE),
}  # fmt: skip
UNROLLED = ("rnn",)
"""What torch's newer exporter writes out step by step, so that no layer is left in the file."""


def example(name: str, rows: int = 2) -> Tensor:
    shape = (rows, *MODELS[name][1][1:])
    return torch.randint(0, 9, shape) if name == "words" else torch.randn(shape)


@functools.cache
def exported(name: str, *, dynamo: bool) -> bytes:
    """A file of the net with random weights and running statistics, for any batch size."""
    model = MODELS[name][0]()
    for module in model.modules():
        if hasattr(module, "running_var") and module.running_var is not None:
            module.running_var.uniform_(0.5, 1.5)
            module.running_mean.normal_()
    file = io.BytesIO()
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        if dynamo:
            core._remember_operator_table()  # as our own export does: it is built once, not for every file
            size = {0: torch.export.Dim("batch")}
            program = torch.onnx.export(
                model.eval(), (example(name),), dynamo=True, opset_version=20, dynamic_shapes=(size,)
            )
            program.save(file)
        else:
            torch.onnx.export(
                model.eval(), (example(name),), file, dynamo=False, opset_version=17,
                input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "batch"}},
            )  # fmt: skip
    return file.getvalue()
