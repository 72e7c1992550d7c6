"""Embedding, masks, and layers that reshape, cut and sum up, each against a case worked by hand."""

import pytest
import torch

from builder.catalogue.layer import axis_names
from builder.catalogue.layers import (
    LSTM,
    Add,
    Dot,
    Embedding,
    Flatten,
    Last,
    Linear,
    Mean,
    Multiply,
    PaddingMask,
    Permute,
    Reshape,
    Slice,
)
from builder.errors import ShapeError
from builder.nn.graph import build

STEPS = torch.tensor([[[1.0, 2.0], [3.0, 4.0], [9.0, 9.0]], [[5.0, 6.0], [9.0, 9.0], [9.0, 9.0]]])
MASK = torch.tensor([[1.0, 1.0, 0.0], [0.0, 0.0, 0.0]])


def test_embedding_takes_floats_rounds_them_and_stays_inside_its_rows():
    module = build(Embedding(num_embeddings=4, embedding_dim=2).torch_call((5,)))
    found = module(torch.tensor([[0.0, 1.0, 2.9999, -7.0, 99.0]]))[0]
    assert torch.equal(found, module.weight[[0, 1, 3, 0, 3]])


def test_the_padding_number_is_a_zero_that_does_not_learn():
    module = build(Embedding(num_embeddings=4, embedding_dim=2, padding_idx=0).torch_call((3,)))
    module(torch.tensor([[0.0, 0.0, 1.0]])).sum().backward()
    assert module.weight[0].tolist() == [0, 0] and module.weight.grad[0].tolist() == [0, 0]


def test_the_padding_mask_marks_what_is_no_padding():
    module = build(PaddingMask().torch_call((3,)))
    assert module(torch.tensor([[4.0, 0.0, 7.0]])).tolist() == [[1, 0, 1]]
    assert module(torch.tensor([[[0.0, 0.0], [0.0, 2.0]]])).tolist() == [[0, 1]]


def test_mean_and_last_count_only_the_steps_of_the_mask():
    mean, last = (build(kind().torch_call((3, 2), (3,))) for kind in (Mean, Last))
    assert mean(STEPS, MASK).tolist() == [[2, 3], [0, 0]]
    assert last(STEPS, MASK).tolist() == [[3, 4], [5, 6]]


def test_a_mask_of_another_length_is_refused():
    with pytest.raises(ShapeError, match="Connect a PaddingMask of the same length"):
        Mean().output_shape((3, 2), (4,))


def test_reshape_works_out_the_open_size_and_keeps_an_open_length():
    assert Reshape(shape=(-1, 4)).output_shape((6, 2)) == (3, 4)
    assert Reshape(shape=(-1, 4)).output_shape((None, 8)) == (None, 4)
    with pytest.raises(ShapeError, match="12 values"):
        Reshape(shape=(5, -1)).output_shape((12,))


def test_slice_counts_as_python_does():
    assert Slice(start=-5, stop=-1, step=2).output_shape((9,)) == (len(range(9)[-5:-1:2]),)
    with pytest.raises(ShapeError, match="needs something between 4 and 4"):
        Slice(start=4, stop=4).output_shape((9,))


def test_an_open_length_is_averaged_before_a_layer_that_needs_every_size():
    for layer in (Flatten(), Linear(out_features=2)):
        with pytest.raises(ShapeError) as refusal:
            layer.output_shape((12, None))
        (remedy,) = refusal.value.remedy
        assert layer.output_shape(remedy.output_shape((12, None)))[0] in (12, 2)


def test_a_gate_of_size_one_is_stretched_and_add_stays_strict():
    assert Multiply().output_shape((8, 5, 5), (8, 1, 1)) == (8, 5, 5)
    for layer in (Add(), Multiply()):
        with pytest.raises(ShapeError):
            layer.output_shape((8, 5, 5), (4, 5, 5))


def test_a_normalized_dot_is_the_cosine():
    x, y = torch.tensor([[3.0, 4.0]]), torch.tensor([[4.0, 3.0]])
    assert build(Dot().torch_call((2,), (2,)))(x, y).tolist() == [[24]]
    assert build(Dot(normalize=True).torch_call((2,), (2,)))(x, y).item() == pytest.approx(24 / 25)


def test_axes_have_the_names_that_the_layer_gives_them():
    assert axis_names((5, 12)) == axis_names((5, 12), LSTM()) == ("length", "features")
    assert axis_names((8,), LSTM()) == ("features",)
    assert axis_names((5,), PaddingMask()) == ("length",)
    assert axis_names((3, 8, 8), Permute()) == ("channels", "height", "width")
