"""The models in plain torch."""

import itertools

import torch
from torch import Tensor, nn


def torch_model(case: str) -> nn.Module:
    return {
        "mlp": lambda: _dense(784, 128, 10), "wide": lambda: _dense(1000, 128, 64, 10),
        "table": lambda: _dense(30, 128, 64, 1), "cnn": _convolutional, "lstm": Recurrent, "transformer": Encoder,
    }[case]()  # fmt: skip


def _dense(*sizes: int) -> nn.Module:
    layers: list[nn.Module] = []
    for size, following in itertools.pairwise(sizes):
        layers += [nn.Linear(size, following), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def _convolutional() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.LazyLinear(128), nn.ReLU(), nn.Linear(128, 10),
    )  # fmt: skip


class Recurrent(nn.Module):
    """Input shape: (N, 100)"""

    def __init__(self):
        super().__init__()
        self.lstm, self.out = nn.LSTM(1, 64, batch_first=True), nn.Linear(64, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.lstm(x.unsqueeze(2))[1][0][-1])


class Encoder(nn.Module):
    """Input shape: (N, 128)"""

    def __init__(self):
        super().__init__()
        self.widen, self.places = nn.Linear(1, 128), nn.Parameter(torch.randn(128, 128) * 0.02)
        blocks = [
            nn.TransformerEncoderLayer(128, 4, 256, dropout=0.0, batch_first=True, norm_first=True) for _ in range(2)
        ]
        self.blocks, self.out = nn.Sequential(*blocks), nn.Linear(128, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.blocks(self.widen(x.unsqueeze(2)) + self.places).mean(1))
