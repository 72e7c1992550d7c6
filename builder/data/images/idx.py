"""Reads and writes the IDX format of MNIST, packed with gzip or not."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from builder.errors import DataError
from builder.spec.sources import DownloadSource, Source

LARGEST_BYTES = 2 << 30
PARTS = (("train", False), ("t10k", True))
FASHION = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
ENDINGS = {"images": "idx3-ubyte", "labels": "idx1-ubyte"}


def find_idx(folder: Path) -> dict[str, Path]:
    """The IDX files of a folder by role, such as "train-images"; empty if it has none."""
    found = {}
    for part, _ in PARTS:
        for role, ending in ENDINGS.items():
            for name in (f"{part}-{role}-{ending}", f"{part}-{role}.{ending}"):
                for path in (folder / name, folder / f"{name}.gz"):
                    if path.is_file():
                        found.setdefault(f"{part}-{role}", path)
    return found


def label_names(source: Source) -> tuple[str, ...]:
    """What the labels 0, 1, … stand for; empty where they are called by their number."""
    return FASHION if isinstance(source, DownloadSource) and source.name == "fashion-mnist" else ()


def read_labelled(folder: Path, part: str, place: str, channels: int, names: tuple[str, ...]) -> Iterator[tuple[np.ndarray, str]]:  # fmt: skip
    """Each image (H, W, channels) with its class; `names` stand for the labels. Raises: DataError as `read_pair`."""
    images, labels = read_pair(folder, part, place)
    for image, label in zip(images, labels.tolist(), strict=True):
        yield np.repeat(image[:, :, None], channels, axis=2), names[label] if label < len(names) else str(label)


def read_pair(folder: Path, part: str, place: str) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 (N, H, W) and labels uint8 (N). Raises: DataError if they are missing, damaged or of different length."""
    found = find_idx(folder)
    for role in ENDINGS:
        if f"{part}-{role}" not in found:
            raise DataError(f"{place} has no file {part}-{role}-{ENDINGS[role]} (.gz). Put it there.")
    images = read_idx(found[f"{part}-images"], 3)
    labels = read_idx(found[f"{part}-labels"], 1)
    if len(images) != len(labels):
        raise DataError(
            f"{place} has {len(images):,} {part} images but {len(labels):,} labels. Fetch both files again."
        )
    return images, labels


def read_idx(path: Path, axes: int) -> np.ndarray:
    """Uint8 with this many axes. Raises: DataError if the file says or holds something else."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            head = file.read(4 + 4 * axes)
            if len(head) < 4 + 4 * axes or head[:4] != bytes((0, 0, 8, axes)):
                raise DataError(f"{path.name} does not start as an IDX file of bytes with {axes} axes. Fetch it again.")
            shape = tuple(int(size) for size in np.frombuffer(head, ">u4", axes, 4))
            size_bytes = int(np.prod(shape, dtype=object))
            if size_bytes > LARGEST_BYTES:
                raise DataError(
                    f"{path.name} announces {size_bytes:,} bytes; {LARGEST_BYTES:,} are allowed. Fetch it again."
                )
            content = file.read(size_bytes + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path.name} is damaged: {error}. Fetch it again.") from None
    if len(content) != size_bytes:
        more = "more" if len(content) > size_bytes else "fewer"
        raise DataError(f"{path.name} holds {more} than the {size_bytes:,} values it announces. Fetch it again.")
    return np.frombuffer(content, np.uint8).reshape(shape)


def write_idx(path: Path, values: np.ndarray) -> None:
    """Uint8 values of any shape, not packed."""
    path.write_bytes(
        bytes((0, 0, 8, values.ndim)) + np.array(values.shape, ">u4").tobytes() + values.astype(np.uint8).tobytes()
    )
