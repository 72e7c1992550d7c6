"""Reads further images for evaluation and prediction: one file, a zip or a folder, sorted by class or not."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from builder.data.images.archive import Member, holds_images, open_files, read_file
from builder.data.images.decode import Unreadable, read_image
from builder.data.images.idx import PARTS, find_idx, label_names, read_labelled
from builder.errors import DataError
from builder.spec.data import ImageData


@dataclass(frozen=True)
class FurtherImage:
    """`folder` is the one the image lies in, its class if the images are sorted; `reason` says why there are no pixels."""

    name: str
    folder: str
    pixels_HWC: np.ndarray | None
    reason: str = ""


def read_images(path: Path, data: ImageData) -> Iterator[FurtherImage]:
    """Uint8 images in the project's colour mode, one by one. Raises: DataError if the path holds none."""
    if not path.exists():
        raise DataError(f"There is no file or folder {path}. Check the path.")
    if not holds_images(path):
        yield _decode(path.name, "", lambda: read_file(path), data)
    elif part := part_read(path):
        yield from _from_idx(path, part, data)
    else:
        with open_files(path, path.name) as (names, read):
            if not names:
                raise DataError(f"{path.name} has no files in it. Give an image, a zip or a folder of images.")
            for name in names:
                yield _decode(name, PurePosixPath(name).parent.name, lambda name=name: read(Member(name, "")), data)


def _decode(name: str, folder: str, read, data: ImageData) -> FurtherImage:
    try:
        return FurtherImage(name, folder, read_image(read(), data.color))
    except (Unreadable, OSError) as error:
        return FurtherImage(name, folder, None, str(error))


def part_read(path: Path) -> str | None:
    """Of a folder of IDX files the part that is read, the test images if there are any: "t10k" or "train"."""
    found = find_idx(path) if path.is_dir() else {}
    return next((part for part, _ in reversed(PARTS) if f"{part}-images" in found), None)


def _from_idx(folder: Path, part: str, data: ImageData) -> Iterator[FurtherImage]:
    labelled = read_labelled(folder, part, folder.name, data.channels, label_names(data.source))
    for at, (pixels, label) in enumerate(labelled):
        yield FurtherImage(f"{part} image {at}", label, pixels)
