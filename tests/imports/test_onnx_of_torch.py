"""ONNX files as torch writes them give, imported, what onnxruntime gives."""

import pytest

from builder.imports.reading import read_model
from tests.imports.parity import TOLERANCE, answers, difference, onnx_answers
from tests.imports.torch_models import MODELS, UNROLLED, example, exported

DYNAMO = ("resnet", "norms", "decoder", "lstm", "words")


def assert_same(name: str, content: bytes) -> None:
    imported = read_model(content, f"{name}.onnx")
    x = example(name, rows=3).numpy()
    assert difference(answers(imported, x), onnx_answers(content, x)) <= TOLERANCE


@pytest.mark.parametrize("name", MODELS)
def test_a_file_of_the_older_exporter_answers_the_same(name):
    assert_same(name, exported(name, dynamo=False))


@pytest.mark.parametrize("name", DYNAMO)
def test_a_file_of_the_newer_exporter_answers_the_same(name):
    assert_same(name, exported(name, dynamo=True))


def kinds(name: str, **options) -> list[str]:
    nodes = read_model(exported(name, dynamo=False), "a.onnx").model.nodes
    shown = [(node.layer.kind, getattr(node.layer, "activation", None)) for node in nodes]
    return [f"{kind}+{activation.kind}" if activation else kind for kind, activation in shown]


def test_it_reads_as_a_person_would_build_it():
    assert kinds("vgg") == [
        "Conv2d+ReLU", "MaxPool2d", "Conv2d+ReLU", "MaxPool2d", "AdaptiveAvgPool2d", "Flatten", "Linear+LeakyReLU", "Linear",
    ]  # fmt: skip
    assert kinds("resnet")[1:4] == ["Conv2d+ReLU", "Conv2d", "Add+ReLU"]
    assert kinds("lstm") == ["LSTM", "Linear"]
    assert kinds("norms")[:3] == ["Conv2d", "GroupNorm+Mish", "InstanceNorm2d+SELU"]


@pytest.mark.parametrize("name", UNROLLED)
def test_a_layer_written_out_step_by_step_is_listed_as_not_supported(name):
    imported = read_model(exported(name, dynamo=True), "rnn.onnx")
    assert imported.model is None and not imported.weights
    assert any(line.startswith("MatMul") for line in imported.unsupported)
