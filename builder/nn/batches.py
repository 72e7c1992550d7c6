"""Deals the training rows into batches. This text is printed into generated scripts, so it depends on torch alone."""

import torch
from torch import Tensor


def epoch_batches(rows: Tensor, batch_size: int, seed: int, epoch: int) -> list[Tensor]:
    """The rows in the order of this epoch; a last batch of one row joins the one before it.

    One row alone has no variance, which batch normalization needs.
    """
    generator = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
    batches = list(rows[torch.randperm(len(rows), generator=generator)].split(batch_size))
    if len(batches) > 1 and len(batches[-1]) == 1:
        batches[-2:] = [torch.cat(batches[-2:])]
    return batches
