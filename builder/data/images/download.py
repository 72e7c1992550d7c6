"""Fetches MNIST and Fashion-MNIST when the user asks, all four files or none."""

import hashlib
import os
import shutil
import tempfile
import urllib.request
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit

from builder.data.images.idx import read_pair
from builder.data.storage import CHUNK_BYTES
from builder.errors import DataError
from builder.home import home

ADDRESSES = {
    "mnist": ("STRATA_MNIST_URL", "https://ossci-datasets.s3.amazonaws.com/mnist/"),
    "fashion-mnist": (
        "STRATA_FASHION_MNIST_URL",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ),
}
FILES = (
    "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz",
)  # fmt: skip
MD5 = {
    "mnist": (
        "f68b3c2dcbeaaa9fbdd348bbdeb94873", "d53e105ee54ea40749a09fcbcd1e9432",
        "9fb629c4189551a2d022fa330f9573f3", "ec29112dd5afa0611ce80d1b7f02629c",
    ),
    "fashion-mnist": (
        "8d4fb7e6c68d591d4c3dfef9ec88bf0d", "25c81989df183df01b3e8a0aad5dffbe",
        "bef4ecab320f06d8554ea6380940ec79", "bb300cfdad3c16e7a12a480ee83cd310",
    ),
}  # fmt: skip
"""Of `FILES` as published; another address may serve other files."""
LARGEST_FILE_BYTES = 64 << 20
TIMEOUT_S = 30


def fetch(name: str) -> Path:
    """The folder of the four files, fetched on first use. Raises: DataError, and then nothing is kept."""
    folder = home() / "downloads" / name
    if folder.is_dir():
        return folder
    variable, address = ADDRESSES[name]
    base = (os.environ.get(variable) or address).rstrip("/") + "/"
    folder.parent.mkdir(exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".fetching-"))
    try:
        for file, digest in zip(FILES, MD5[name], strict=True):
            _download(base + file, unfinished / file, name)
            if not os.environ.get(variable):
                _check_content(unfinished / file, digest, name)
        for part in ("train", "t10k"):
            read_pair(unfinished, part, name)
        unfinished.rename(folder)
    except OSError as error:
        if not folder.is_dir():  # otherwise another process was faster
            raise DataError(f"{name} could not be kept: {error.strerror or error}. Make room and try again.") from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return folder


def _download(address: str, path: Path, name: str) -> None:
    server = urlsplit(address)
    if server.scheme not in ("http", "https"):
        raise DataError(f"{name} can be fetched by http or https alone; got '{server.scheme}'. Correct the address.")
    size_bytes = 0
    try:
        with urllib.request.urlopen(address, timeout=TIMEOUT_S) as answer, path.open("wb") as file:
            while chunk := answer.read(CHUNK_BYTES):
                size_bytes += len(chunk)
                if size_bytes > LARGEST_FILE_BYTES:
                    raise DataError(
                        f"{name}: {path.name} is larger than {LARGEST_FILE_BYTES >> 20} MB. Check the address {server.hostname}."
                    )
                file.write(chunk)
    except HTTPError as error:
        error.close()
        raise _not_fetched(name, path.name, server.hostname, f"{error.code} {error.reason}") from None
    except (OSError, ValueError) as error:
        raise _not_fetched(name, path.name, server.hostname, getattr(error, "reason", None) or error) from None
    except HTTPException:
        raise _not_fetched(name, path.name, server.hostname, "the server broke off") from None


def _check_content(path: Path, digest: str, name: str) -> None:
    if hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest() != digest:
        raise DataError(
            f"{name}: {path.name} differs from the published file. Try again, or put the files into a folder and give its path."
        )


def _not_fetched(name: str, file: str, server: str | None, reason: object) -> DataError:
    return DataError(
        f"{name}: {file} could not be fetched from {server}: {reason}. "
        "Check the network, or put the files into a folder and give its path."
    )
