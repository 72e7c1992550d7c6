"""Mixes the rows of a batch with each other. This text is printed into generated scripts, so it depends on torch and numpy alone.

Legend: N rows, H W image axes.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor


def mixup(x: Tensor, alpha: float, chance: np.random.Generator) -> tuple[Tensor, Tensor, float]:
    """Each row blended with its partner; the partners' places and the row's own share come along.

    Source: arXiv:1710.09412.
    """
    own = float(chance.beta(alpha, alpha))
    partners = torch.from_numpy(chance.permutation(len(x)))
    return own * x + (1 - own) * x[partners], partners, own


def cutmix(x_NCHW: Tensor, alpha: float, chance: np.random.Generator) -> tuple[Tensor, Tensor, float]:
    """Each image with a box out of its partner; the partners' places and the share of its own pixels come along.

    The box has the drawn share of the image's area, and is cut off at the edges. Source: arXiv:1905.04899.
    """
    height, width = x_NCHW.shape[2:]
    side = math.sqrt(1 - chance.beta(alpha, alpha))
    partners = torch.from_numpy(chance.permutation(len(x_NCHW)))
    tall, wide, row, column = int(height * side), int(width * side), chance.integers(height), chance.integers(width)
    rows = slice(max(row - tall // 2, 0), min(row + tall - tall // 2, height))
    columns = slice(max(column - wide // 2, 0), min(column + wide - wide // 2, width))
    mixed = x_NCHW.clone()
    mixed[:, :, rows, columns] = x_NCHW[partners, :, rows, columns]
    area = (rows.stop - rows.start) * (columns.stop - columns.start)
    return mixed, partners, float(1 - area / (height * width))


def mix(x: Tensor, ways: Sequence[tuple[Callable, float]], place: tuple[int, int, int]) -> tuple[Tensor, Tensor, float]:
    """The batch mixed in one of these ways, each with its alpha; chance follows from seed, step and part of the step."""
    chance = np.random.default_rng((*place, len(ways)))
    way, alpha = ways[chance.integers(len(ways))]
    return way(x, alpha, chance)
