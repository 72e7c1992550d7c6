"""Weights begin as the chosen initialization of torch's makes them, from the project's seed."""

import pytest
import torch
from torch import nn

from builder.catalogue.activations import ReLU
from builder.catalogue.initializations import (
    INITIALIZATIONS,
    Filling,
    HeNormal,
    HeUniform,
    Orthogonal,
    TorchDefault,
    TruncatedNormal,
    XavierNormal,
    XavierUniform,
)
from builder.catalogue.layers import LSTM, BatchNorm1d, Conv2d, Flatten, Linear
from builder.nn.initial_weights import build_initial
from builder.nn.whole import build_core
from tests.projects import facts_of, stacked

LAYERS = (Linear(out_features=5, activation=ReLU()), BatchNorm1d(), Linear())
BY_HAND = {
    XavierUniform(gain=2): lambda weight: nn.init.xavier_uniform_(weight, gain=2),
    XavierNormal(): nn.init.xavier_normal_,
    HeUniform(): lambda weight: nn.init.kaiming_uniform_(weight, nonlinearity="relu"),
    HeNormal(mode="fan_out", nonlinearity="tanh"): lambda weight: nn.init.kaiming_normal_(weight, mode="fan_out", nonlinearity="tanh"),
    Orthogonal(): nn.init.orthogonal_,
    TruncatedNormal(std=0.5): lambda weight: nn.init.trunc_normal_(weight, std=0.5),
}  # fmt: skip


def initial(initialization, *layers, shape=(4,)) -> nn.Module:
    torch.manual_seed(3)
    return build_initial(stacked(*(layers or LAYERS), initialization=initialization), facts_of(shape))


def test_every_initialization_is_held_to_torch():
    assert {type(one) for one in BY_HAND} | {TorchDefault} == set(INITIALIZATIONS.values())


@pytest.mark.parametrize("initialization", BY_HAND, ids=lambda one: one.kind)
def test_weights_are_filled_in_their_order_and_biases_are_zero(initialization):
    model = initial(initialization)
    torch.manual_seed(3)
    twin = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.BatchNorm1d(5), nn.Linear(5, 3))
    for layer in (twin[0], twin[3]):
        BY_HAND[initialization](layer.weight)
        nn.init.zeros_(layer.bias)
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(model.parameters(), twin.parameters(), strict=True))


def test_torchs_own_stays_as_it_is():
    torch.manual_seed(3)
    plain = build_core(stacked(*LAYERS), facts_of())
    assert all(torch.equal(a, b) for a, b in zip(initial(TorchDefault()).parameters(), plain.parameters(), strict=True))


def test_biases_may_stay_and_filters_and_recurrent_weights_are_filled():
    assert initial(HeNormal(zero_bias=False)).linear_1.bias.any()
    filters = initial(TruncatedNormal(std=1e-6), Conv2d(out_channels=2), Flatten(), Linear(), shape=(1, 5, 5))
    assert filters.conv2d_1.weight.abs().max() < 1e-4
    recurrent = initial(Orthogonal(), LSTM(hidden_size=3, output="last"), Linear(), shape=(5, 4))
    square = next(weight for name, weight in recurrent.named_parameters() if "weight_hh" in name)
    assert torch.allclose(square.T @ square, torch.eye(3), atol=1e-5)
    assert not any(
        weight.any() for name, weight in recurrent.named_parameters() if name.rpartition(".")[2].startswith("bias")
    )


def test_only_those_that_fill_have_settings():
    assert not isinstance(TorchDefault(), Filling) and TorchDefault.model_fields.keys() == {"kind"}
