"""Measures one step, layer by layer: how large gradient, weights and update are, and how their values are spread."""

import math
from collections.abc import Sequence
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn

from builder.nn.graph import GraphModel, attribute_name
from builder.runs.telemetry import BINS

VALUES = 65_536
"""Most values of one tensor that are copied before a step and sorted into a histogram; of more, evenly spaced ones."""
DIGITS = 5
Figures = dict[str, Any]
NO_WEIGHTS: Figures = dict.fromkeys(("grad_norm", "weight_norm", "update_norm", "weights", "updates"))


class LayerFigures:
    """Looks at the weights before and after one step of the optimizer. Reads alone: nothing of the training changes."""

    def __init__(self, model: GraphModel):
        self._layers = layer_weights(model)
        self._norms: list[float] = []
        self._before: list[list[Tensor]] = []

    def before_update(self) -> None:
        """With the gradient that the step will take."""
        self._norms = _norms([[weight.grad for weight in weights] for weights in self._layers.values()])
        self._before = [looked_at(weights) for weights in self._layers.values()]

    @property
    def grad_norm(self) -> float:
        """Of all weights together, as they are now."""
        return _norms([[weight.grad for weights in self._layers.values() for weight in weights]])[0]

    def after_update(self) -> dict[str, Figures]:
        """What became of each layer, by the name of its module."""
        weight_norms = _norms(list(self._layers.values()))
        found = {}
        for place, (name, weights) in enumerate(self._layers.items()):
            after = looked_at(weights)
            updates = [now - before for now, before in zip(after, self._before[place], strict=True)]
            found[name] = {
                "grad_norm": self._norms[place], "weight_norm": weight_norms[place],
                "update_norm": _whole_norm(updates, weights),
                "weights": histogram(torch.cat(after)), "updates": histogram(torch.cat(updates)), "dead": None,
            }  # fmt: skip
        self._norms, self._before = [], []
        return found


def layer_weights(model: GraphModel) -> dict[str, list[nn.Parameter]]:
    """What each layer learns, by the name of its module; a weight that two layers share is the first one's."""
    seen: set[nn.Parameter] = set()
    layers: dict[str, list[nn.Parameter]] = {}
    for name, _, output in model.steps:
        for weight in model.get_submodule(name).parameters():
            if weight.requires_grad and weight not in seen:
                seen.add(weight)
                layers.setdefault(attribute_name(output), []).append(weight)
    return layers


def looked_at(weights: list[nn.Parameter]) -> list[Tensor]:
    """Copies of their values, each in one row in the main memory."""
    return [_spaced(weight.detach()).to("cpu", torch.float32, copy=True) for weight in weights]


def _spaced(values: Tensor) -> Tensor:
    """Every k-th value; an odd k, lest it walk down a single column of a matrix of 2, 4, 8 … columns."""
    step = -(-values.numel() // VALUES)
    return values.reshape(-1)[:: step | 1 if step > 1 else 1]


def _whole_norm(looked: list[Tensor], weights: list[nn.Parameter]) -> float:
    """Of all values, estimated from those that were looked at; exact where all were."""
    squares = torch.stack([values.square().sum() for values in looked]).tolist()
    parts = zip(squares, looked, weights, strict=True)
    return rounded(math.sqrt(sum(square * weight.numel() / len(values) for square, values, weight in parts)))


def _norms(groups: Sequence[Sequence[Tensor | None]]) -> list[float]:
    """Of each group as one vector, 0 where nothing is known; asked of the device in one go, since each answer waits."""
    known = [[tensor.detach() for tensor in group if tensor is not None] for group in groups]
    norms = [torch.linalg.vector_norm(tensor) for tensors in known for tensor in tensors]
    squares = iter([norm**2 for norm in torch.stack(norms).tolist()] if norms else [])
    return [rounded(math.sqrt(sum(islice(squares, len(tensors))))) for tensors in known]


def histogram(values: Tensor) -> Figures:
    """Counts between the lowest and the highest value that is a number; all in the middle bin if these are the same."""
    low, high = (bound.item() for bound in values.aminmax())
    if not (math.isfinite(low) and math.isfinite(high)):
        values = values[values.isfinite()]
        if not len(values):
            return {"low": math.nan, "high": math.nan, "counts": [0] * BINS}
        low, high = (bound.item() for bound in values.aminmax())
    if low < high:
        counts = torch.histc(values, BINS, low, high).int().tolist()
    else:
        counts = [len(values) if place == BINS // 2 else 0 for place in range(BINS)]
    return {"low": rounded(low), "high": rounded(high), "counts": counts}


def rounded(value: float) -> float:
    """With as many digits as a chart can show."""
    return float(f"{value:.{DIGITS}g}")
