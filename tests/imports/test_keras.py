"""Keras files give, imported, what Keras itself predicts."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from builder.errors import DataError
from builder.imports.reading import read_model
from tests.imports.parity import TOLERANCE, answers, difference

ROOT = Path(__file__).parents[2]
FAMILIES = ("mlp", "cnn", "branches", "order", "words", "sequence", "generator")


@pytest.fixture(scope="session")
def keras_files(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("keras")
    answer = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.imports.keras_models", folder],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    return folder


def assert_same(path: Path) -> None:
    said = np.load(path.with_suffix(".npz"), allow_pickle=False)
    x = said["x"] if said["x"].ndim < 4 else np.moveaxis(said["x"], 3, 1).copy()
    assert difference(answers(read_model(path), x), said["y"]) <= TOLERANCE


@pytest.mark.parametrize("ending", ["keras", "h5"])
@pytest.mark.parametrize("name", FAMILIES)
def test_a_model_answers_as_keras_does(keras_files, name, ending):
    assert_same(keras_files / f"{name}.{ending}")


def test_a_model_within_a_model_is_laid_open(keras_files):
    assert_same(keras_files / "nested.keras")


def test_the_older_format_mixes_nested_weights_up_and_is_refused(keras_files):
    with pytest.raises(DataError, match=r"nested\.h5 holds a model within the model.*Save it as \.keras instead\."):
        read_model(keras_files / "nested.h5")


def test_it_reads_as_a_person_would_build_it(keras_files):
    nodes = read_model(keras_files / "cnn.keras").model.nodes
    shown = [node.layer.kind for node in nodes]
    assert shown == ["ZeroPad2d", "Conv2d", "BatchNorm2d", "MaxPool2d", "Flatten", "Dropout", "Linear", "Linear"]
    assert nodes[1].layer.activation.kind == "ReLU" and nodes[6].layer.activation.kind == "ELU"


def test_code_of_somebody_is_named_and_never_run(keras_files):
    imported = read_model(keras_files / "refused.keras")
    assert imported.model is None and imported.unsupported == (
        "Lambda (1×: lambda): It is Python code of its own, which is never carried out.",
        "Rescaling (2×: rescaling, rescaling_1): Strata has no such layer.",
    )
