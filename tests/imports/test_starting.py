"""Without torch it is known how many values an imported file has for each layer."""

import pytest
from torch import nn

from builder.errors import RunError
from builder.imports.starting import imported_parameters
from builder.imports.weights import keep_weights, kept_weights


def test_the_values_that_are_trained_are_counted_for_each_layer():
    net = nn.ModuleDict({"conv": nn.Conv2d(3, 4, 5), "norm": nn.BatchNorm2d(4), "lstm": nn.LSTM(6, 2)})
    sizes = imported_parameters(keep_weights({name: tensor.numpy() for name, tensor in net.state_dict().items()}))
    assert sizes == {name: sum(value.numel() for value in module.parameters()) for name, module in net.items()}


def test_a_missing_or_damaged_file_is_told():
    with pytest.raises(RunError, match="not on this machine"):
        imported_parameters("0" * 64)
    sha256 = keep_weights({"a.weight": nn.Linear(1, 2).weight.detach().numpy()})
    kept_weights(sha256).write_bytes(b"no weights")
    with pytest.raises(RunError, match="are damaged"):
        imported_parameters(sha256)
