"""Reads and writes the IDX format of MNIST, packed with gzip or not."""

import gzip
import zlib
from pathlib import Path

import numpy as np

from builder.errors import DataError

LARGEST_BYTES = 2 << 30
PARTS = (("train", False), ("t10k", True))
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
