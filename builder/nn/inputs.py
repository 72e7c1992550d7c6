"""Preprocessing as modules: raw numbers, category ids and pixels in, what the first layer takes out.

This text is printed into generated scripts, so its classes depend on torch and math alone.
Legend: N rows of the batch, H W C image axes.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class TableInput(nn.Module):
    """Fills, scales and encodes the columns of a table.

    Input shape:  numbers (N, number columns) float32 with NaN for missing; ids (N, category columns) int64
    Output shape: (N, number columns + widths of the encodings)
    """

    def __init__(
        self, fill: Sequence[float], shift: Sequence[float], scale: Sequence[float],
        tables: Sequence[Sequence[Sequence[float]]],
    ):  # fmt: skip
        super().__init__()
        # onnxruntime takes a lone constant near 1e-9 for 0. Dividing by powers of two changes no digit.
        exponents = [(math.frexp(part)[1] for part in pair) for pair in zip(scale, shift, strict=True)]
        unit = [2.0 ** max(size - 2, place - 120, -120) for size, place in exponents]
        self.register_buffer("fill", torch.tensor(fill, dtype=torch.float32))
        self.register_buffer("unit", torch.tensor(unit, dtype=torch.float32))
        self.register_buffer("shift", torch.tensor([a / b for a, b in zip(shift, unit, strict=True)]))
        self.register_buffer("scale", torch.tensor([a / b for a, b in zip(scale, unit, strict=True)]))
        self.table_names = [f"table_{index}" for index in range(len(tables))]
        for name, table in zip(self.table_names, tables, strict=True):
            self.register_buffer(name, torch.tensor(table, dtype=torch.float32))

    def forward(self, numbers: Tensor, ids: Tensor) -> Tensor:
        parts = []
        if len(self.fill):
            filled = torch.where(torch.isnan(numbers), self.fill, numbers)
            parts.append((filled / self.unit - self.shift) / self.scale)
        for column, name in enumerate(self.table_names):
            parts.append(F.embedding(ids[:, column], getattr(self, name)))
        return torch.cat(parts, dim=1)


class ImageInput(nn.Module):
    """Resizes images and brings their pixels to the asked range.

    Input shape:  (N, H, W, C) uint8, any H and W
    Output shape: (N, C, height, width) float32
    """

    def __init__(self, height: int, width: int, mean: Sequence[float], std: Sequence[float]):
        super().__init__()
        self.size = (height, width)
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32).view(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(std, dtype=torch.float32).view(1, -1, 1, 1))

    def resize(self, image_NHWC: Tensor) -> Tensor:
        """(N, C, height, width) in grey levels 0 to 255."""
        x = image_NHWC.permute(0, 3, 1, 2).float()
        return F.interpolate(x, size=self.size, mode="bilinear", antialias=True, align_corners=False)

    def normalize(self, x_NCHW: Tensor) -> Tensor:
        return (x_NCHW - self.mean) / self.std

    def forward(self, image: Tensor) -> Tensor:
        return self.normalize(self.resize(image))
