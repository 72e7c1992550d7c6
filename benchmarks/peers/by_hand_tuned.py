"""The loop of somebody who knows torch well: no denormals, a fused optimizer, rows in order once an epoch, no syncs."""

import torch

from benchmarks.peers.by_hand import hits, loss_function, tensors, validated
from benchmarks.peers.task import LR, SEED, Task, tell_epoch, tell_parameters
from benchmarks.peers.torch_models import torch_model


def train(task: Task) -> None:
    torch.set_flush_denormal(True)
    torch.manual_seed(SEED)
    (x, y), held_out = (tensors(task, part) for part in ("train", "validation"))
    model, loss_of = torch_model(task.case), loss_function(task)
    model(x[:2])
    if x.ndim == 4:
        model, x = model.to(memory_format=torch.channels_last), x.contiguous(memory_format=torch.channels_last)
    tell_parameters(sum(weight.numel() for weight in model.parameters()))
    optimizer = torch.optim.Adam(model.parameters(), lr=LR, fused=True)
    for _ in range(task.epochs):
        model.train()
        order = torch.randperm(len(x))
        total_loss, correct = torch.zeros(()), torch.zeros((), dtype=torch.int64)
        for inputs, targets in zip(x[order].split(task.batch_size), y[order].split(task.batch_size), strict=True):
            optimizer.zero_grad(set_to_none=True)
            outputs = model(inputs)
            loss = loss_of(outputs, targets)
            loss.backward()
            optimizer.step()
            total_loss += loss.detach() * len(inputs)
            correct += hits(outputs, targets)
        tell_epoch(*validated(model, loss_of, held_out))
