"""Makes data that can be learned, but not at once: rows of features, small pictures, signals over time."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from builder.data.images.idx import write_idx

Made = tuple[np.ndarray, np.ndarray]
"""Inputs, and the class number of each."""


def make_features(width: int, classes: int = 10) -> Callable[[int], Made]:
    """Normal numbers whose class a random linear map names, with noise."""

    def make(rows: int) -> Made:
        random = np.random.default_rng(0)
        x = random.normal(size=(rows, width)).astype(np.float32)
        scores = x @ random.normal(size=(width, classes)).astype(np.float32) / np.sqrt(width)
        return x, (scores + random.normal(scale=0.3, size=scores.shape)).argmax(1)

    return make


def make_pictures(side: int, classes: int = 10) -> Callable[[int], Made]:
    """A blurred pattern for each class, moved by a few pixels and covered by noise."""

    def make(rows: int) -> Made:
        random = np.random.default_rng(0)
        patterns = random.uniform(size=(classes, side // 4, side // 4)).repeat(4, axis=1).repeat(4, axis=2)
        labels, shifts = random.integers(0, classes, rows), random.integers(-4, 5, (rows, 2))
        x = np.stack([
            np.roll(patterns[label], shift, axis=(0, 1)) for label, shift in zip(labels, shifts, strict=True)
        ])  # fmt: skip
        x = 255 * (0.4 * x + 0.6 * random.uniform(size=x.shape))
        return x.astype(np.uint8), labels

    return make


def make_signals(length: int, classes: int) -> Callable[[int], Made]:
    """Sine waves that differ in frequency, of any phase, with noise."""

    def make(rows: int) -> Made:
        random = np.random.default_rng(0)
        labels, phases = random.integers(0, classes, rows), random.uniform(0, 2 * np.pi, (rows, 1))
        periods = 5 * 2.0 ** labels[:, None]
        x = np.sin(2 * np.pi * np.arange(length) / periods + phases) + random.normal(scale=0.3, size=(rows, length))
        return x.astype(np.float32), labels

    return make


def write_table(made: Made, folder: Path) -> Path:
    x, labels = made
    frame = pd.DataFrame(x, columns=[f"x{at}" for at in range(x.shape[1])])
    frame["class"] = [f"c{label}" for label in labels]
    frame.to_parquet(folder / "rows.parquet", index=False)
    return folder / "rows.parquet"


def write_pictures(made: Made, folder: Path) -> Path:
    """As MNIST's files."""
    pixels, labels = made
    place = folder / "pictures"
    place.mkdir()
    write_idx(place / "train-images-idx3-ubyte", pixels)
    write_idx(place / "train-labels-idx1-ubyte", labels)
    return place
