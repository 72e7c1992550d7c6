"""Keeps decoded images on disk so that each can be read at once: all pixels in one file, with their places and shapes."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from builder.errors import DataError

LARGEST_PIXEL_BYTES = 32 << 30


@dataclass(frozen=True)
class Picture:
    """One image on its way into the store."""

    pixels_HWC: np.ndarray
    label: str
    name: str
    is_test: bool = False


class ImageStore:
    """Pixels are mapped into memory, never loaded whole; nothing is unpickled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        load = {
            name: np.load(folder / f"{name}.npy", allow_pickle=False)
            for name in ("offsets", "shapes", "labels", "tests")
        }
        self.offsets, self.shapes, self.labels, self.tests = (
            load["offsets"],
            load["shapes"],
            load["labels"],
            load["tests"],
        )
        notes = json.loads((folder / "notes.json").read_bytes())
        self.classes = tuple(notes["classes"])
        self.names = tuple(notes["names"])
        self.validation = tuple(notes["validation"])
        self.unreadable = tuple((name, reason) for name, reason in notes["unreadable"])
        self.pixels = np.asarray(np.memmap(folder / "pixels.bin", np.uint8, mode="r"))  # still mapped, but plain slices
        if len(self.pixels) != self.offsets[-1]:
            raise ValueError(f"{folder} is cut short")

    def __len__(self) -> int:
        return len(self.labels)

    def read(self, index: int) -> np.ndarray:
        """Uint8 (H, W, C), read-only."""
        return self.pixels[self.offsets[index] : self.offsets[index + 1]].reshape(self.shapes[index])

    def stacked(self) -> np.ndarray | None:
        """All images as uint8 (N, H, W, C), still on disk; None if their sizes differ."""
        if (self.shapes != self.shapes[0]).any():
            return None
        return self.pixels.reshape(len(self), *self.shapes[0])


def write_store(
    pictures: Iterable[Picture], classes: tuple[str, ...], unreadable: list[tuple[str, str]], folder: Path, place: str,
    validation: tuple[str, ...] = (),
) -> None:  # fmt: skip
    """`unreadable` may grow while `pictures` are taken. Raises: DataError if no two classes are left."""
    offsets, shapes, labels, tests, names = [0], [], [], [], []
    with (folder / "pixels.bin").open("wb") as file:
        for picture in pictures:
            file.write(np.ascontiguousarray(picture.pixels_HWC).data)
            offsets.append(offsets[-1] + picture.pixels_HWC.size)
            shapes.append(picture.pixels_HWC.shape)
            labels.append(picture.label)
            tests.append(picture.is_test)
            names.append(picture.name)
            if offsets[-1] > LARGEST_PIXEL_BYTES:
                raise DataError(
                    f"{place} holds more than {LARGEST_PIXEL_BYTES >> 30} GB of pixels. Use fewer or smaller images."
                )
    present = set(labels)
    kept = tuple(name for name in classes if name in present)
    if len(kept) < 2:
        example = f" (the first: {unreadable[0][0]}: {unreadable[0][1]})" if unreadable else ""
        raise DataError(f"{place} has readable images for {len(kept)} of {len(classes)} classes; two are needed{example}. Mend or replace the files.")  # fmt: skip
    arrays = {
        "offsets": np.array(offsets, np.int64), "shapes": np.array(shapes, np.int32),
        "labels": _places(labels, kept),
        "tests": np.array(tests, bool),
    }  # fmt: skip
    for name, values in arrays.items():
        np.save(folder / f"{name}.npy", values, allow_pickle=False)
    notes = {"classes": kept, "names": names, "unreadable": unreadable, "validation": validation}
    (folder / "notes.json").write_text(json.dumps(notes))


def _places(labels: list[str], classes: tuple[str, ...]) -> np.ndarray:
    places = {name: at for at, name in enumerate(classes)}
    return np.array([places[label] for label in labels], np.int64)
