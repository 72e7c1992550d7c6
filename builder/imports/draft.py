"""A model while it is being put together from a file: nodes, their shapes and their weights.

Legend: an axis code is 0 for the batch, k for axis k of the node's own output, UNIT for an axis of size 1 that only
the file has, and DIRECTION and HALF for the last axis seen as two: the directions of a recurrent layer and its units.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import numpy as np
from pydantic import ValidationError

from builder.catalogue.component import Shape
from builder.catalogue.layer import Layer, Refusal
from builder.catalogue.layers import LAYERS
from builder.errors import DataError
from builder.imports.imported import Imported, Unsupported
from builder.spec.model import INPUT, ModelSpec, Node

UNIT, DIRECTION, HALF = -1, -2, -3
UNKNOWN = -(1 << 40)
"""Less an axis' code: stands for a size known only at run time, the batch's above all, in what a file computes."""


LEAST_IMAGE_AXES = 3
MOST_VALUES = 1 << 28
"""Values of one example that a file may claim: as many numbers are made where their order is looked into."""
MOST_COPIES, LEAST_BYTES = 4, 64 << 20
"""Bytes of weights over bytes of the file, as weights that layers share or that are kept as halves may ask for; a small
file may always have so many."""


@dataclass(frozen=True)
class Value:
    """What a node gives: its shape in Strata, batch left out, and in which order the file sees the axes."""

    node: str
    shape: Shape
    axes: tuple[int, ...]

    @property
    def is_settled(self) -> bool:
        return self.axes == tuple(range(len(self.shape) + 1))

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes that the file sees; UNKNOWN less the axis where there is none yet."""
        return tuple(self._size(axis) for axis in self.axes)

    def _size(self, axis: int) -> int:
        if axis == 0:
            return UNKNOWN
        if axis in (UNIT, DIRECTION):
            return 1 if axis == UNIT else 2
        size = self.shape[axis - 1] if axis != HALF else self.shape[-1] // 2
        return UNKNOWN - axis if size is None else size


def value_of(node: str, shape: Shape) -> Value:
    return Value(node, shape, tuple(range(len(shape) + 1)))


def is_huge(shape: Shape) -> bool:
    return prod(size or 1 for size in shape) > MOST_VALUES


def channels_last(shape: Shape) -> tuple[int, ...]:
    """The order in which a file that has the channels last sees the axes."""
    return (0, *range(2, len(shape) + 1), 1)


def make(kind: str, **fields: Any) -> Layer:
    """A layer of the catalogue. Raises: Unsupported if there is none, or none with such values."""
    if kind not in LAYERS:
        raise Unsupported(f"Strata has no {kind} layer.")
    try:
        return LAYERS[kind].model_validate(fields)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = ".".join(map(str, fault["loc"]))
        raise Unsupported(f"{kind} does not take this {place}: {fault['msg']}.") from None


class Draft:
    """Nodes in the order in which they are added; each has a name that is its module's name in torch, too."""

    def __init__(self, file_bytes: int) -> None:
        self._bytes_left = max(LEAST_BYTES, MOST_COPIES * file_bytes)
        self.layers: dict[str, Layer] = {}
        self.weights: dict[str, np.ndarray] = {}
        self._inputs: dict[str, tuple[str, ...]] = {}
        self._counts: Counter[str] = Counter()

    def add(self, layer: Layer, *inputs: Value, weights: Mapping[str, np.ndarray] | None = None) -> Value:
        """What the layer makes of settled inputs. Raises: Unsupported if it refuses them."""
        try:
            shape = layer.output_shape(*(each.shape for each in inputs))
        except Refusal as refusal:
            raise Unsupported(f"{layer.kind} {refusal}") from None
        if is_huge(shape):
            raise Unsupported(f"It gives more than {MOST_VALUES:,} values for one example.")
        name = self._new_name(layer.kind)
        self.layers[name], self._inputs[name] = layer, tuple(each.node for each in inputs)
        for part, tensor in (weights or {}).items():
            self._keep(f"{name}.{part}", tensor)
        return value_of(name, shape)

    def settled(self, value: Value) -> Value:
        """The value with its axes as the file sees them, by a Permute or Reshape where they differ."""
        if value.is_settled:
            return value
        real = tuple(axis for axis in value.axes if axis != UNIT)
        if value.axes[0] != 0 or sorted(real) != list(range(len(value.shape) + 1)):
            raise Unsupported("It works on axes in an order that no layer of Strata has.")
        turned = value_of(value.node, value.shape)
        if real != turned.axes:
            turned = self.add(make("Permute", dims=real[1:]), turned)
        if real == value.axes:
            return turned
        sizes = iter(-1 if size is None else size for size in turned.shape)
        return self.add(make("Reshape", shape=[1 if axis == UNIT else next(sizes) for axis in value.axes[1:]]), turned)

    def kind_of(self, value: Value) -> str:
        """The kind of the layer that gives the value; empty for the data."""
        return self.layers[value.node].kind if value.node in self.layers else ""

    def own(self, value: Value) -> Value:
        """The value with its axes as Strata has them, however the file sees them."""
        return value_of(value.node, value.shape)

    def activate(self, value: Value, activation: Layer, *, alone: bool, weights: Mapping[str, np.ndarray] | None = None) -> Value:  # fmt: skip
        """Puts the activation into the layer before it if that has room and is taken by nobody else (`alone`)."""
        layer = self.layers.get(value.node)
        if alone and layer is not None and "activation" in type(layer).model_fields and layer.activation is None:
            self.layers[value.node] = layer.model_copy(update={"activation": activation})
            for part, tensor in (weights or {}).items():
                self._keep(f"{value.node}_activation.{part}", tensor)
            return value
        return replace(self.add(activation, self.own(value), weights=weights), axes=value.axes)

    def add_bias(self, value: Value, bias: np.ndarray) -> bool:
        """Whether the layer before could take the bias: it has none yet, and nothing comes after its sum."""
        layer = self.layers.get(value.node)
        has_room = getattr(layer, "bias", None) is False and getattr(layer, "activation", None) is None
        if has_room:
            self.layers[value.node] = layer.model_copy(update={"bias": True})
            self._keep(f"{value.node}.bias", bias)
        return has_room

    def imported(self, output: Value, given: Value) -> Imported:
        """All that leads from the data to `output`. Raises: Unsupported if that is more than a model may have, or nothing.

        An answer with its channels last stays as it is here, channels first, if the data came that way.
        """
        is_image = len(output.axes) > LEAST_IMAGE_AXES and output.axes == channels_last(output.shape)
        if not (is_image and given.axes == channels_last(given.shape)):
            output = self.settled(output)
        needed = self._before(output.node)
        before, nodes = INPUT, []
        for name in (name for name in self.layers if name in needed):
            inputs = self._inputs[name]
            nodes.append(Node(id=name, layer=self.layers[name], inputs=None if inputs == (before,) else inputs))
            before = name
        if not nodes:
            raise Unsupported("The file computes nothing that is a layer.")
        weights = {name: self.weights[name] for name in self.weights if name.partition(".")[0] in self._modules(needed)}
        try:
            return Imported(ModelSpec(nodes=tuple(nodes)), weights, given.shape)
        except ValidationError as error:
            raise Unsupported(f"The model is too large: {error.errors(include_url=False)[0]['msg']}.") from None

    def keep_last(self, value: Value) -> bool:
        """Whether the recurrent layer before could be told to give its last step alone; it reads forwards."""
        layer = self.layers.get(value.node)
        can = getattr(layer, "output", None) == "all" and not layer.bidirectional
        if can:
            self.layers[value.node] = layer.model_copy(update={"output": "last"})
        return can

    def _keep(self, name: str, tensor: np.ndarray) -> None:
        """Raises: DataError if the weights are far more than the file can hold."""
        self._bytes_left -= tensor.nbytes
        if self._bytes_left < 0:
            raise DataError("The file uses the same weights again and again, more than a model of its size could. Export it with weights of its own for each layer.")  # fmt: skip
        self.weights[name] = tensor

    def _before(self, node: str) -> set[str]:
        """The node and all that it depends on."""
        found, waiting = {node}, [node]
        while waiting:
            new = set(self._inputs.get(waiting.pop(), ())) - found
            found |= new
            waiting += new
        return found

    @staticmethod
    def _modules(nodes: set[str]) -> set[str]:
        return nodes | {f"{name}_activation" for name in nodes}

    def _new_name(self, kind: str) -> str:
        """One that no layer drawn later can get: weights are found by it, and its layer's may be all that is left of it."""
        self._counts[kind] += 1
        return f"{kind.lower()}_{self._counts[kind]}_imported"
