"""Describes prepared images for the screens."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from builder.data.tables.statistics import class_balance
from builder.data.tables.warnings import DataWarning, warn_of_alike, warn_of_tiny_classes

if TYPE_CHECKING:
    from builder.data.images.dataset import ImageDataset


@dataclass(frozen=True)
class ImageProfile:
    """Sizes in pixels."""

    images: int
    class_balance: dict[str, tuple[int, int, int]]
    """Images of each class in training, validation and test."""
    smallest: tuple[int, int]
    """Least height and least width."""
    largest: tuple[int, int]
    usual: tuple[int, int]
    """Median height and width."""
    unreadable: tuple[tuple[str, str], ...]


def profile_images(dataset: "ImageDataset") -> ImageProfile:
    sizes = dataset.store.shapes[:, :2]
    least, most, usual = sizes.min(axis=0), sizes.max(axis=0), np.median(sizes, axis=0)
    return ImageProfile(
        images=len(dataset),
        class_balance=class_balance(dataset.classes, dataset.labels, dataset.split.parts()),
        smallest=(int(least[0]), int(least[1])),
        largest=(int(most[0]), int(most[1])),
        usual=(int(usual[0]), int(usual[1])),
        unreadable=dataset.unreadable,
    )


def warn_of_images(dataset: "ImageDataset") -> tuple[DataWarning, ...]:
    return tuple(_warnings(dataset))


def _warnings(dataset: "ImageDataset") -> Iterator[DataWarning]:
    if dataset.unreadable:
        name, reason = dataset.unreadable[0]
        count = len(dataset.unreadable)
        yield DataWarning(
            "warning",
            None,
            f"{count:,} file{'s' * (count > 1)} could not be used and {'are' if count > 1 else 'is'} left out; the first is '{name}': {reason}. Replace or remove them.",
        )
    if dataset.store.validation:
        folder = dataset.store.validation[0]
        yield DataWarning(
            "info",
            None,
            f"The images of the folder '{folder}' join those for training, and together they are dealt by the shares of the split. Leave '{folder}' out if it must not be learnt from.",
        )
    if dataset.facts.classes:
        yield from warn_of_tiny_classes(dataset.classes, dataset.labels, "class", "images")
    yield from warn_of_alike(dataset.classes, "class", "classes")
    height, width = np.median(dataset.store.shapes[:, :2], axis=0)
    if height * 2 <= dataset.data.height or width * 2 <= dataset.data.width:
        yield DataWarning(
            "info",
            None,
            f"Most images are {width:.0f} × {height:.0f} pixels and are enlarged to {dataset.data.width} × {dataset.data.height}, which adds work but no detail. Choose a smaller size.",
        )
