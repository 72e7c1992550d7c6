"""The loop that a torch user writes: arrays in memory, an index for each batch, loss and accuracy as it goes."""

import torch
from torch import Tensor, nn

from benchmarks.peers.task import LR, SEED, Task, tell_epoch, tell_parameters
from benchmarks.peers.torch_models import torch_model


def train(task: Task) -> None:
    torch.manual_seed(SEED)
    (x, y), held_out = (tensors(task, part) for part in ("train", "validation"))
    model, loss_of = torch_model(task.case), loss_function(task)
    model(x[:2])
    tell_parameters(sum(weight.numel() for weight in model.parameters()))
    optimizer = torch.optim.Adam(model.parameters(), lr=LR)
    for _ in range(task.epochs):
        model.train()
        total_loss, correct = 0.0, 0
        for rows in torch.randperm(len(x)).split(task.batch_size):
            optimizer.zero_grad()
            outputs = model(x[rows])
            loss = loss_of(outputs, y[rows])
            loss.backward()
            optimizer.step()
            total_loss += loss.item() * len(rows)
            correct += hits(outputs, y[rows]).item()
        tell_epoch(*validated(model, loss_of, held_out))


def tensors(task: Task, part: str) -> tuple[Tensor, Tensor]:
    """Of two classes the targets are a column of floats."""
    x, y = (torch.from_numpy(array) for array in task.arrays(part))
    return x, y.float().unsqueeze(1) if task.is_binary else y


def loss_function(task: Task) -> nn.Module:
    return nn.BCEWithLogitsLoss() if task.is_binary else nn.CrossEntropyLoss()


def hits(outputs: Tensor, y: Tensor) -> Tensor:
    """Rows that are answered rightly."""
    return ((outputs > 0) == (y > 0.5) if outputs.shape[1] == 1 else outputs.argmax(1) == y).sum()


@torch.no_grad()
def validated(model: nn.Module, loss_of: nn.Module, held_out: tuple[Tensor, Tensor]) -> tuple[float, float]:
    """Loss and accuracy."""
    model.eval()
    x, y = held_out
    outputs = model(x)
    return loss_of(outputs, y).item(), hits(outputs, y).item() / len(y)
