"""Deals the training rows into batches. This text is printed into generated scripts, so it depends on torch alone."""

import torch
from torch import Tensor


def parts_of(rows: Tensor, size: int) -> list[Tensor]:
    """The rows in parts of this size; a last part of one row joins the one before it.

    One row alone has no variance, which batch normalization needs.
    """
    if len(rows) <= size + 1:
        return [rows]
    parts = list(rows.split(size))
    if len(parts[-1]) == 1:
        parts[-2:] = [torch.cat(parts[-2:])]
    return parts


def epoch_order(rows: Tensor, seed: int, epoch: int) -> Tensor:
    """The rows in the order of this epoch."""
    generator = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
    return rows[torch.randperm(len(rows), generator=generator)]


def epoch_batches(rows: Tensor, batch_size: int, seed: int, epoch: int) -> list[Tensor]:
    """The rows of each step, in the order of this epoch."""
    return parts_of(epoch_order(rows, seed, epoch), batch_size)
