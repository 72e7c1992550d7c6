"""ONNX as other programs write it: other layouts, older versions, uneven padding; and what is refused by name."""

from collections import Counter

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from builder.imports.reading import read_model
from tests.imports.parity import TOLERANCE, answers, difference, onnx_answers

RANDOM = np.random.default_rng(0)


def made(shape: tuple, *nodes: onnx.NodeProto, opset: int = 18, output: str = "y", **constants: np.ndarray) -> bytes:
    """A file with one input x of this shape, batch left out, and the output `output`."""
    counts = Counter()
    for each in nodes:
        counts[each.name] += 1
        each.name += f"_{counts[each.name]}" if counts[each.name] > 1 else ""
    graph = helper.make_graph(
        list(nodes), "hand",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", *shape])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)
    return model.SerializeToString()


def weights(*shape: int) -> np.ndarray:
    return RANDOM.normal(size=shape).astype(np.float32)


def numbers(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def node(kind: str, inputs: str, outputs: str = "y", **attributes) -> onnx.NodeProto:
    return helper.make_node(kind, inputs.split(), outputs.split(), f"the_{kind}", **attributes)


CASES = {
    "a bias added behind a product": made((5,), node("MatMul", "x w", "a"), node("Add", "b a"), w=weights(5, 3), b=weights(3)),
    "Gemm with factors": made((5,), node("Gemm", "x w b", alpha=0.5, beta=2.0), w=weights(5, 3), b=weights(3)),
    "SAME_UPPER with an even kernel": made((2, 7, 6), node("Conv", "x w", auto_pad="SAME_UPPER", strides=[2, 2]), w=weights(3, 2, 4, 3)),
    "uneven padding before pooling": made((2, 7, 6), node("MaxPool", "x", kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_UPPER")),
    "means that leave the padding out": made((2, 7, 7), node("AveragePool", "x", kernel_shape=[3, 3], pads=[1, 1, 1, 1])),
    "axes as attributes, as before opset 13": made((2, 4, 5), node("ReduceMean", "x", "a", axes=[3]), node("Squeeze", "a", "b", axes=[3]), node("ReduceMax", "b", axes=[2], keepdims=0), opset=11),
    "a slice and the place behind it": made((6, 4), node("Slice", "x s e a", "cut"), node("Gather", "cut p", axis=1), s=numbers(1), e=numbers(5), a=numbers(1), p=np.array(2, np.int64)),
    "a skip over a transposed branch": made((4, 3), node("Transpose", "x", "a", perm=[0, 2, 1]), node("Relu", "a", "b"), node("Transpose", "b", "c", perm=[0, 2, 1]), node("Add", "c x")),
    "a flat row as a sequence and back": made((12,), node("Reshape", "x s", "a"), node("Softmax", "a", "b", axis=2), node("Reshape", "b f"), s=numbers(0, 3, 4), f=numbers(-1, 12)),
    "the last state of an LSTM": made((7, 5), node("Transpose", "x", "t", perm=[1, 0, 2]), node("LSTM", "t w r b", "all last cell", hidden_size=4), node("Squeeze", "last zero"), w=weights(1, 16, 5), r=weights(1, 16, 4), b=weights(1, 32), zero=numbers(0)),
    "both directions, joined by hand": made((7, 5), node("Transpose", "x", "t", perm=[1, 0, 2]), node("GRU", "t w r b", "all", hidden_size=4, direction="bidirectional", linear_before_reset=1), node("Transpose", "all", "u", perm=[2, 0, 1, 3]), node("Reshape", "u s"), w=weights(2, 12, 5), r=weights(2, 12, 4), b=weights(2, 24), s=numbers(0, 7, 8)),
    "branches that end in no answer": made((5,), node("Gemm", "x v", "unused"), node("Gemm", "x w"), v=weights(5, 2), w=weights(5, 3)),
    "normalization after a layer, by groups": made((4, 3, 3), node("GroupNormalization", "x w b", num_groups=2), w=weights(2), b=weights(2)),
    "thresholds and slopes": made((5,), node("LeakyRelu", "x", "a", alpha=0.3), node("Clip", "a lo hi", "b"), node("HardSigmoid", "b", "c", alpha=1 / 6), node("Celu", "c", "d", alpha=2.0), node("Elu", "d"), lo=np.float32(0), hi=np.float32(6)),
    "means, largest and differences of branches": made((5,), node("Relu", "x", "a"), node("Mean", "x a", "b"), node("Max", "a b", "c"), node("Sub", "c x")),
    "a cut to the end as most exporters write it": made((6, 4), node("Slice", "x s e a"), s=numbers(1), e=numbers((1 << 31) - 1), a=numbers(1)),
    "a sum of three": made((5,), node("Relu", "x", "a"), node("Tanh", "x", "b"), node("Sum", "x a b")),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_it_answers_as_onnxruntime_does(name):
    imported = read_model(CASES[name], "hand.onnx")
    x = RANDOM.normal(size=(3, *imported.input_shape)).astype(np.float32)
    assert difference(answers(imported, x), onnx_answers(CASES[name], x)) <= TOLERANCE


def test_images_with_their_channels_last_come_channels_first_here():
    content = made(
        (6, 5, 3), node("Transpose", "x", "a", perm=[0, 3, 1, 2]), node("Conv", "a w", "b"),
        node("Transpose", "b", "y", perm=[0, 2, 3, 1]), w=weights(4, 3, 3, 3),
    )  # fmt: skip
    imported = read_model(content, "tf.onnx")
    x_NHWC = RANDOM.normal(size=(2, 6, 5, 3)).astype(np.float32)
    assert imported.input_shape == (3, 6, 5) and len(imported.model.nodes) == 1
    ours_NCHW = answers(imported, np.moveaxis(x_NHWC, 3, 1).copy())
    assert difference(np.moveaxis(ours_NCHW, 1, 3), onnx_answers(content, x_NHWC)) <= TOLERANCE


REFUSED = {
    "Einsum (1×: the_Einsum): Strata has no such layer.": (node("Einsum", "x x", equation="bi,bj->bij"),),
    "acme::Magic (1×: the_Magic): Strata has no such layer.": (helper.make_node("Magic", ["x"], ["y"], "the_Magic", domain="acme"),),
    "If (1×: the_If): Strata has no such layer.": (node("If", "x", then_branch=helper.make_graph([], "t", [], []), else_branch=helper.make_graph([], "e", [], [])),),
    "Softsign (1×: the_Softsign): It takes something that no layer gives.": (node("Softsign", "w"),),
    "GRU (1×: the_GRU): It takes the batch axis for the steps. Export the model with batch_first=True.": (node("GRU", "x w w", linear_before_reset=1),),
    "Clip (1×: the_Clip): It clips to (-2.0, None); there are 0 to 6 (ReLU6) and -1 to 1 (Hardtanh).": (node("Clip", "x lo"),),
    "Add (1×: the_Add): It adds a constant that is no layer's bias.": (node("Add", "x lo"),),
}  # fmt: skip


@pytest.mark.parametrize("line", REFUSED)
def test_what_no_layer_expresses_is_listed_with_its_name(line):
    shape = (4, 5) if line.startswith("GRU") else (5,)
    content = made(shape, *REFUSED[line], w=weights(1, 12, 5), lo=np.float32(-2))
    imported = read_model(content, "odd.onnx")
    assert imported.model is None and imported.weights == {} and imported.unsupported == (line,)


def test_each_operation_is_counted_and_what_follows_from_it_is_not():
    nodes = [node("Det" if place % 2 else "Relu", f"v{place}", f"v{place + 1}") for place in range(6)]
    content = made((5,), node("Identity", "x", "v0"), *nodes, output="v6")
    assert read_model(content, "odd.onnx").unsupported == (
        "Det (3×: the_Det, the_Det_2, the_Det_3): Strata has no such layer.",
    )


@pytest.mark.parametrize("end", [(1 << 31) - 1, 1 << 31, (1 << 63) - 1])
def test_an_end_that_no_axis_reaches_means_to_the_end(end):
    content = made((6, 4), node("Slice", "x s e a"), s=numbers(1), e=numbers(end), a=numbers(1))
    (cut,) = read_model(content, "cut.onnx").model.nodes
    assert (cut.layer.start, cut.layer.stop) == (1, None)
