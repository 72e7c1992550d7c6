"""Keras files made to harm: each is refused with the reason (A3, A4); nothing outside the file is opened."""

import io
import json
import zipfile
from contextlib import suppress
from random import Random

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


def archive(
    config: dict | bytes | None = None, weights: bytes | None = None, version: str = "3.0.0", **options
) -> bytes:
    file = io.BytesIO()
    content = config if isinstance(config, bytes) else json.dumps(config or sequential(INPUT, DENSE)).encode()
    with zipfile.ZipFile(file, "w", **options) as made:
        made.writestr("config.json", content)
        made.writestr("metadata.json", json.dumps({"keras_version": version}))
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
    assert read_model(archive(), "plain.keras").weights["linear_1_imported.weight"].shape == (2, 3)


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


def test_one_array_under_many_names_is_refused():
    """A few KB of hard links would otherwise become as many copies."""

    def fill(place):
        place.create_dataset("0", data=np.ones((3, 200), np.float32))
        for number in range(1, 60):
            place.file.create_group(f"layers/dense_{number}/vars")["0"] = place["0"]
            place.file[f"layers/dense_{number}/vars/1"] = place["1"]

    layers = [{**DENSE, "config": DENSE["config"] | {"name": f"dense_{number}"}} for number in range(60)]
    assert "holds the same weights again and again" in refused(archive(sequential(INPUT, *layers), h5(fill)))


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
        (sequential(), "has no layers"),
        (sequential(INPUT), "has no layers"),
        (
            sequential(INPUT, {**INPUT, "config": {"name": "again", "batch_shape": [None, 3]}}, DENSE),
            "has 2 inputs; a model here has one",
        ),
    ],
)
def test_a_description_that_is_no_graph_of_layers_is_refused(config, said):
    assert said in refused(archive(config))


@pytest.mark.parametrize("shape", [5, "x", [None, True], [None, 3.0], [None, -3], [None, "3"], [None], None])
def test_an_input_without_a_plain_shape_is_refused(shape):
    config = sequential({**INPUT, "config": {"name": "input", "batch_shape": shape}}, DENSE)
    with pytest.raises(DataError, match="does not say the shape of its input"):
        read_model(archive(config), "evil.keras")


def test_an_input_larger_than_any_memory_is_refused():
    config = sequential({**INPUT, "config": {"name": "input", "batch_shape": [None, 1 << 20, 1 << 20]}}, DENSE)
    with pytest.raises(DataError, match="too many"):
        read_model(archive(config), "evil.keras")


@pytest.mark.parametrize(("version", "kind"), [("nightly", "Hardsigmoid"), ("", "Hardsigmoid"), ("3.8.0", "Hardsigmoid"), ("2.15.0", None)])  # fmt: skip
def test_a_version_that_is_no_number_counts_as_the_newest(version, kind):
    """Keras 2's hard_sigmoid has another slope than torch's."""
    steep = {**DENSE, "config": DENSE["config"] | {"activation": "hard_sigmoid"}}
    imported = read_model(archive(sequential(INPUT, steep), version=version), "net.keras")
    assert (imported.model and imported.model.nodes[0].layer.activation.kind) == kind


ODD = (None, True, -1, 2**31, 1e308, "", "nightly", [], {}, [None], [1], [[1]], 3.5)


def places(document: object) -> list[tuple]:
    """Every place in a JSON document, as what holds it and its key."""
    pairs = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    return [place for key, value in pairs for place in ((document, key), *places(value))]


@pytest.mark.parametrize("seed", range(100))
def test_an_odd_value_anywhere_is_refused_or_read_but_never_breaks_the_program(seed):
    random = Random(seed)
    config = json.loads(json.dumps(sequential(INPUT, DENSE, {"class_name": "BatchNormalization", "config": {"name": "norm", "axis": -1, "epsilon": 1e-3, "momentum": 0.9}}, {"class_name": "Dropout", "config": {"name": "drop", "rate": 0.5}})))  # fmt: skip
    for _ in range(2):
        holder, key = random.choice(places(config))
        holder[key] = random.choice(ODD)
    with suppress(DataError):
        read_model(archive(config), "odd.keras")


@pytest.mark.parametrize("seed", range(40))
def test_damaged_bytes_are_refused_or_read_but_never_break_the_program(seed):
    random, content = Random(seed), bytearray(archive() if seed % 2 else h5())
    for _ in range(8):
        content[random.randrange(len(content))] = random.randrange(256)
    with suppress(DataError):
        read_model(bytes(content), "damaged.keras")


@pytest.mark.parametrize("place", [{"module": "evil", "registered_name": None}, {"module": "keras", "registered_name": "evil>Dense"}])  # fmt: skip
def test_a_class_of_somebodys_own_is_named_and_not_looked_for(place):
    imported = read_model(archive(sequential(INPUT, {**DENSE, **place})), "own.keras")
    assert imported.unsupported == ("Dense (1×: dense): It is a class of somebody's own, not of Keras.",)


def test_weights_that_do_not_fit_their_layer_are_refused():
    wrong = h5(lambda place: place.create_dataset("0", data=np.ones((4, 2), np.float32)))
    assert read_model(archive(weights=wrong), "odd.keras").unsupported == (
        "Dense (1×: dense): Its weights are for 4 features; 3 reach it.",
    )
