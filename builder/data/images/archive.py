"""Lists the images of a zip or folder with their classes, and reads them under caps; nothing is unpacked to disk."""

import lzma
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from builder.errors import DataError

MOST_MEMBERS = 500_000
LARGEST_MEMBER_BYTES = 256 << 20
LARGEST_TOTAL_BYTES = 16 << 30
LARGEST_RATIO = 300
SMALL_BYTES = 4 << 20
"""Below this no ratio is suspicious: a blank bitmap packs a thousandfold."""

IGNORED = ("__macosx", "thumbs.db", "desktop.ini")
TABLES = (".csv", ".tsv", ".txt", ".parquet", ".xlsx")
TRAIN, VALIDATION, TEST = {"train", "training"}, {"val", "valid", "validation"}, {"test", "testing"}


@dataclass(frozen=True)
class Member:
    """A file of the archive: its path there, its class and whether it belongs to a given test set."""

    path: str
    label: str
    is_test: bool = False


@dataclass(frozen=True)
class Archive:
    members: tuple[Member, ...]
    stray: tuple[str, ...]
    """Files outside every class folder."""
    validation: tuple[str, ...]
    """Folders of a given validation set; their images join the training images, to be dealt anew."""
    read: Callable[[Member], bytes]
    """Raises: OSError with the reason."""


def holds_images(path: Path) -> bool:
    """Whether the source is a folder, or a zip that is no Excel workbook; anything else is a table."""
    if path.is_dir():
        return True
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return "xl/workbook.xml" not in archive.namelist()


@contextmanager
def open_archive(path: Path, place: str) -> Iterator[Archive]:
    """Files sorted by class. Raises: DataError if it is damaged, tries to leave its folder, or has no class folders."""
    with open_files(path, place) as (names, read):
        yield _sort(names, place, read)


@contextmanager
def open_files(path: Path, place: str) -> Iterator[tuple[list[str], Callable[[Member], bytes]]]:
    """Names of the files, hidden ones left out, and a way to read them. Raises: DataError as above."""
    if path.is_dir():
        root = path.resolve()
        yield _visible(_walk(root, place)), lambda member: read_file(root / member.path)
        return
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise DataError(f"{place} is not a readable zip file: {error}. Pack the folder again.") from None
    with archive:
        budget = _Budget()
        yield _visible(_list(archive, place)), lambda member: budget.read(archive, member.path)


def _list(archive: zipfile.ZipFile, place: str) -> list[str]:
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise DataError(f"{place} has {len(members):,} files; {MOST_MEMBERS:,} are allowed. Split it.")
    if sum(member.file_size for member in members) > LARGEST_TOTAL_BYTES:
        raise DataError(
            f"{place} unpacks to more than {LARGEST_TOTAL_BYTES >> 30} GB. Use a folder on this machine, or smaller images."
        )
    for member in members:
        _check_inside(member.filename, place)
        if stat.S_ISLNK(member.external_attr >> 16):
            raise DataError(
                f"{place}: '{member.filename}' is a link, which is not allowed in an archive. Pack the file itself."
            )
        if member.flag_bits & 1:
            raise DataError(f"{place} is encrypted. Pack it without a password.")
    return [member.filename for member in members if not member.filename.endswith(("/", "\\"))]


def _check_inside(name: str, place: str) -> None:
    """Raises: DataError if the member's path would leave the folder it is unpacked to."""
    folder = "/archive"
    resolved = os.path.normpath(os.path.join(folder, name.replace("\\", "/")))
    if not resolved.startswith(folder + "/") or ".." in _parts(name) or ":" in name.split("/")[0]:
        raise DataError(f"{place}: the path '{name}' leads out of the archive. Pack the folder again with plain names.")


def _walk(root: Path, place: str) -> list[str]:
    names = []
    for folder, subfolders, files in os.walk(root):
        subfolders.sort()
        for name in sorted(files) + [name for name in subfolders if Path(folder, name).is_symlink()]:
            path = Path(folder, name)
            if not path.resolve().is_relative_to(root):
                raise DataError(
                    f"{place}: '{path.relative_to(root)}' is a link that leads out of the folder. Put the file itself there."
                )
            if path.is_file():
                names.append(path.relative_to(root).as_posix())
        if len(names) > MOST_MEMBERS:
            raise DataError(f"{place} has more than {MOST_MEMBERS:,} files. Choose a smaller folder.")
    return names


def _sort(names: list[str], place: str, read: Callable[[Member], bytes]) -> Archive:
    """Files to classes: the first folder below a wrapping one, or below train and test folders."""
    paths = {name: _parts(name) for name in names}
    while (
        paths and len({parts[0] for parts in paths.values()}) == 1 and all(len(parts) > 2 for parts in paths.values())
    ):
        paths = {name: parts[1:] for name, parts in paths.items()}
    tops = {parts[0].casefold() for parts in paths.values() if len(parts) > 1}
    is_dealt = len(tops) > 1 and tops <= TRAIN | VALIDATION | TEST
    depth = 2 if is_dealt else 1
    members = [
        Member(name, parts[depth - 1], is_dealt and parts[0].casefold() in TEST)
        for name, parts in paths.items() if len(parts) > depth
    ]  # fmt: skip
    labels = {member.label for member in members}
    if len(labels) < 2:
        got = f"only '{labels.pop()}'" if labels else "none"
        table = next((name for name in names if name.casefold().endswith(TABLES)), None)
        way_out = f"Unpack it and bring the table '{table}' itself" if table else "Sort the images into folders"
        raise DataError(f"{place} needs one subfolder of images for each class, at least two; got {got}. {way_out}.")
    stray = tuple(name for name, parts in paths.items() if len(parts) <= depth)
    given = {parts[0] for parts in paths.values() if len(parts) > depth == 2 and parts[0].casefold() in VALIDATION}
    return Archive(tuple(members), stray, tuple(sorted(given)), read)


def _visible(names: list[str]) -> list[str]:
    """In order, without hidden files and what operating systems leave behind."""
    return sorted(name for name in names if not any(_is_ignored(part) for part in _parts(name)))


def _parts(name: str) -> tuple[str, ...]:
    """Some programs for Windows pack names with backslashes."""
    return PurePosixPath(name.replace("\\", "/")).parts


def _is_ignored(part: str) -> bool:
    return part.startswith(".") or part.casefold() in IGNORED


def read_file(path: Path) -> bytes:
    """Raises: OSError if it is too large."""
    if path.stat().st_size > LARGEST_MEMBER_BYTES:
        raise OSError(f"larger than {LARGEST_MEMBER_BYTES >> 20} MB")
    return path.read_bytes()


class _Budget:
    """Counts what really comes out of a zip; its own figures may lie."""

    def __init__(self) -> None:
        self.total_bytes = 0

    def read(self, archive: zipfile.ZipFile, name: str) -> bytes:
        packed = archive.getinfo(name).compress_size
        largest = min(
            LARGEST_MEMBER_BYTES, max(SMALL_BYTES, LARGEST_RATIO * packed), LARGEST_TOTAL_BYTES - self.total_bytes
        )
        try:
            with archive.open(name) as file:
                content = file.read(largest + 1)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error, lzma.LZMAError) as error:
            raise OSError(str(error) or type(error).__name__) from None
        if len(content) > largest:
            raise OSError("unpacks to far more than its packed size")
        self.total_bytes += len(content)
        return content
