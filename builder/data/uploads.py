"""Keeps uploaded files by their content, and says where the bytes of a source are."""

import hashlib
import json
import os
import tempfile
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from builder.data.storage import CHUNK_BYTES
from builder.errors import DataError
from builder.home import home
from builder.spec.sources import DownloadSource, FileSource, SampleSource, Source, UploadSource

LARGEST_UPLOAD_BYTES = 500 << 20
"""As maxUploadSize in .streamlit/config.toml."""


def keep_upload(name: str, content: bytes | BinaryIO) -> UploadSource:
    """Stores the content under its SHA-256. Raises: DataError if it is empty or too large."""
    shown = _plain_name(name)
    uploads = home() / "uploads"
    uploads.mkdir(exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=uploads, prefix=".incoming-")
    try:
        with os.fdopen(handle, "wb") as file:
            digest = _copy(BytesIO(content) if isinstance(content, bytes) else content, file, shown)
        place = uploads / digest / "content"
        place.parent.mkdir(exist_ok=True)
        os.replace(temporary, place)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return UploadSource(sha256=digest, name=shown)


def resolve(source: Source, base: Path | None = None) -> Path:
    """Where the bytes are; samples are made and downloads fetched on first use. Raises: DataError if there are none."""
    if isinstance(source, SampleSource):
        from builder.data.samples import write_sample  # scikit-learn takes a second to import

        return write_sample(source.name)
    if isinstance(source, DownloadSource):
        from builder.data.images.download import fetch

        return fetch(source.name)
    if isinstance(source, UploadSource):
        path = home() / "uploads" / source.sha256 / "content"
        if not path.is_file():
            raise DataError(f"The upload '{source.name}' is not on this machine. Upload the file again.")
        return path
    path = _path_of(source, base)
    if not (path.is_file() or path.is_dir()):
        raise DataError(f"There is no file or folder {path}. Check the path.")
    if not os.access(path, os.R_OK):
        raise DataError(f"{path} may not be read by this user. Change its permissions.")
    return path


def name_of(source: Source) -> str:
    """What messages call the source: the name of its file or folder."""
    if isinstance(source, FileSource):
        return Path(source.path).name or source.path
    return source.name


def stamp(source: Source, base: Path | None = None) -> str:
    """Changes when the file or folder of a path does, without reading it; samples, downloads and uploads stay as they are."""
    if not isinstance(source, FileSource):
        return ""
    path = _path_of(source, base)
    paths = [path, *path.rglob("*")] if path.is_dir() else [path]
    stats = [found for path in paths if (found := _stat(path))]
    newest = max((found.st_mtime_ns for found in stats), default=0)
    return json.dumps([str(path), len(stats), sum(found.st_size for found in stats), newest])


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except (OSError, ValueError):  # gone, or no path at all
        return None


def _path_of(source: FileSource, base: Path | None) -> Path:
    return Path(base or Path.cwd()) / os.path.expanduser(source.path)


def _copy(incoming: BinaryIO, file: BinaryIO, name: str) -> str:
    digest, size_bytes = hashlib.sha256(), 0
    while chunk := incoming.read(CHUNK_BYTES):
        size_bytes += len(chunk)
        if size_bytes > LARGEST_UPLOAD_BYTES:
            raise DataError(
                f"'{name}' is larger than {LARGEST_UPLOAD_BYTES >> 20} MB. Give the path of a file instead of uploading it."
            )
        digest.update(chunk)
        file.write(chunk)
    if not size_bytes:
        raise DataError(f"'{name}' is empty. Choose a file with content.")
    return digest.hexdigest()


def _plain_name(name: str) -> str:
    """The last part of a name that a browser sent; it is shown, never opened."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in last if letter.isprintable())[:255] or "upload"
