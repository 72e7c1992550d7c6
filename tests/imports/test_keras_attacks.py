"""Keras files made to harm: each is refused with the reason (A3, A4); nothing outside the file is opened."""

import io
import json
import zipfile

import h5py
import numpy as np
import pytest

from builder.errors import DataError
from builder.imports.reading import read_model

DENSE = {"class_name": "Dense", "config": {"name": "dense", "units": 2, "activation": "linear", "use_bias": True}}
INPUT = {"class_name": "InputLayer", "config": {"name": "input", "batch_shape": [None, 3]}}


def sequential(*layers: dict) -> dict:
    return {"module": "keras", "class_name": "Sequential", "config": {"name": "net", "layers": list(layers)}}


def h5(fill=None) -> bytes:
    """Weights of one Dense layer as Keras 3 lays them out, or what `fill` puts there."""
    file = io.BytesIO()
    with h5py.File(file, "w") as root:
        place = root.create_group("layers/dense/vars")
        place["1"] = np.ones(2, np.float32)
        (fill or (lambda place: place.create_dataset("0", data=np.ones((3, 2), np.float32))))(place)
    return file.getvalue()


def archive(config: dict | bytes | None = None, weights: bytes | None = None, **options) -> bytes:
    file = io.BytesIO()
    content = config if isinstance(config, bytes) else json.dumps(config or sequential(INPUT, DENSE)).encode()
    with zipfile.ZipFile(file, "w", **options) as made:
        made.writestr("config.json", content)
        made.writestr("metadata.json", '{"keras_version": "3.0.0"}')
        made.writestr("model.weights.h5", h5() if weights is None else weights)
        made.writestr("../../outside", "never unpacked")
    return file.getvalue()


def refused(content: bytes) -> str:
    with pytest.raises(DataError) as caught:
        read_model(content, "evil.keras")
    message = str(caught.value)
    assert "\n" not in message and message.startswith("evil.keras")
    return message


def test_the_plain_file_that_the_attacks_start_from_is_read():
    assert read_model(archive(), "plain.keras").weights["linear_1.weight"].shape == (2, 3)


def link(kind):
    def fill(place):
        place["0"] = kind

    return fill


@pytest.mark.parametrize(
    ("fill", "said"),
    [
        (link(h5py.ExternalLink("/etc/passwd", "/x")), "points out of itself"),
        (link(h5py.SoftLink("/layers/dense/vars/1")), "points out of itself"),
        (lambda place: place.create_dataset("0", (1 << 31, 1 << 10), "f4", chunks=(1024, 1024)), "larger than what it holds"),
        (lambda place: place.create_dataset("0", data=np.zeros((3, 2), "f4"), compression="gzip"), "larger than what it holds"),
        (lambda place: place.create_dataset("0", (3, 2), "f4", external=[("/etc/passwd", 0, 24)]), "in another file, which is never opened"),
        (lambda place: place.create_dataset("0", data=["a", "b"]), "no array of numbers"),
    ],
)  # fmt: skip
def test_weights_that_are_not_plainly_in_the_file_are_refused(fill, said):
    assert said in refused(archive(weights=h5(fill)))


def test_a_zip_bomb_is_refused():
    bomb = archive(weights=b"\0" * (64 << 20), compression=zipfile.ZIP_DEFLATED)
    assert len(bomb) < 1 << 20 and "zip bomb" in refused(bomb)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x89HDF\r\n\x1a\n" + b"\0" * 100, archive()[:-40], archive(b"{"), archive(b"[" * 100_000), archive(weights=b"no hdf5")])  # fmt: skip
def test_a_damaged_file_is_refused(content):
    refused(content)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"class_name": "Evil", "module": "os", "config": {}}, "is a Evil; only Sequential and Functional"),
        ({"class_name": "Sequential"}, "describes its model in a way that is not Keras'"),
        (sequential(DENSE), "does not say the shape of its input"),
        (sequential({**DENSE, "config": 7}), "describes its model in a way"),
    ],
)
def test_a_description_that_is_no_graph_of_layers_is_refused(config, said):
    assert said in refused(archive(config))


@pytest.mark.parametrize("place", [{"module": "evil", "registered_name": None}, {"module": "keras", "registered_name": "evil>Dense"}])  # fmt: skip
def test_a_class_of_somebodys_own_is_named_and_not_looked_for(place):
    imported = read_model(archive(sequential(INPUT, {**DENSE, **place})), "own.keras")
    assert imported.unsupported == ("Dense (1×: dense): It is a class of somebody's own, not of Keras.",)


def test_weights_that_do_not_fit_their_layer_are_refused():
    wrong = h5(lambda place: place.create_dataset("0", data=np.ones((4, 2), np.float32)))
    assert read_model(archive(weights=wrong), "odd.keras").unsupported == (
        "Dense (1×: dense): Its weights are for 4 features; 3 reach it.",
    )
