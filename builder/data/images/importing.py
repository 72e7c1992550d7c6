"""Decodes every image of a source once and keeps the pixels."""

from collections.abc import Callable, Iterator
from pathlib import Path

from builder.data.images.archive import Archive, open_archive
from builder.data.images.decode import Unreadable, read_image
from builder.data.images.idx import PARTS, find_idx, read_labelled
from builder.data.images.store import ImageStore, Picture, write_store
from builder.data.preprocessing import sorted_names
from builder.data.storage import hash_file, hash_folder, key_of, open_once

FORMAT = 4


def import_images(path: Path, place: str, color: str, class_names: tuple[str, ...] = (), tell: Callable[[str], None] = lambda message: None) -> ImageStore:  # fmt: skip
    """`class_names` stand for the labels 0, 1, … of IDX files. Raises: DataError, and then nothing is kept."""
    content = hash_folder(path) if path.is_dir() else hash_file(path)
    key = key_of("images", FORMAT, content, color, class_names)
    return open_once(key, lambda folder: _import(path, place, color, class_names, tell, folder), ImageStore)


def _import(
    path: Path, place: str, color: str, class_names: tuple[str, ...], tell: Callable[[str], None], folder: Path
) -> None:
    if path.is_dir() and find_idx(path):
        pictures = list(_from_idx(path, place, color, class_names))
        write_store(pictures, class_names or sorted_names({picture.label for picture in pictures}), [], folder, place)
        return
    with open_archive(path, place) as archive:
        unreadable = [(name, "not in the folder of a class") for name in archive.stray]
        classes = sorted_names({member.label for member in archive.members})
        pictures = _from_archive(archive, color, unreadable, tell)
        write_store(pictures, classes, unreadable, folder, place, archive.validation)


def _from_archive(
    archive: Archive, color: str, unreadable: list[tuple[str, str]], tell: Callable[[str], None]
) -> Iterator[Picture]:
    for done, member in enumerate(archive.members):
        if done % 200 == 0:
            tell(f"Reading image {done + 1:,} of {len(archive.members):,}")
        try:
            pixels = read_image(archive.read(member), color)
        except (Unreadable, OSError) as error:
            unreadable.append((member.path, str(error)))
            continue
        yield Picture(pixels, member.label, member.path, member.is_test)


def _from_idx(folder: Path, place: str, color: str, class_names: tuple[str, ...]) -> Iterator[Picture]:
    found = find_idx(folder)
    for part, is_test in PARTS:
        if is_test and f"{part}-images" not in found:
            continue
        labelled = read_labelled(folder, part, place, 3 if color == "rgb" else 1, class_names)
        for at, (pixels, label) in enumerate(labelled):
            yield Picture(pixels, label, f"{part} image {at}", is_test)
