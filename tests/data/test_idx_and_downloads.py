"""MNIST's format from a folder or by download, served on loopback; all four files or none."""

import gzip
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from builder.data.dataset import prepare
from builder.data.images import download
from builder.data.images.idx import read_idx, write_idx
from builder.data.propose import propose
from builder.errors import DataError
from builder.spec.sources import DownloadSource, FileSource

RNG = np.random.default_rng(0)
IMAGES = {"train": RNG.integers(0, 256, (60, 28, 28), np.uint8), "t10k": RNG.integers(0, 256, (20, 28, 28), np.uint8)}
LABELS = {part: (np.arange(len(images)) % 10).astype(np.uint8) for part, images in IMAGES.items()}


def write_all(folder, packed: bool) -> None:
    folder.mkdir()
    for part in IMAGES:
        for role, values in ((f"{part}-images-idx3-ubyte", IMAGES[part]), (f"{part}-labels-idx1-ubyte", LABELS[part])):
            write_idx(folder / role, values)
            if packed:
                (folder / f"{role}.gz").write_bytes(gzip.compress((folder / role).read_bytes()))
                (folder / role).unlink()


@pytest.fixture
def served(tmp_path, monkeypatch):
    """Serves `answers` (path → bytes) on loopback; what is not there gets 404."""
    write_all(tmp_path / "files", packed=True)
    answers = {f"/data/{path.name}": path.read_bytes() for path in (tmp_path / "files").iterdir()}
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            content = answers.get(self.path)
            self.send_response(404 if content is None else 200)
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}/data"
    monkeypatch.setenv("STRATA_MNIST_URL", address)
    monkeypatch.setenv("STRATA_FASHION_MNIST_URL", address + "/")
    yield answers, asked
    server.shutdown()
    thread.join()
    server.server_close()


def check(dataset, classes) -> None:
    assert dataset.facts.input_shape == (1, 28, 28) and dataset.classes == classes
    assert dataset.split.row_counts == (49, 11, 20) and dataset.split.test.tolist() == list(range(60, 80))
    np.testing.assert_array_equal(dataset.stacked()[:, :, :, 0], np.concatenate(list(IMAGES.values())))


@pytest.mark.parametrize("packed", [False, True])
def test_a_folder_of_idx_files_is_read_with_its_test_set(tmp_path, packed):
    write_all(tmp_path / "mnist", packed)
    check(prepare(propose(FileSource(path="mnist"), base=tmp_path), base=tmp_path), tuple("0123456789"))


def test_mnist_is_fetched_once_when_asked_for(served):
    data = propose(DownloadSource(name="mnist"))
    check(prepare(data), tuple("0123456789"))
    assert len(served[1]) == 4
    prepare(data)
    assert len(served[1]) == 4


def test_fashion_mnist_has_the_names_of_its_classes(served):
    dataset = prepare(propose(DownloadSource(name="fashion-mnist")))
    names = [dataset.classes[label] for label in dataset.labels[:10]]
    assert names[0] == "T-shirt/top" and names[9] == "Ankle boot" and len(set(names)) == 10


@pytest.mark.parametrize(
    "name, content, message",
    [
        ("t10k-labels-idx1-ubyte.gz", None, "t10k-labels-idx1-ubyte.gz could not be fetched from 127.0.0.1"),
        ("train-images-idx3-ubyte.gz", b"<html>please log in</html>", "train-images-idx3-ubyte.gz is damaged"),
        ("train-labels-idx1-ubyte.gz", gzip.compress(bytes((0, 0, 8, 1, 0, 0, 0, 59)) + bytes(59), mtime=0), "60 train images but 59 labels"),
        ("train-labels-idx1-ubyte.gz", gzip.compress(bytes((0, 0, 8, 1, 0, 0, 0, 60)) + bytes(30), mtime=0), "holds fewer than the 60 values"),
        ("train-images-idx3-ubyte.gz", gzip.compress(b"\0\0\x08\x03" + b"\xff" * 12, mtime=0), "announces"),
    ],
)  # fmt: skip
def test_a_failed_download_is_one_sentence_and_leaves_nothing(served, strata_home, name, content, message):
    answers, _ = served
    answers[f"/data/{name}"] = content
    with pytest.raises(DataError, match=message) as caught:
        propose(DownloadSource(name="mnist"))
    assert "\n" not in str(caught.value)
    assert list((strata_home / "downloads").iterdir()) == []


def test_a_file_beyond_the_cap_is_not_fetched_to_its_end(served, monkeypatch):
    monkeypatch.setattr(download, "LARGEST_FILE_BYTES", 1000)
    with pytest.raises(DataError, match="larger than"):
        propose(DownloadSource(name="mnist"))


def test_files_from_the_usual_address_must_be_the_published_ones(served, monkeypatch, strata_home):
    monkeypatch.setitem(download.ADDRESSES, "mnist", ("STRATA_NO_SUCH_URL", os.environ["STRATA_MNIST_URL"]))
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte.gz differs from the published file"):
        propose(DownloadSource(name="mnist"))
    assert list((strata_home / "downloads").iterdir()) == []


@pytest.mark.parametrize("address", ["file:///etc/", "ftp://127.0.0.1/"])
def test_only_web_addresses_are_fetched(monkeypatch, address):
    monkeypatch.setenv("STRATA_MNIST_URL", address)
    with pytest.raises(DataError, match="by http or https alone"):
        propose(DownloadSource(name="mnist"))


def test_no_server_is_one_sentence(monkeypatch):
    monkeypatch.setenv("STRATA_MNIST_URL", "http://127.0.0.1:9/")
    with pytest.raises(DataError, match=r"could not be fetched from 127.0.0.1: .*refused"):
        propose(DownloadSource(name="mnist"))


def test_a_gzip_bomb_is_read_no_further_than_it_announces(tmp_path):
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(bytes((0, 0, 8, 1, 0, 0, 0, 10)) + bytes(50 << 20)))
    with pytest.raises(DataError, match="holds more than the 10 values"):
        read_idx(path, 1)
