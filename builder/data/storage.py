"""Keeps prepared data under a name that follows from its content, so that nothing is prepared twice or by halves."""

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from builder.files import write_atomically
from builder.home import home

CHUNK_BYTES = 1 << 20
ABANDONED_AFTER_S = 24 * 3600
UNUSED_AFTER_S = 60 * 24 * 3600
"""Prepared data that nobody has opened for so long are deleted; they are prepared anew when somebody does."""
DAMAGED = (OSError, ValueError, EOFError, LookupError, TypeError)
"""What numpy, pyarrow and json raise for a file that is cut short or garbled."""

Opened = TypeVar("Opened")


def open_once(key: str, build: Callable[[Path], None], load: Callable[[Path], Opened]) -> Opened:
    """What `load` makes of the folder of `key`; one that cannot be read is built anew."""
    folder = build_once(key, build)
    try:
        return load(folder)
    except DAMAGED:
        shutil.rmtree(folder, ignore_errors=True)
    return load(build_once(key, build))


def build_once(key: str, build: Callable[[Path], None]) -> Path:
    """The folder of `key`; if there is none, `build` fills a temporary one, which then takes its place whole."""
    datasets = home() / "datasets"
    folder = datasets / key
    if folder.is_dir():
        os.utime(folder)  # says when it was last used
        return folder
    with passing_folder() as unfinished:
        build(unfinished)
        _flush(unfinished)
        try:
            unfinished.rename(folder)
        except OSError:
            if not folder.is_dir():  # otherwise another process was faster, with the same content
                raise
        _flush_one(datasets)
    return folder


@contextmanager
def passing_folder() -> Iterator[Path]:
    """A folder for what is needed only now, beside the kept data sets."""
    datasets = home() / "datasets"
    datasets.mkdir(exist_ok=True)
    _remove_old(datasets.glob(".building-*"), ABANDONED_AFTER_S)  # what a killed process left unfinished
    _remove_old((datasets / name for name in _names(datasets)), UNUSED_AFTER_S)
    folder = Path(tempfile.mkdtemp(dir=datasets, prefix=".building-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def key_of(*parts: Any) -> str:
    """A short name for this combination of JSON values."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def hash_file(path: Path) -> str:
    """SHA-256 of the content; read again only if size or times have changed."""
    stat = path.stat()
    state = [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]
    note = home() / "datasets" / "hashes" / f"{key_of(str(path.resolve()))}.json"
    try:
        known = json.loads(note.read_bytes())
    except (OSError, ValueError):
        known = {}
    if known.get("state") != state:
        known = {"state": state, "sha256": _sha256(path)}
        write_atomically(note, json.dumps(known).encode())
    return known["sha256"]


def hash_folder(folder: Path) -> str:
    """Follows from the names, sizes and times of every file in the folder."""
    rows = []
    for place, subfolders, names in os.walk(folder):
        subfolders.sort()
        for name in sorted(names):
            stat = os.lstat(os.path.join(place, name))
            rows.append([os.path.relpath(place, folder), name, stat.st_size, stat.st_mtime_ns])
    return key_of(str(folder.resolve()), rows)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(folder: Path) -> None:
    """Brings all files to the disk, so that after a power cut no name stands for half of its content."""
    for path in (*folder.rglob("*"), folder):
        _flush_one(path)


def _flush_one(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _names(datasets: Path) -> list[str]:
    return [name for name in os.listdir(datasets) if name != "hashes" and not name.startswith(".")]


def _remove_old(folders: Iterable[Path], age_s: float) -> None:
    for folder in folders:
        try:
            if time.time() - folder.stat().st_mtime > age_s:
                shutil.rmtree(folder, ignore_errors=True)
        except FileNotFoundError:
            continue
