"""A rewritten step has autograd's bits, and looks at fewer values."""

import pytest
import torch
from torch import Tensor, nn

from builder.training.recorded import Recorder, Recording

ORDERS = [torch.contiguous_format, torch.channels_last]
POOLS = {
    "windows side by side": nn.MaxPool2d(2), "overlapping": nn.MaxPool2d(3, 2, padding=1), "all rows": nn.MaxPool2d((8, 1)),
    "dilated": nn.MaxPool2d(2, dilation=2),
}  # fmt: skip


def of_whole_numbers(*shape: int) -> Tensor:
    """Many are equal, and many of no positive sign."""
    torch.manual_seed(0)
    return torch.randint(-2, 3, shape).float()


def record_of(model: nn.Module, order: torch.memory_format) -> tuple[Recording | None, list[Tensor]]:
    """The recording, and the gradients of autograd."""
    for weight in model.parameters():
        weight.data = of_whole_numbers(*weight.shape)
    model = model.to(memory_format=order)
    x, targets = of_whole_numbers(4, 3, 8, 8).contiguous(memory_format=order), torch.randint(0, 2, (4,))
    loss = nn.CrossEntropyLoss()
    recording = Recorder(model, model, loss)._record(x, targets)
    loss(model(x), targets).backward()
    passed = recording.play(x, targets)
    expected = [weight.grad for weight in model.parameters()]
    assert all(map(torch.equal, passed.gradients, expected))
    return recording, expected


def shapes_of(recording: Recording, target: object) -> list[tuple[int, ...]]:
    return [tuple(node.meta["val"].shape[2:]) for node in recording.traced.graph.nodes if node.target is target]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("pool", POOLS)
def test_relu_comes_after_the_pool(pool, order):
    body = [nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), POOLS[pool], nn.Conv2d(4, 2, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten()]  # fmt: skip
    recording, gradients = record_of(nn.Sequential(*body), order)
    assert shapes_of(recording, torch.ops.aten.relu.default) == [tuple(POOLS[pool](torch.zeros(1, 8, 8)).shape[1:])]
    assert any(gradient.any() for gradient in gradients)


class Skipping(nn.Module):
    """Adds what came out of ReLU to what came out of the pool."""

    def __init__(self):
        super().__init__()
        self.conv, self.pool, self.out = nn.Conv2d(3, 4, 3, padding=1), nn.MaxPool2d(3, 1, padding=1), nn.Linear(256, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x).relu()
        return self.out((x + self.pool(x)).flatten(1))


@pytest.mark.parametrize("order", ORDERS)
def test_relu_that_others_look_at_stays_where_it_is(order):
    recording, _ = record_of(Skipping(), order)
    assert shapes_of(recording, torch.ops.aten.relu.default) == [(8, 8)]


@pytest.mark.parametrize("order", ORDERS)
def test_a_pool_before_a_dense_layer_is_given_its_gradient_in_its_own_order(order):
    body = [nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64, 2)]
    recording, _ = record_of(nn.Sequential(*body), order)
    (back,) = recording.traced.graph.find_nodes(
        op="call_function", target=torch.ops.aten.max_pool2d_with_indices_backward.default
    )
    turns = back.args[0].target is torch.ops.aten.clone.default
    assert turns == (order == torch.channels_last)


def test_a_pool_of_what_was_not_cut_off_is_left_alone():
    body = [nn.Conv2d(3, 4, 3), nn.MaxPool2d(2), nn.ReLU(), nn.Flatten(), nn.Linear(36, 2)]
    recording, _ = record_of(nn.Sequential(*body), torch.channels_last)
    assert shapes_of(recording, torch.ops.aten.relu.default) == [(3, 3)]
