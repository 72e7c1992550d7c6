"""What was fitted on the training images, and the input module for any data."""

from typing import Literal

import torch
from torch import Tensor, nn

from builder.data.preprocessing import TablePreprocessing
from builder.nn.inputs import ImageInput, TableInput
from builder.spec.base import Spec
from builder.spec.data import ImageData

RANGES = {"unit": (0.0, 255.0), "signed": (127.5, 127.5)}
"""Shift and scale in grey levels of the normalisations that need no fitting."""


class ImagePreprocessing(Spec):
    """Size in pixels; mean and standard deviation of each channel in grey levels 0 to 255."""

    kind: Literal["image"] = "image"
    height: int
    width: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    classes: tuple[str, ...]


def fit_images(data: ImageData, pixels_NCHW: Tensor, classes: tuple[str, ...]) -> ImagePreprocessing:
    """`pixels_NCHW` are the resized training images in grey levels."""
    if data.normalization == "standard":
        means = [channel.double().mean().item() for channel in pixels_NCHW.unbind(1)]
        stds = [max(channel.double().std().item(), 1.0) for channel in pixels_NCHW.unbind(1)]
    else:
        shift, scale = RANGES[data.normalization]
        means, stds = [shift] * data.channels, [scale] * data.channels
    return ImagePreprocessing(height=data.height, width=data.width, mean=tuple(means), std=tuple(stds), classes=classes)


def input_arguments(preprocessing: TablePreprocessing | ImagePreprocessing) -> dict:
    """Keyword arguments of the input module."""
    if isinstance(preprocessing, ImagePreprocessing):
        return preprocessing.model_dump(exclude={"kind", "classes"})
    return {
        "fill": [column.fill for column in preprocessing.numbers],
        "shift": [column.shift for column in preprocessing.numbers],
        "scale": [column.scale for column in preprocessing.numbers],
        "tables": [column.table for column in preprocessing.categories],
    }


def build_input(preprocessing: TablePreprocessing | ImagePreprocessing) -> nn.Module:
    kind = ImageInput if isinstance(preprocessing, ImagePreprocessing) else TableInput
    with torch.no_grad():
        return kind(**input_arguments(preprocessing)).eval()
