"""Fetches MNIST and Fashion-MNIST when the user asks, all four files or none."""

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
    "fashion-mnist": ("STRATA_FASHION_MNIST_URL", "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"),
}
FILES = tuple(
    f"{part}-{role}" for part in ("train", "t10k") for role in ("images-idx3-ubyte.gz", "labels-idx1-ubyte.gz")
)
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
        for file in FILES:
            _download(base + file, unfinished / file, name)
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


def _not_fetched(name: str, file: str, server: str | None, reason: object) -> DataError:
    return DataError(
        f"{name}: {file} could not be fetched from {server}: {reason}. "
        "Check the network, or put the files into a folder and give its path."
    )
