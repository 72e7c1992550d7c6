"""Writes files so that a crash leaves either the old content or the new, and tells when one was written."""

import os
import tempfile
from pathlib import Path

_UMASK = os.umask(0)
os.umask(_UMASK)  # it can only be read by setting it: once, before any thread starts


Stamp = tuple[int, int, int] | None
"""A mark of a file as it is, another one as soon as anybody writes it; None if there is none."""


def stamp(path: Path) -> Stamp:
    """Cheap: nothing is read."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def write_atomically(path: Path, content: bytes, *, flushed: bool = True) -> None:
    """To a temporary name beside it, flushed to disk, then put in its place. Raises: OSError.

    Not `flushed` it is quicker, and a power failure in the next seconds may leave an empty file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            if flushed:
                os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_UMASK)  # mkstemp lets the owner alone read it
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    if flushed:
        _flush_folder(path.parent)


def forget_torn(folder: Path, *, but: Path) -> None:
    """Deletes what killed processes left half written here; not what others may be writing `but` now."""
    for torn in folder.glob(f".*.{'?' * 8}"):  # as mkstemp names them
        if not torn.name.startswith(f".{but.name}."):
            torn.unlink(missing_ok=True)


def bytes_from(path: Path, offset: int) -> bytes:
    """All from there on; nothing if there is no file."""
    try:
        with open(path, "rb") as file:
            file.seek(offset)
            return file.read()
    except FileNotFoundError:
        return b""


def _flush_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
