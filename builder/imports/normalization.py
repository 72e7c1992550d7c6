"""Normalization layers with their weights, as ONNX and Keras both give them."""

from collections.abc import Mapping

import numpy as np

from builder.imports.draft import Draft, Value, make
from builder.imports.imported import Unsupported

USUAL_MOMENTUM = 0.1


def batch_normalized(draft: Draft, value: Value, weights: Mapping[str, np.ndarray], eps: float, momentum: float) -> Value:  # fmt: skip
    """`weights` are weight, bias, running_mean and running_var; `momentum` is the share of each new batch."""
    rank = max(1, len(value.shape) - 1)
    momentum = round(momentum, 6) or USUAL_MOMENTUM  # a file made for inference may say that nothing moves
    layer = make(f"BatchNorm{rank}d", eps=eps, momentum=momentum)
    return draft.add(layer, value, weights=weights | {"num_batches_tracked": np.array(0, np.int64)})


def layer_normalized(
    draft: Draft, value: Value, kind: str, count: int, weight: np.ndarray, bias: np.ndarray | None, eps: float
) -> Value:
    """Over the last `count` axes. Raises: Unsupported if Strata's layer works on others."""
    layer, axes = make(kind, eps=eps), value.shape[-count:]
    ours = tuple(layer.torch_call(value.shape).kwargs["normalized_shape"])
    if ours != axes:
        raise Unsupported(f"It normalises over {axes}; {kind} here over {ours}.")
    weights = {"weight": np.broadcast_to(weight, axes)}
    if kind == "LayerNorm":
        weights["bias"] = np.broadcast_to(np.float32(0) if bias is None else bias, axes)
    elif bias is not None:
        raise Unsupported("It adds a bias, which RMSNorm here does not.")
    return draft.add(layer, value, weights=weights)
