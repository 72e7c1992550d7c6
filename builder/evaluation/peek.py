"""Looks at what every node of a model makes of one batch: statistics, a histogram, a picture and what is wrong with it."""

import math
from typing import Any

import torch
from torch import Tensor, nn

from builder.catalogue.activations import Activation
from builder.catalogue.component import Shape
from builder.catalogue.layer import Layer, axis_names
from builder.evaluation.attention import attention_weights, heads_of
from builder.evaluation.pictures import picture_of, tiles
from builder.nn.graph import GraphModel
from builder.spec.model import INPUT, ModelSpec

BINS = 24
DEAD_SHARE = 0.25
"""Share of dead units from which a node is marked: in a sound model some units are silent for a few rows too."""
EXPLODING = 1000.0
"""Size of a value from which a node is marked: with inputs near 1, sound activations stay far below it."""
DIGITS = 6
Axes = tuple[str, ...]


def peek_at(model: GraphModel, spec: ModelSpec, x: Tensor) -> dict[str, dict[str, Any]]:
    """The peek of each node of `spec`, the plain graph that `model` was built from, as JSON."""
    look = Look(spec, x)
    last = {output: name for name, _, output in model.steps}  # a layer's own activation comes after it
    hooks = [model.get_submodule(name).register_forward_hook(look.at(node_id)) for node_id, name in last.items()]
    hooks += [heads.register_forward_hook(look.note_attention) for heads in heads_of(model)]
    try:
        with torch.no_grad():
            model.eval()(x)  # eval() first: dropout would hide what the weights do
    finally:
        for hook in hooks:
            hook.remove()
    return look.peeks


class Look:
    """Notes what each node gives while a batch goes through the model."""

    def __init__(self, spec: ModelSpec, x: Tensor):
        self.peeks: dict[str, dict[str, Any]] = {}
        self._layers = {node.id: node.layer for node in spec.nodes}
        self._sources = {node.id: spec.inputs_of(index)[0] for index, node in enumerate(spec.nodes)}
        self._axes = {INPUT: (tuple(x.shape[1:]), axis_names(tuple(x.shape[1:])))}
        self._attention: Tensor | None = None

    def at(self, node_id: str):
        def note(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            layer, shape = self._layers[node_id], tuple(output.shape[1:])
            axes = axes_of(layer, shape, *self._axes[self._sources[node_id]])
            self._axes[node_id] = (shape, axes)
            self.peeks[node_id] = describe(output, layer, axes) | self._attention_picture()

        return note

    def note_attention(self, module: nn.Module, inputs: tuple[Tensor | None, ...], output: Tensor) -> None:
        self._attention = attention_weights(module, inputs)

    def _attention_picture(self) -> dict[str, Any]:
        """Of the attention inside the node that has just ended."""
        weights, self._attention = self._attention, None
        return {} if weights is None else {"picture": tiles(weights), "picture_of": "attention"}


def axes_of(layer: Layer, shape: Shape, before: Shape, axes_before: Axes) -> Axes:
    """What the layer says of its axes; one that says nothing and keeps the shape keeps their meaning."""
    keeps = layer.axes is None and shape == before
    return axes_before if keeps else axis_names(shape, layer)


def describe(output: Tensor, layer: Layer, axes: Axes) -> dict[str, Any]:
    """`output` is (N, *shape). `dead` is the share of units, channels or features, that are 0 throughout."""
    values = output.detach().float()
    finite = values[values.isfinite()]
    dead = (units(values, axes) == 0).all(dim=1)
    mean = finite.mean()  # NaN if there are none
    low, high = (finite.min().item(), finite.max().item()) if len(finite) else (None, None)
    picture, picture_kind = picture_of(values, axes)
    found = {
        "shape": list(output.shape[1:]), "mean": _figure(mean), "std": _figure((finite - mean).square().mean().sqrt()),
        "min": _rounded(low), "max": _rounded(high), "zeros": _figure((values == 0).float().mean()),
        "dead": _figure(dead.float().mean()), "units": len(dead), "nonfinite": values.numel() - len(finite),
        "histogram": torch.histc(finite, BINS, low, high).int().tolist() if len(finite) and low < high else [],
        "picture": picture, "picture_of": picture_kind,
    }  # fmt: skip
    return found | {"marks": _marks(found, layer)}


def units(values: Tensor, axes: Axes) -> Tensor:
    """All that each unit, a channel or else a feature, gave: (units, values of one)."""
    named = [axes.index(name) + 1 for name in ("channels", "features") if name in axes]
    return values.movedim(named[0], 0).flatten(1) if named else values.flatten().unsqueeze(0)


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
