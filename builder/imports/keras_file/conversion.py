"""Turns the layers of a Keras model into Strata's, one after the other, and notes every one that has none.

Keras keeps channels last, Strata first: a value remembers in which order Keras sees its axes (see `Value`).
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from builder.catalogue.layer import Layer, show
from builder.errors import DataError
from builder.imports.draft import Draft, Value, channels_last, is_huge, value_of
from builder.imports.imported import MISFITS, Imported, Obstacle, Unsupported, listed
from builder.imports.keras_file.graph import KerasLayer
from builder.spec.model import INPUT

Converter = Callable[[KerasLayer, "Conversion"], Value]
CONVERTERS: dict[str, Converter] = {}
CODE = ("Lambda", "TFOpLambda", "SlicingOpLambda")
PASSES_FLAT = ("Dropout", "AlphaDropout", "Activation", "ReLU", "LeakyReLU", "ELU", "Dense")
"""Layers behind a Flatten that do not care about the order of its values, and Dense, whose weights can follow it."""
OLD_VERSIONS = ("1.", "2.")


def converts(*kinds: str) -> Callable[[Converter], Converter]:
    """Registers the function that turns Keras layers of these kinds into layers here."""

    def register(converter: Converter) -> Converter:
        CONVERTERS.update(dict.fromkeys(kinds, converter))
        return converter

    return register


class Conversion:
    """What is known while the layers are walked: the values that they give, and the model so far."""

    def __init__(self, layers: list[KerasLayer], output: str, version: str, file_bytes: int):
        self.layers, self.output, self.draft = layers, output, Draft(file_bytes)
        self.is_keras_3 = not version.startswith(OLD_VERSIONS)
        self.channels_last = not any(layer.config.get("data_format") == "channels_first" for layer in layers)
        self.values: dict[str, Value] = {}
        self.given: Value | None = None
        self.orders: dict[str, np.ndarray] = {}
        """Of flat values: where Keras has each of Strata's."""
        self._obstacles: list[Obstacle] = []
        self._lost: set[str] = set()

    def run(self) -> Imported:
        """The whole model, or the list of what it has that no layer expresses."""
        for layer in self.layers:
            if layer.kind == "InputLayer":
                self.given = self.values[layer.id] = self._input(layer)
            elif self._lost.isdisjoint(layer.inputs):
                self._take(layer)
            elif layer.kind not in CONVERTERS:
                self._refuse(layer, self._why_unknown(layer))
            else:
                self._lost.add(layer.id)
        if self._obstacles:
            return Imported(None, input_shape=self.given.shape, unsupported=listed(self._obstacles))
        try:
            return self.draft.imported(self.values[self.output], self.given)
        except Unsupported as reason:
            return Imported(None, input_shape=self.given.shape, unsupported=(str(reason),))

    def value(self, layer: KerasLayer) -> Value:
        """The only input of a layer."""
        if len(layer.inputs) != 1:
            raise Unsupported(f"It takes {len(layer.inputs)} inputs.")
        return self.values[layer.inputs[0]]

    def channels_first(self, layer: KerasLayer) -> Value:
        """The layer's input with the channels where Strata has them, by a Permute where they are not there yet."""
        value = self.value(layer)
        rank = len(value.shape)
        wanted = (
            channels_last(value.shape)
            if layer.config.get("data_format", "channels_last") == "channels_last"
            else tuple(range(rank + 1))
        )
        if value.axes == wanted:
            return value
        settled = self.draft.settled(value)
        if wanted == settled.axes:
            return settled
        return self.draft.settled(Value(settled.node, settled.shape, (0, rank, *range(1, rank))))

    def seen(self, value: Value, layer: KerasLayer) -> Value:
        """A value with channels first, as Keras sees it behind this layer."""
        is_last = len(value.shape) > 1 and layer.config.get("data_format", "channels_last") == "channels_last"
        return replace(value, axes=channels_last(value.shape)) if is_last else value

    def is_alone(self, layer_id: str) -> bool:
        """Whether only one layer takes this value, and it is not the answer."""
        return sum(layer_id in layer.inputs for layer in self.layers) + (layer_id == self.output) == 1

    def order_may_follow(self, layer_id: str) -> bool:
        """Whether all that comes behind a Flatten can take its values in another order."""
        waiting = [layer_id]
        while waiting:
            passing = waiting.pop()
            users = [layer for layer in self.layers if passing in layer.inputs]
            if not users or passing == self.output or any(user.kind not in PASSES_FLAT for user in users):
                return False
            waiting += [user.id for user in users if user.kind != "Dense"]
        return True

    def activate(self, value: Value, activation: Layer | None, *, alone: bool = True) -> Value:
        return value if activation is None else self.draft.activate(value, activation, alone=alone)

    def _take(self, layer: KerasLayer) -> None:
        if not layer.is_own or layer.kind not in CONVERTERS:
            self._refuse(layer, self._why_unknown(layer))
            return
        try:
            value = CONVERTERS[layer.kind](layer, self)
        except Unsupported as reason:
            self._refuse(layer, str(reason))
        except MISFITS:
            self._refuse(layer, "Its settings or weights do not fit together.")
        else:
            self._note(layer, value)

    def _note(self, layer: KerasLayer, value: Value) -> None:
        self.values[layer.id] = value
        before = self.values[layer.inputs[0]].node
        if before in self.orders and layer.kind != "Dense":
            self.orders[value.node] = self.orders[before]

    def _why_unknown(self, layer: KerasLayer) -> str:
        if layer.kind in CODE:
            return "It is Python code of its own, which is never carried out."
        return "Strata has no such layer." if layer.is_own else "It is a class of somebody's own, not of Keras."

    def _refuse(self, layer: KerasLayer, reason: str) -> None:
        self._lost.add(layer.id)
        self._obstacles.append(Obstacle(layer.kind, layer.name, reason))

    def _input(self, layer: KerasLayer) -> Value:
        """Images with their channels first, as they come here, even if Keras has them last."""
        given = layer.config.get("batch_shape") or layer.config.get("batch_input_shape")
        sizes = tuple(given[1:]) if isinstance(given, list) else ()
        if not sizes or not all(size is None or (type(size) is int and size > 0) for size in sizes):
            raise DataError("The model does not say the shape of its input. Build it, then save it again.")
        if is_huge(sizes):
            raise DataError(f"The model asks for {show(sizes)} values in one example, which is too many. Save one for smaller data.")  # fmt: skip
        if len(sizes) < 3 or not self.channels_last:
            return value_of(INPUT, sizes)
        shape = (sizes[-1], *sizes[:-1])
        return Value(INPUT, shape, channels_last(shape))
