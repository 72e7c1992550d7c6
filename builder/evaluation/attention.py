"""Reads off which steps an attention layer looked at.

Legend: H heads, L steps that look, M steps looked at.
"""

import torch
from torch import Tensor, nn

from builder.nn.modules.attention import Heads

MOST_WEIGHTS = 4_000_000
"""Beyond so many a picture would show nothing, and cost much memory."""


def heads_of(module: nn.Module) -> list[Heads]:
    """The attention inside a layer; the last is the one nearest to its output."""
    return [part for part in module.modules() if isinstance(part, Heads)]


def attention_weights(heads: Heads, inputs: tuple[Tensor | None, ...]) -> Tensor | None:
    """Weights (H, L, M) of the first example, from what the heads were given; None if there are too many."""
    query, key, _, *masks = inputs
    steps, number = key.shape[1], heads.num_heads
    if number * query.shape[1] * steps > MOST_WEIGHTS:
        return None
    one_hot = torch.eye(steps).repeat(1, number).unsqueeze(0)  # values that say which step they stand at
    allowed = [None if mask is None else mask[:1] for mask in masks]
    return heads.forward(query[:1], key[:1], one_hot, *allowed)[0].unflatten(1, (number, steps)).movedim(1, 0)
