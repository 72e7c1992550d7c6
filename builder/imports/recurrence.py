"""Recurrent layers with their weights, as ONNX and Keras both give them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from builder.imports.draft import Draft, Value, make

ENDINGS = ("l0", "l0_reverse")
"""torch's names for the two directions of the first layer."""
NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def recurrent(
    draft: Draft, value: Value, kind: str, directions: Sequence[Sequence[np.ndarray]], *, last: bool, **fields: Any
) -> Value:
    """RNN, LSTM or GRU over (L, F); `directions` are one or two of (weight_ih, weight_hh, bias_ih, bias_hh) as torch has them."""
    hidden = directions[0][1].shape[1]
    layer = make(
        kind, hidden_size=hidden, bidirectional=len(directions) == 2, output="last" if last else "all", **fields
    )
    weights = {
        f"{name}_{ending}": array
        for ending, arrays in zip(ENDINGS, directions, strict=False)
        for name, array in zip(NAMES, arrays, strict=True)
    }
    return draft.add(layer, value, weights=weights)


def reordered(array: np.ndarray, order: Sequence[int]) -> np.ndarray:
    """The gates, stacked along the first axis, in another order."""
    gates = np.split(array, len(order))
    return np.concatenate([gates[place] for place in order])
