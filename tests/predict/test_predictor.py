"""The predictor hands out what onnxruntime gives, and takes rows with gaps."""

import json

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from builder.errors import RunError
from builder.predict.predictor import BATCH, Predictor


def written(path, nodes, inputs, outputs, **about):
    """A small ONNX file made by hand, with Strata's metadata."""
    graph = helper.make_graph(nodes, "by_hand", inputs, outputs)
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("ai.onnx.ml", 4)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    for key, value in about.items():
        model.metadata_props.add(key=f"strata.{key}", value=json.dumps(value))
    onnx.save(model, path)
    return path


@pytest.fixture
def doubled(tmp_path):
    """prediction = 2 · a + length code of town (red 10, blue 20, unseen 0)."""
    nodes = [
        helper.make_node("Add", ["a", "a"], ["twice"]),
        helper.make_node("LabelEncoder", ["town"], ["code"], domain="ai.onnx.ml", keys_strings=["red", "blue", ""], values_floats=[10.0, 20.0, -1.0], default_float=0.0),
        helper.make_node("Add", ["twice", "code"], ["prediction"]),
    ]  # fmt: skip
    inputs = [helper.make_tensor_value_info("a", TensorProto.FLOAT, ["batch", 1]), helper.make_tensor_value_info("town", TensorProto.STRING, ["batch", 1])]  # fmt: skip
    outputs = [helper.make_tensor_value_info("prediction", TensorProto.FLOAT, ["batch", 1])]
    return written(tmp_path / "by_hand.onnx", nodes, inputs, outputs, columns={"a": "number", "town": "category"})


def test_values_are_computed_from_raw_cells(doubled):
    rows = [{"a": 1.5, "town": "red"}, {"a": "2", "town": "blue"}, {"a": 3, "town": "unseen"}, {"a": 4, "town": None}]
    assert [answer.value for answer in Predictor(doubled).predict_table(rows)] == [13, 24, 6, 7]


def test_a_column_left_out_counts_as_missing_and_one_too_many_is_ignored(doubled):
    first, second = Predictor(doubled).predict_table([{"a": 1, "more": "x"}, {"town": "red"}])
    assert first.value == 1 and np.isnan(second.value)


@pytest.mark.parametrize("count", [0, 1, BATCH, BATCH + 1])
def test_any_number_of_rows_is_answered_in_order(doubled, count):
    rows = [{"a": float(number), "town": "red"} for number in range(count)]
    assert [answer.value for answer in Predictor(doubled).predict_table(rows)] == [2 * number + 10 for number in range(count)]  # fmt: skip


def test_an_image_is_answered_with_label_and_probabilities(tmp_path):
    nodes = [
        helper.make_node("Cast", ["image"], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["pixels"], ["mean"], keepdims=0, axes=None),
        helper.make_node("Constant", [], ["shape"], value_ints=[1, 1]),
        helper.make_node("Reshape", ["mean", "shape"], ["column"]),
        helper.make_node("Constant", [], ["most"], value_floats=[255.0]),
        helper.make_node("Div", ["column", "most"], ["bright"]),
        helper.make_node("Constant", [], ["one"], value_floats=[1.0]),
        helper.make_node("Sub", ["one", "bright"], ["dark"]),
        helper.make_node("Concat", ["dark", "bright"], ["probabilities"], axis=1),
        helper.make_node("ArgMax", ["probabilities"], ["place"], axis=1, keepdims=0),
        helper.make_node("LabelEncoder", ["place"], ["label"], domain="ai.onnx.ml", keys_int64s=[0, 1], values_strings=["dark", "bright"]),
    ]  # fmt: skip
    inputs = [helper.make_tensor_value_info("image", TensorProto.UINT8, ["batch", "height", "width", 1])]
    outputs = [helper.make_tensor_value_info("label", TensorProto.STRING, ["batch"]), helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", 2])]  # fmt: skip
    path = written(tmp_path / "image.onnx", nodes, inputs, outputs, classes=["dark", "bright"])
    image = np.random.default_rng(0).integers(100, 256, (5, 7, 1), np.uint8)
    answer = Predictor(path).predict_image(image)
    label, shares = onnxruntime.InferenceSession(path).run(None, {"image": image[None]})
    assert answer.label == label[0] == "bright" and answer.value is None
    assert answer.probabilities == pytest.approx({"dark": 1 - image.mean() / 255, "bright": image.mean() / 255})
    assert list(answer.probabilities.values()) == shares[0].tolist()


@pytest.mark.parametrize("content", [b"", b"not a model", None])
def test_a_file_that_is_no_model_is_refused_with_a_way_out(tmp_path, content):
    path = tmp_path / "model.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RunError, match=r"model\.onnx cannot be opened.*Export the run again\."):
        Predictor(path)
