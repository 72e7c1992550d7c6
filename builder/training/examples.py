"""Rows and images as tensors, preprocessed as the exported model will do it."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from builder.catalogue.losses import Loss
from builder.data.dataset import ImageDataset, TableDataset
from builder.data.images.augment import augment, sample_rng
from builder.data.preprocessing import TablePreprocessing
from builder.nn.batches import epoch_order
from builder.nn.fitting import ImagePreprocessing, build_input, fit_images
from builder.training.memory import require_memory


class Examples:
    """Everything the loop needs of the data.

    `targets` are in the form the loss takes; `truth` is class numbers (N,) or values (N, 1) in the target's own unit.
    """

    preprocessing: TablePreprocessing | ImagePreprocessing
    is_augmented: bool
    """Whether training sees the rows changed at random."""
    targets: "Tensor | OwnInputs"
    truth: "Tensor | OwnInputs"
    train_rows: Tensor
    validation_rows: Tensor
    test_rows: Tensor

    def inputs(self, rows: Tensor) -> Tensor:
        """What the first layer takes, for these rows."""
        raise NotImplementedError

    def training_inputs(self, rows: Tensor, epoch: int) -> Tensor:
        """The same with augmentation, which depends on seed, epoch and row alone."""
        return self.inputs(rows)

    def order(self, seed: int, epoch: int) -> Tensor:
        """The training rows in the order of this epoch."""
        return epoch_order(self.train_rows, seed, epoch)

    def begin_epoch(self, epoch: int, parts: Iterable[Tensor]) -> None:
        """Told the rows of each forward pass to come, in turn, before the first that is left of an epoch."""


@dataclass(frozen=True)
class OwnInputs:
    """Stands for targets and truth where the inputs themselves are to be given back."""

    inputs: Callable[[Tensor], Tensor]

    def __getitem__(self, rows: Tensor) -> Tensor:
        return self.inputs(rows)


class TableExamples(Examples):
    is_augmented = False

    def __init__(self, dataset: TableDataset, loss: Loss):
        self.preprocessing = dataset.preprocessing
        _require_memory(len(dataset) * self.preprocessing.width * 4, "rows", "Leave out columns with many categories.")
        numbers, ids = dataset.preprocessing.encode(dataset.frame)
        with torch.no_grad():
            self._inputs = build_input(self.preprocessing)(torch.from_numpy(numbers), torch.from_numpy(ids))
        self.targets = self.truth = OwnInputs(self.inputs)
        if dataset.facts.task != "reconstruction":
            values = dataset.target_values()
            self.targets = scaled_targets(values, self.preprocessing, loss)
            self.truth = class_targets(values, None) if self.preprocessing.classes else _column(values)
        self.train_rows, self.validation_rows, self.test_rows = split_rows(dataset)

    def inputs(self, rows: Tensor) -> Tensor:
        return self._inputs[rows]


class ImageExamples(Examples):
    def __init__(self, dataset: ImageDataset, loss: Loss, seed: int, channels_last: bool = True):
        data = dataset.data
        self._augmentations, self._seed, self.is_augmented = data.augmentations, seed, bool(data.augmentations)
        self._order = torch.channels_last if channels_last else torch.contiguous_format
        self.train_rows, self.validation_rows, self.test_rows = split_rows(dataset)
        self._pixels_NCHW = _resized(dataset)
        self.preprocessing = fit_images(data, self._pixels_NCHW[self.train_rows], dataset.facts.classes)
        self._module = build_input(self.preprocessing)
        self.targets = self.truth = OwnInputs(self.inputs)
        if dataset.facts.task == "reconstruction":
            _require_memory_to_compare(dataset)
        else:
            self.targets, self.truth = class_targets(dataset.labels, loss), class_targets(dataset.labels, None)

    @torch.no_grad()
    def inputs(self, rows: Tensor) -> Tensor:
        return self._module.normalize(self._pixels_NCHW[rows].float()).contiguous(memory_format=self._order)

    @torch.no_grad()
    def training_inputs(self, rows: Tensor, epoch: int) -> Tensor:
        if not self._augmentations:
            return self.inputs(rows)
        images = [self._augmented(row, epoch) for row in rows.tolist()]
        x_NCHW = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2)
        return self._module.normalize(x_NCHW).contiguous(memory_format=self._order)

    def _augmented(self, row: int, epoch: int) -> np.ndarray:
        image_HWC = self._pixels_NCHW[row].permute(1, 2, 0).numpy()
        return augment(image_HWC, self._augmentations, sample_rng(self._seed, epoch, row))


def load_examples(
    dataset: TableDataset | ImageDataset, loss: Loss, seed: int, *, channels_last: bool = True
) -> Examples:
    if isinstance(dataset, ImageDataset):
        return ImageExamples(dataset, loss, seed, channels_last)
    return TableExamples(dataset, loss)


def split_rows(dataset: TableDataset | ImageDataset) -> tuple[Tensor, Tensor, Tensor]:
    split = dataset.split
    return tuple(torch.from_numpy(rows) for rows in (split.train, split.validation, split.test))


def scaled_targets(values: np.ndarray, preprocessing: TablePreprocessing, loss: Loss) -> Tensor:
    """Class numbers as the loss takes them, or numbers scaled as it takes them: mostly to mean 0 and variance 1."""
    if preprocessing.classes:
        return class_targets(values, loss)
    shift, scale = loss.target_scaling(preprocessing.target_shift, preprocessing.target_scale)
    return _column((values - shift) / scale)


def class_targets(labels: np.ndarray, loss: Loss | None) -> Tensor:
    """Class numbers (N,), or as the loss takes them."""
    if loss is not None and loss.takes_column:
        return _column(labels)
    return torch.from_numpy(labels.astype(np.int64))


def _column(values: np.ndarray) -> Tensor:
    return torch.from_numpy(values.astype(np.float32)).unsqueeze(1)


def _require_memory_to_compare(dataset: ImageDataset) -> None:
    """Held-out images and what came back are held as floats, and as doubles by the metrics."""
    rows = max(dataset.facts.row_counts[1:])
    size_bytes = rows * dataset.facts.target_size * 2 * (4 + 8)
    require_memory(size_bytes, "Comparing all held-out images with what came back", "Choose a smaller size.")


def _require_memory(size_bytes: int, what: str, way_out: str) -> None:
    require_memory(size_bytes, f"Holding all {what} as the model takes them", way_out)


def _resized(dataset: ImageDataset) -> Tensor:
    """All images at the model's size (N, C, H, W), in grey levels: as bytes if none had to be resized, else as floats."""
    data, stacked = dataset.data, dataset.stacked()
    if stacked is not None and stacked.shape[1:3] == (data.height, data.width):
        return torch.tensor(stacked).permute(0, 3, 1, 2).contiguous()
    shape = (len(dataset), data.channels, data.height, data.width)
    _require_memory(math.prod(shape) * 4, "images", "Choose a smaller size.")
    pixels = torch.empty(shape)
    size = ImagePreprocessing(height=data.height, width=data.width, mean=(0.0,), std=(1.0,), classes=())
    resize = build_input(size).resize
    for row in range(len(dataset)):
        pixels[row] = resize(torch.tensor(dataset.read(row)).unsqueeze(0))[0]
    return pixels
