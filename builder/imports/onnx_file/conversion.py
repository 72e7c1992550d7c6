"""Turns the operations of an ONNX graph into layers, one after the other, and notes every one that has none."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from builder.imports.draft import Draft, Value, value_of
from builder.imports.imported import MISFITS, Imported, Obstacle, Unsupported, listed
from builder.imports.onnx_file.constants import FOLDS, Budget, fold
from builder.imports.onnx_file.graph import Graph, Op
from builder.imports.onnx_file.patterns import Patterns
from builder.spec.model import INPUT

CHANNELS_LAST = {(0, 3, 1, 2): (0, 2, 3, 1), (0, 4, 1, 2, 3): (0, 2, 3, 4, 1)}
"""A Transpose right behind the input that brings the channels forward: the data come in that order here already."""
Converter = Callable[[Op, "Conversion"], Value | tuple[Value, ...]]
CONVERTERS: dict[str, Converter] = {}


def converts(*types: str) -> Callable[[Converter], Converter]:
    """Registers the function that turns operations of these types into layers."""

    def register(converter: Converter) -> Converter:
        CONVERTERS.update(dict.fromkeys(types, converter))
        return converter

    return register


class Conversion:
    """What is known while the graph is walked: constants, values that layers give, and the model so far."""

    def __init__(self, graph: Graph, file_bytes: int):
        self.graph, self.draft = graph, Draft(file_bytes)
        self.constants = dict(graph.constants)
        self.values: dict[str, Value] = {graph.input: _input(graph)}
        self._obstacles: list[Obstacle] = []
        self._lost: set[str] = set()
        self._budget = Budget()

    def run(self) -> Imported:
        self._fold_constants()
        ops = Patterns(self.graph, self.constants).replaced()
        self.graph = replace(self.graph, ops=ops)
        self._uses = self.graph.uses()
        for op in ops:
            self._take(op)
        return self._result()

    def constant(self, name: str) -> np.ndarray:
        """Raises: Unsupported if the value is computed from the data."""
        if name not in self.constants:
            raise Unsupported("It takes weights or settings that are computed from the data.")
        return self.constants[name]

    def optional(self, op: Op, place: int) -> np.ndarray | None:
        """The constant at this input; None if it is left out."""
        return self.constant(op.inputs[place]) if len(op.inputs) > place and op.inputs[place] else None

    def numbers(self, op: Op, name: str, place: int) -> tuple[int, ...] | None:
        """Whole numbers that are an attribute in old files and an input in newer ones."""
        given = self.optional(op, place)
        return op.attributes.get(name) if given is None else tuple(int(each) for each in given.reshape(-1))

    def value(self, name: str) -> Value:
        """Raises: Unsupported if it is a constant."""
        if name not in self.values:
            raise Unsupported("It takes something that no layer gives.")
        return self.values[name]

    def settled(self, name: str) -> Value:
        """The value with its axes in the file's order, by a Permute layer where Strata's differs."""
        return self.draft.settled(self.value(name))

    def is_used(self, name: str) -> bool:
        return bool(name and self._uses[name])

    def is_alone(self, name: str) -> bool:
        """Whether only one operation takes this value."""
        return self._uses[name] == 1

    def _fold_constants(self) -> None:
        """All that depends on constants alone; what shapes give is added when the layers are there."""
        for op in self.graph.ops:
            if all(not name or name in self.constants for name in op.inputs):
                self._fold(op)

    def _fold(self, op: Op) -> bool:
        try:
            result = fold(op, [self.constants.get(name) for name in op.inputs], self._budget)
        except Unsupported:
            return False
        if result is None:
            return False
        self.constants[op.outputs[0]] = result
        return True

    def _take(self, op: Op) -> None:
        try:
            self._convert(op)
        except Unsupported as reason:
            self._refuse(op, str(reason))
        except MISFITS:
            self._refuse(op, "Its settings or weights do not fit together.")

    def _convert(self, op: Op) -> None:
        """Raises: Unsupported if no layer expresses it, MISFITS if it is not what ONNX says."""
        if op.outputs[0] in self.constants or self._is_computed(op):
            return
        if not self._lost.isdisjoint(op.inputs) and op.type in (*CONVERTERS, *FOLDS, "Shape"):
            self._lost.update(op.outputs)
        elif op.type in CONVERTERS:
            given = CONVERTERS[op.type](op, self)
            self.values.update(zip(op.outputs, given if isinstance(given, tuple) else (given,), strict=False))
        else:
            raise Unsupported("Strata has no such layer.")

    def _is_computed(self, op: Op) -> bool:
        """Whether it works on shapes and constants alone, so that its result is known now."""
        if op.type == "Shape" and op.inputs[0] in self.values:
            sizes = self.values[op.inputs[0]].sizes
            start, end = op.attributes.get("start", 0), op.attributes.get("end")
            self.constants[op.outputs[0]] = np.array(sizes[start:end], np.int64)
            return True
        return all(not name or name in self.constants for name in op.inputs) and self._fold(op)

    def _refuse(self, op: Op, reason: str) -> None:
        self._lost.update(op.outputs)
        self._obstacles.append(Obstacle(op.type.removeprefix("strata::"), op.name, reason))

    def _result(self) -> Imported:
        shape = self.values[self.graph.input].shape
        if self._obstacles:
            return Imported(None, input_shape=shape, unsupported=listed(self._obstacles))
        try:
            return self.draft.imported(self.value(self.graph.output), self.values[self.graph.input])
        except Unsupported as reason:
            return Imported(None, input_shape=shape, unsupported=(str(reason),))


def _input(graph: Graph) -> Value:
    """The data; images with their channels first, as they come here, even if the file wants them last."""
    sizes = graph.input_sizes[1:]
    users = [op for op in graph.ops if graph.input in op.inputs]
    if len(users) == 1 and users[0].type == "Transpose":
        perm = users[0].attributes.get("perm")
        order = CHANNELS_LAST.get(perm, ()) if isinstance(perm, tuple) else ()
        if len(order) == len(sizes) + 1:
            return Value(INPUT, (sizes[-1], *sizes[:-1]), order)
    return value_of(INPUT, sizes)
