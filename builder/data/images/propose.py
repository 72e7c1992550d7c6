"""Proposes size and colour for a set of images."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from builder.data.images.archive import open_archive
from builder.data.images.decode import Unreadable, read_image
from builder.data.images.idx import find_idx, read_pair
from builder.errors import DataError
from builder.spec.data import ImageData
from builder.spec.sources import Source

LOOKED_AT = 60
LARGEST_KEPT = 64
"""Up to this side, images that are all of one size keep it; others are brought to a square."""
SQUARES = (64, 48, 32, 24, 16)


def propose_images(source: Source, path: Path, place: str) -> ImageData:
    """Looks at some images of every class. Raises: DataError if the source cannot be read."""
    seen = [(image.shape[:2], bool((image == image[:, :, :1]).all())) for image in _look(path, place)]  # one at a time
    if not seen:
        raise DataError(f"{place} has no readable image among the first {LOOKED_AT}. Use PNG or JPEG files.")
    height, width = _size([size for size, _ in seen])
    is_grey = all(is_grey for _, is_grey in seen)
    return ImageData(source=source, height=height, width=width, color="grayscale" if is_grey else "rgb")


def _size(sizes: list[tuple[int, int]]) -> tuple[int, int]:
    if len(set(sizes)) == 1 and min(sizes[0]) >= 8 and max(sizes[0]) <= LARGEST_KEPT:
        return sizes[0]
    usual = float(np.median([min(size) for size in sizes]))
    side = next((square for square in SQUARES if square <= usual), 8)
    return side, side


def _look(path: Path, place: str) -> Iterator[np.ndarray]:
    if path.is_dir() and find_idx(path):
        images, _ = read_pair(path, "train", place)
        yield from np.repeat(images[:LOOKED_AT, :, :, None], 3, axis=3)
        return
    with open_archive(path, place) as archive:
        step = max(1, len(archive.members) // LOOKED_AT)
        for member in archive.members[::step]:
            try:
                yield read_image(archive.read(member), "rgb")
            except (Unreadable, OSError):
                continue
