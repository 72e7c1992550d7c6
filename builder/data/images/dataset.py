"""Prepared images: pixels on disk, their classes and their split."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from builder.data.images.idx import label_names
from builder.data.preprocessing import sort_classes
from builder.data.splitting import SplitIndex, split_around_test, split_rows
from builder.spec.data import ImageData
from builder.spec.facts import OWN_INPUT, DataFacts, RawInput

if TYPE_CHECKING:
    from builder.data.images.statistics import ImageProfile
    from builder.data.images.store import ImageStore
    from builder.data.tables.warnings import DataWarning


@dataclass(frozen=True)
class ImageDataset:
    """`labels` are places in `classes`, also where they are not asked for; `names` are paths inside the archive."""

    data: ImageData
    place: str
    store: "ImageStore"
    classes: tuple[str, ...]
    labels: np.ndarray
    split: SplitIndex

    def __len__(self) -> int:
        return len(self.labels)

    def read(self, index: int) -> np.ndarray:
        """Uint8 (H, W, C) at its own size, read-only."""
        return self.store.read(index)

    def stacked(self) -> np.ndarray | None:
        """All images as uint8 (N, H, W, C) mapped from disk; None if their sizes differ."""
        return self.store.stacked()

    @property
    def names(self) -> tuple[str, ...]:
        return self.store.names

    @property
    def unreadable(self) -> tuple[tuple[str, str], ...]:
        """Files left out, each with the reason."""
        return self.store.unreadable

    @property
    def content(self) -> str:
        """Changes when the images do."""
        return self.store.folder.name

    def target_values(self) -> np.ndarray:
        return self.labels

    @cached_property
    def facts(self) -> DataFacts:
        return DataFacts(
            input_shape=(self.data.channels, self.data.height, self.data.width),
            **(self._own_input() if self.data.task == "reconstruction" else self._classes()),
            row_counts=self.split.row_counts,
            raw_inputs=(RawInput(name="image", dtype="uint8"),),
        )

    def _own_input(self) -> dict[str, Any]:
        return {"task": "reconstruction", "target": OWN_INPUT}

    def _classes(self) -> dict[str, Any]:
        counts = np.bincount(self.labels[self.split.train], minlength=len(self.classes))
        return {
            "task": "binary" if len(self.classes) == 2 else "multiclass", "target": "class", "classes": self.classes,
            "class_counts": tuple(int(count) for count in counts),
        }  # fmt: skip

    def profile(self) -> "ImageProfile":
        from builder.data.images.statistics import profile_images

        return profile_images(self)

    def warnings(self) -> "tuple[DataWarning, ...]":
        from builder.data.images.statistics import warn_of_images

        return warn_of_images(self)


def prepare_images(data: ImageData, path: Path, place: str, tell: Callable[[str], None]) -> ImageDataset:
    """Raises: DataError with one plain sentence."""
    from builder.data.images.importing import import_images

    store = import_images(path, place, data.color, label_names(data.source), tell)
    classes = store.classes if data.positive is None else sort_classes(store.classes, data.positive, "class")
    places = np.array([classes.index(name) for name in store.classes])
    labels = places[store.labels]
    return ImageDataset(data, place, store, classes, labels, _split(data, store, labels, place))


def _split(data: ImageData, store: "ImageStore", labels: np.ndarray, place: str) -> SplitIndex:
    if data.keep_given_test and store.tests.any():
        rows = np.flatnonzero(~store.tests)
        return split_around_test(rows, labels[rows], np.flatnonzero(store.tests), data.split, place)
    return split_rows(np.arange(len(store)), labels, data.split, place)
