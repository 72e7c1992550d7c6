"""RNN, LSTM and GRU: torch's figures, and an ONNX file of any length."""

import pytest
import torch
from torch import nn

from builder.catalogue.layers import GRU, LSTM, RNN, Permute, Reshape
from builder.errors import ShapeError
from builder.nn.graph import build
from tests.catalogue.alone import values
from tests.catalogue.parity import check_parity

KINDS = {RNN: nn.RNN, LSTM: nn.LSTM, GRU: nn.GRU}


def pair(layer, torchs, shape):
    """Our module and torch's own with the same weights."""
    options = {"num_layers": layer.num_layers, "bidirectional": layer.bidirectional, "batch_first": True}
    ours, theirs = build(layer.torch_call(shape)), torchs(shape[1], layer.hidden_size, **options)
    theirs.load_state_dict(ours.state_dict())
    return ours.eval(), theirs.eval()


@pytest.mark.parametrize("kind", KINDS)
def test_all_steps_are_torchs_own(kind):
    ours, theirs = pair(kind(hidden_size=4, output="all", bidirectional=True), KINDS[kind], (6, 3))
    x = torch.randn(2, 6, 3)
    assert torch.equal(ours(x), theirs(x)[0])


@pytest.mark.parametrize("kind", KINDS)
def test_the_last_state_of_both_directions_has_read_the_whole_sequence(kind):
    ours, theirs = pair(kind(hidden_size=4, bidirectional=True, num_layers=2), KINDS[kind], (6, 3))
    x = torch.randn(2, 6, 3)
    steps = theirs(x)[0]
    assert torch.equal(ours(x), torch.cat((steps[:, -1, :4], steps[:, 0, 4:]), dim=1))


@pytest.mark.parametrize(
    "layer",
    [
        RNN(hidden_size=4, nonlinearity="relu", output="all"),
        LSTM(hidden_size=4, num_layers=2, bidirectional=True),
        GRU(hidden_size=4, num_layers=2, bidirectional=True, output="all", bias=False),
    ],
    ids=lambda layer: layer.kind,
)
def test_onnxruntime_agrees_at_another_length_with_every_option(layer):
    check_parity(layer, ((None, 3),))


def test_dropout_of_a_single_layer_is_left_out_as_torch_would_warn():
    module = build(LSTM(dropout=0.5).torch_call((6, 3)))
    assert module.dropout == 0
    assert build(LSTM(dropout=0.5, num_layers=2).torch_call((6, 3))).dropout == 0.5


def test_a_flat_row_is_refused_with_the_reshape_that_makes_a_sequence_of_it():
    with pytest.raises(ShapeError, match=r"needs a sequence \(length, features\); got \(12,\)") as refusal:
        LSTM().output_shape((12,))
    assert refusal.value.remedy == (Reshape(shape=(-1, 1)),)


@pytest.mark.parametrize("shape", [(12,), (3, 8, 10), (12, None)])
def test_the_remedy_makes_a_sequence(shape):
    with pytest.raises(ShapeError) as refusal:
        LSTM().output_shape(shape)
    for layer in refusal.value.remedy:
        shape = layer.output_shape(shape)
    assert LSTM(hidden_size=5).output_shape(shape) == (5,)


def test_an_image_is_read_row_by_row():
    x = values(LSTM(), ((3, 8, 10),), 2)[0]
    rows = build(Reshape(shape=(8, 30)).torch_call((8, 3, 10)))(build(Permute(dims=(2, 1, 3)).torch_call(()))(x))
    assert torch.equal(rows[1, 5], x[1, :, 5].flatten())
