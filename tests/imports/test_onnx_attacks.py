"""ONNX files made to harm: each is refused with the reason, quickly, and nothing is opened, run or allocated (A5)."""

from contextlib import suppress
from random import Random

import numpy as np
import onnx
import pytest
from onnx import TensorProto, external_data_helper, helper, numpy_helper

from builder.errors import DataError
from builder.imports import draft, reading
from builder.imports.onnx_file import opening
from builder.imports.onnx_file.constants import FOLDS
from builder.imports.onnx_file.conversion import CONVERTERS
from builder.imports.reading import read_model
from tests.imports.test_onnx_by_hand import CASES, made, node, numbers, weights


def refused(content: bytes) -> str:
    with pytest.raises(DataError) as caught:
        read_model(content, "evil.onnx")
    message = str(caught.value)
    assert "\n" not in message and message.endswith(".") and message.count(".") >= 2  # what is wrong, and a way out
    return message


def changed(content: bytes, change) -> bytes:
    model = onnx.load_model_from_string(content)
    change(model.graph)
    return model.SerializeToString()


PLAIN = made((5,), node("Gemm", "x w"), w=weights(5, 3))


def test_weights_in_another_file_are_never_opened(tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(b"\0" * 60)

    def point_out(graph):
        external_data_helper.set_external_data(graph.initializer[0], str(secret))
        graph.initializer[0].ClearField("raw_data")
        graph.initializer[0].data_location = TensorProto.EXTERNAL

    assert "in another file, which is never opened" in refused(changed(PLAIN, point_out))


def test_a_constant_inside_a_node_cannot_point_out_either():
    tensor = numpy_helper.from_array(weights(5, 3), "w")
    external_data_helper.set_external_data(tensor, "/etc/passwd")
    tensor.data_location = TensorProto.EXTERNAL
    assert "never opened" in refused(made((5,), node("Constant", "", "w", value=tensor), node("Gemm", "x w")))


@pytest.mark.parametrize("dims", [[1 << 40, 1 << 20], [-1, 3], [5, 4]])
def test_a_tensor_that_claims_more_than_it_holds_is_refused(dims):
    def claim(graph):
        graph.initializer[0].dims[:] = dims

    assert "but holds 15" in refused(changed(PLAIN, claim))


@pytest.mark.parametrize(
    ("nodes", "constants"),
    [
        ([node("ConstantOfShape", "s", "w")], {"s": numbers(1 << 31, 1 << 31)}),
        ([node("Expand", "one s", "w")], {"s": numbers(1 << 20, 1 << 20), "one": weights(1)}),
        ([node("Range", "a b c", "w")], {"a": numbers(0)[0], "b": numbers(1 << 60)[0], "c": numbers(1)[0]}),
        ([node("Add", "one two", "w")], {"one": weights(20_000, 1), "two": weights(1, 20_000)}),
        ([node("Concat", "one one", "c0", axis=0), *[node("Concat", f"c{i} c{i}", f"c{i + 1}", axis=0) for i in range(40)], node("Identity", "c40", "w")], {"one": weights(100)}),
    ],
)  # fmt: skip
def test_a_constant_that_would_be_computed_into_a_huge_one_is_refused(nodes, constants):
    assert "computes constants of more than 50,000,000 values" in refused(
        made((5,), *nodes, node("Gemm", "x w"), **constants)
    )


def test_a_constant_that_cannot_be_computed_gives_a_sentence():
    numbers_of = {"a": numbers(0)[0], "b": numbers(4)[0], "c": numbers(0)[0]}
    imported = read_model(made((5,), node("Range", "a b c", "w"), node("Gemm", "x w"), **numbers_of), "odd.onnx")
    assert imported.unsupported == ("Range (1×: the_Range): Strata has no such layer.",)


def test_an_operation_that_gives_nothing_is_refused():
    def take_its_output(graph):
        del graph.node[0].output[:]

    assert "Gemm 'the_Gemm' gives nothing" in refused(changed(PLAIN, take_its_output))


def test_values_that_are_not_of_their_type_are_refused():
    def half_a_value_more(graph):
        graph.initializer[0].raw_data += b"\0\0"

    def in_another_place(graph):
        graph.initializer[0].ClearField("raw_data")
        graph.initializer[0].int64_data[:] = range(15)

    def in_two_places(graph):
        graph.initializer[0].raw_data = b""
        graph.initializer[0].float_data[:] = range(15)

    assert "says that it has 15 values but holds 15.5" in refused(changed(PLAIN, half_a_value_more))
    assert "says that it has 15 values but holds 0" in refused(changed(PLAIN, in_another_place))
    assert "the values of w cannot be read" in refused(changed(PLAIN, in_two_places))


def test_an_input_larger_than_any_memory_is_refused():
    assert "asks for" in refused(made((1 << 20, 1 << 20), node("Relu", "x")))


def test_weights_that_many_layers_share_are_refused_where_they_would_fill_the_memory(monkeypatch):
    monkeypatch.setattr(draft, "LEAST_BYTES", 1000)
    products = [node("Gemm", f"v{place} w", f"v{place + 1}") for place in range(40)]
    content = made((20,), node("Relu", "x", "v0"), *products, output="v40", w=weights(20, 20))
    with pytest.raises(DataError, match="the same weights again and again"):
        read_model(content, "evil.onnx")


def test_a_ring_is_refused():
    content = made((5,), node("Add", "x b", "a"), node("Relu", "a", "b"), output="b")
    assert "takes its own result" in refused(content)


@pytest.mark.parametrize("content", [b"", b"\x00", b"not an ONNX file", PLAIN[: len(PLAIN) // 2], b"\x08" * 5000])
def test_bytes_that_are_no_model_are_refused(content):
    assert "evil.onnx" in refused(content)


def test_too_much_is_refused_before_it_is_read(monkeypatch, tmp_path):
    monkeypatch.setattr(opening, "MOST_OPERATIONS", 3)
    nodes = [node("Relu", f"v{place}", f"v{place + 1}") for place in range(4)]
    assert "5 operations" in refused(made((5,), node("Relu", "x", "v0"), *nodes, output="v4"))
    monkeypatch.setattr(reading, "LARGEST_BYTES", 10)
    assert "larger than" in refused(PLAIN)
    (tmp_path / "large.onnx").write_bytes(PLAIN)
    with pytest.raises(DataError, match="larger than"):
        read_model(tmp_path / "large.onnx")


def test_a_model_with_two_inputs_or_two_answers_is_refused_by_name():
    def second_answer(graph):
        graph.output.append(helper.make_tensor_value_info("z", TensorProto.FLOAT, None))

    def second_input(graph):
        graph.input.append(helper.make_tensor_value_info("u", TensorProto.FLOAT, ["batch", 2]))

    assert "one output, as every model here; got 2 (y, z)" in refused(changed(PLAIN, second_answer))
    assert "one input, as every model here; got 2 (x, u)" in refused(changed(PLAIN, second_input))


def test_a_file_of_our_own_export_points_to_the_project():
    model = onnx.load_model_from_string(PLAIN)
    helper.set_model_props(model, {"strata.classes": "[]"})
    assert "Open the project's JSON instead" in refused(model.SerializeToString())


def test_more_layers_than_a_model_may_have_give_a_sentence():
    nodes = [node("Relu", f"v{place}", f"v{place + 1}") for place in range(2001)]
    imported = read_model(made((5,), node("Tanh", "x", "v0"), *nodes, output="v2001"), "deep.onnx")
    assert imported.model is None and "too large" in imported.unsupported[0]


ODD = (1, 0, -1, 2**62, 1.5, "x", [1, 2], [0], [2.5], ["a"], numpy_helper.from_array(np.ones(2)))


def made_odd(graph: onnx.GraphProto, random: Random) -> None:
    """One change that bytes alone would hardly make: an attribute, an input, a constant, a kind."""
    op, names = random.choice(graph.node), [name for op in graph.node for name in (*op.input, *op.output)]
    change = random.randrange(6)
    if change == 0 and op.attribute:
        attribute = random.choice(op.attribute)
        attribute.CopyFrom(helper.make_attribute(attribute.name, random.choice(ODD)))
    elif change == 1 and op.input:
        op.input[random.randrange(len(op.input))] = random.choice(["", *names])
    elif change == 2 and op.input:
        del op.input[random.randrange(len(op.input))]
    elif change == 3:
        op.op_type = random.choice([*CONVERTERS, *FOLDS, "Shape"])
    elif change == 4 and graph.initializer:
        constant = random.choice(graph.initializer)
        odd = np.array(random.choices([0, 1, -1, 3, 2**31 - 1], k=random.randint(1, 4)), random.choice(["i8", "f4"]))
        constant.CopyFrom(numpy_helper.from_array(odd, constant.name))
    else:
        op.output[0] = random.choice(names)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("name", CASES)
def test_an_odd_graph_is_refused_or_read_but_never_breaks_the_program(name, seed):
    random = Random(f"{name} {seed}")
    for _ in range(20):
        with suppress(DataError):
            read_model(changed(CASES[name], lambda graph: made_odd(graph, random)), "odd.onnx")


@pytest.mark.parametrize("seed", range(30))
def test_a_damaged_file_is_refused_or_read_but_never_breaks_the_program(seed):
    random, content = np.random.default_rng(seed), bytearray(made((2, 6, 6), node("Conv", "x w", "a"), node("MaxPool", "a", "b", kernel_shape=[2, 2]), node("Flatten", "b", "c"), node("Gemm", "c v"), w=weights(3, 2, 3, 3), v=weights(12, 2)))  # fmt: skip
    for place in random.integers(0, len(content), 12):
        content[place] = random.integers(0, 256)
    try:
        read_model(bytes(content), "damaged.onnx")
    except DataError as error:
        assert "damaged.onnx" in str(error) or "constants" in str(error)
