"""Rows and images as tensors, preprocessed as the exported model will do it."""

import math
from collections.abc import Callable, Iterable, Sequence
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
from builder.training.memory import give_back, require_memory
from builder.training.row_file import BLOCKS_TOGETHER, encoded_parts, open_rows, places_of

MOST_MEASURED, FEWEST_MEASURED, MEASURED_VALUES = 200_000, 10_000, 10_000_000
"""Rows kept aside on which a table that is read from disk is measured, so that there are at most so many answers."""


class Examples:
    """Everything the loop needs of the data.

    `targets` are in the form the loss takes; `truth` is class numbers (N,) or values (N, 1) in the target's own unit.
    """

    preprocessing: TablePreprocessing | ImagePreprocessing
    note = ""
    """What is to be said of a finished training on them."""
    is_augmented = False
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
    """All rows in memory."""

    def __init__(self, dataset: TableDataset, loss: Loss):
        self.preprocessing = dataset.preprocessing
        self.train_rows, self.validation_rows, self.test_rows = split_rows(dataset)
        self._open(dataset)
        self.targets = self.truth = OwnInputs(self.inputs)
        if dataset.facts.task != "reconstruction":
            values = dataset.target_values()
            self.truth = class_targets(values, None) if self.preprocessing.classes else _column(values)
            is_same = self.preprocessing.classes and not loss.takes_column
            self.targets = self.truth if is_same else scaled_targets(values, self.preprocessing, loss)

    def inputs(self, rows: Tensor) -> Tensor:
        return self._inputs[rows]

    def _open(self, dataset: TableDataset) -> None:
        width = self.preprocessing.width
        _require_memory(len(dataset) * width * 4, "rows", "Leave out columns with many categories.")
        self._inputs = torch.empty(len(dataset), width)
        for start, part in encoded_parts(dataset):
            self._inputs[start : start + len(part)] = part


class StreamedTableExamples(TableExamples):
    """Rows of a file on disk, in one random order, of which some blocks are in memory.

    An epoch takes the blocks in an order of its own, and mixes the rows of several blocks at a time. Answers for all rows
    that were kept aside could fill the memory as well, so the model is measured on some of them.
    """

    def __init__(self, dataset: TableDataset, loss: Loss):
        super().__init__(dataset, loss)
        most = max(FEWEST_MEASURED, min(MOST_MEASURED, MEASURED_VALUES // dataset.facts.target_size))
        kept_aside = len(self.validation_rows), len(self.test_rows)
        self.validation_rows, self.test_rows = _some(self.validation_rows, most), _some(self.test_rows, most)
        measured = len(self.validation_rows), len(self.test_rows)
        give_back()  # what it took to find the targets and places of all rows
        self.note = "The rows were read from disk, in blocks in random order."
        if measured != kept_aside:
            self.note += f" Validation and test figures are of {measured[0]:,} and {measured[1]:,} rows, evenly picked from {kept_aside[0]:,} and {kept_aside[1]:,}."  # fmt: skip

    def inputs(self, rows: Tensor) -> Tensor:
        return self._file.read(self._places[rows].long())

    def order(self, seed: int, epoch: int) -> Tensor:
        random, size = torch.Generator().manual_seed(seed * 1_000_003 + epoch), self._file.block_rows
        starts = torch.arange(0, len(self._by_place), size)
        mixed = []
        for together in starts[torch.randperm(len(starts), generator=random)].split(BLOCKS_TOGETHER):
            rows = torch.cat([self._by_place[start : start + size] for start in together.tolist()])
            mixed.append(rows[torch.randperm(len(rows), generator=random)])
        return torch.cat(mixed).long()

    def _open(self, dataset: TableDataset) -> None:
        places = places_of(dataset)
        self._file = open_rows(dataset, places)
        self._places = torch.from_numpy(places.astype(np.int32))
        self._by_place = torch.empty(len(self.train_rows), dtype=torch.int32)
        self._by_place[self._places[self.train_rows].long()] = self.train_rows.int()


class ImageExamples(Examples):
    def __init__(self, dataset: ImageDataset, loss: Loss, seed: int, channels_last: bool = True):
        data = dataset.data
        self._augmentations, self._seed, self.is_augmented = data.augmentations, seed, bool(data.augmentations)
        self._order = torch.channels_last if channels_last else torch.contiguous_format
        self.train_rows, self.validation_rows, self.test_rows = split_rows(dataset)
        self._pixels_NCHW = _resized(dataset)
        self._pixels_NHWC = self._pixels_NCHW.numpy().transpose(0, 2, 3, 1)  # the same memory
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
        images = np.empty((len(rows), *self.image_shape), np.float32)
        self.augment(rows.tolist(), epoch, images)
        return self.finished(images)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(H, W, C)"""
        return self._pixels_NHWC.shape[1:]

    def augment(self, rows: Sequence[int], epoch: int, images_NHWC: np.ndarray) -> None:
        """Writes the changed images of these rows, in grey levels. Without torch: processes do this too."""
        for place, row in enumerate(rows):
            rng = sample_rng(self._seed, epoch, row)
            images_NHWC[place] = augment(self._pixels_NHWC[row], self._augmentations, rng)

    def finished(self, images_NHWC: np.ndarray) -> Tensor:
        """What the first layer takes, of changed images."""
        x_NCHW = torch.from_numpy(images_NHWC).permute(0, 3, 1, 2)
        return self._module.normalize(x_NCHW).contiguous(memory_format=self._order)


def load_examples(
    dataset: TableDataset | ImageDataset, loss: Loss, seed: int, *, channels_last: bool = True
) -> Examples:
    if isinstance(dataset, ImageDataset):
        return ImageExamples(dataset, loss, seed, channels_last)
    return (StreamedTableExamples if dataset.is_streamed else TableExamples)(dataset, loss)


def _some(rows: Tensor, most: int) -> Tensor:
    """At most so many, evenly picked."""
    return rows if len(rows) <= most else rows[torch.arange(most) * len(rows) // most]


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
    return torch.from_numpy(labels.astype(np.int64, copy=False))


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
