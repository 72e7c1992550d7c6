"""Looks at what every node of a model makes of one batch: statistics, a histogram, a picture and what is wrong with it.

Legend: N rows of the batch, U units (channels or features), P positions of a unit (time, height and width together).
"""

import math
from functools import partial
from typing import Any

import torch
from torch import Tensor

from builder.catalogue.activations import Activation
from builder.catalogue.layer import Layer
from builder.evaluation.pictures import picture_of
from builder.nn.graph import GraphModel
from builder.spec.model import ModelSpec

BINS = 24
DEAD_SHARE = 0.25
"""Share of dead units from which a node is marked."""
EXPLODING = 1000.0
"""Size of a value from which a node is marked: with inputs near 1, sound activations stay far below it."""
DIGITS = 6


@torch.no_grad()
def peek_at(model: GraphModel, spec: ModelSpec, x: Tensor) -> dict[str, dict[str, Any]]:
    """The peek of each node of `spec`, the plain graph that `model` was built from, as JSON."""
    layers = {node.id: node.layer for node in spec.nodes}
    last = {output: name for name, _, output in model.steps}  # a layer's own activation comes after it
    peeks: dict[str, dict[str, Any]] = {}

    def note(node_id: str, module: torch.nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        peeks[node_id] = describe(output, layers[node_id])

    hooks = [model.get_submodule(name).register_forward_hook(partial(note, node_id)) for node_id, name in last.items()]
    try:
        model.eval()(x)  # eval() first: dropout would hide what the weights do
    finally:
        for hook in hooks:
            hook.remove()
    return peeks


def describe(output: Tensor, layer: Layer) -> dict[str, Any]:
    """`output` is (N, *shape). `dead` is the share of units that are 0 for every row and position."""
    values = output.detach().float()
    finite = values[values.isfinite()]
    units_UN = values.movedim(unit_axis(layer, values.dim()), 0).flatten(1) if values.dim() > 1 else values[None]
    dead = (units_UN == 0).all(dim=1)
    mean = finite.mean()  # NaN if there are none
    low, high = (finite.min().item(), finite.max().item()) if len(finite) else (None, None)
    found = {
        "shape": list(output.shape[1:]), "mean": _figure(mean), "std": _figure((finite - mean).square().mean().sqrt()),
        "min": _rounded(low), "max": _rounded(high), "zeros": _figure((values == 0).float().mean()),
        "dead": _figure(dead.float().mean()), "units": len(dead), "nonfinite": values.numel() - len(finite),
        "histogram": torch.histc(finite, BINS, low, high).int().tolist() if len(finite) and low < high else [],
        "picture": picture_of(values, layer),
    }  # fmt: skip
    return found | {"marks": _marks(found, layer)}


def unit_axis(layer: Layer, rank: int) -> int:
    """Axis of an output (N, *shape) along which its units lie: channels or features."""
    names = getattr(layer, "axes", None) or ()
    named = next((place for place, name in enumerate(names, 1) if name in ("channels", "features")), None)
    return named or (rank - 1 if rank == 3 else 1)


def _marks(found: dict[str, Any], layer: Layer) -> list[str]:
    """What is wrong, in a few words each."""
    marks = []
    if found["nonfinite"]:
        marks.append(f"{found['nonfinite']:,} values are not finite")
    largest = max(abs(found["min"] or 0), abs(found["max"] or 0))
    if largest >= EXPLODING:
        marks.append(f"exploding: values up to {largest:.1e}")
    activates = isinstance(layer, Activation) or getattr(layer, "activation", None) is not None
    if activates and found["dead"] >= DEAD_SHARE:  # elsewhere a zero may well be the data's own
        marks.append(f"{round(found['dead'] * found['units']):,} of {found['units']:,} units dead")
    return marks


def _figure(value: Tensor) -> float | None:
    return _rounded(value.item())


def _rounded(value: float | None) -> float | None:
    """With as many digits as float32 has; None if there is no number."""
    return float(f"{value:.{DIGITS}g}") if value is not None and math.isfinite(value) else None
