"""Finds functions that a file spells out in small steps, and puts one operation in their place.

A pattern is an operation's type with a pattern for each input and, last, the attributes it must have; a text stands
for any value, always the same one; a number stands for a constant of that value.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from builder.imports.onnx_file.graph import Graph, Op

GROUP_NORM, SILU = "strata::GroupNorm", "strata::SiLU"
_ROOT_OF_TWO = 2**0.5
_GROUPED = ("InstanceNormalization", ("Reshape", "x", "split"), "ones", "zeros")
Pattern = str | float | tuple[Any, ...]
PATTERNS: tuple[tuple[str, Pattern], ...] = (
    (SILU, ("Mul", "x", ("Sigmoid", "x"))),
    ("HardSwish", ("Mul", "x", ("HardSigmoid", "x", {"alpha": 1 / 6}))),
    ("HardSwish", ("Div", ("Mul", "x", ("Clip", ("Add", "x", 3.0), 0.0, 6.0)), 6.0)),
    ("Mish", ("Mul", "x", ("Tanh", ("Softplus", "x")))),
    ("Gelu", ("Mul", ("Mul", "x", ("Add", ("Erf", ("Div", "x", _ROOT_OF_TWO)), 1.0)), 0.5)),
    ("Gelu", ("Mul", ("Mul", "x", 0.5), ("Add", ("Erf", ("Div", "x", _ROOT_OF_TWO)), 1.0))),
    (GROUP_NORM, ("Add", ("Mul", ("Reshape", _GROUPED, "joined"), "weight"), "bias")),
)
"""What takes the pattern's place, with the pattern's texts as inputs in the order in which they are met."""


@dataclass(frozen=True)
class Match:
    """What a pattern's texts stand for, and the operations that it covers, the root first."""

    bound: dict[str, str] = field(default_factory=dict)
    ops: tuple[Op, ...] = ()


class Patterns:
    def __init__(self, graph: Graph, constants: Mapping[str, np.ndarray]):
        self._graph, self._constants, self._uses = graph, constants, graph.uses()
        self._makers = {name: op for op in graph.ops for name in op.outputs}

    def replaced(self) -> tuple[Op, ...]:
        """The graph's operations, with one in place of each pattern whose inner values nobody else takes."""
        gone: set[int] = set()
        instead: dict[int, Op] = {}
        for root in self._graph.ops:
            name, match = next(self._found(root), ("", None))
            if match is not None and gone.isdisjoint(map(id, match.ops)):
                instead[id(root)] = Op(name, root.name, tuple(match.bound.values()), root.outputs, _settings(match))
                gone.update(id(op) for op in match.ops[1:])
        return tuple(instead.get(id(op), op) for op in self._graph.ops if id(op) not in gone)

    def _found(self, root: Op) -> Iterator[tuple[str, Match]]:
        for name, pattern in PATTERNS:
            matches = self._matches(pattern, root.outputs[0], Match()) if pattern[0] == root.type else ()
            yield from ((name, match) for match in matches if self._is_closed(match))

    def _matches(self, pattern: Pattern, value: str, so_far: Match) -> Iterator[Match]:
        if isinstance(pattern, str):
            if so_far.bound.get(pattern, value) == value:
                yield Match(so_far.bound | {pattern: value}, so_far.ops)
        elif isinstance(pattern, float):
            constant = self._constants.get(value)
            if constant is not None and constant.size == 1 and np.isclose(constant.item(), pattern, rtol=1e-5):
                yield so_far
        else:
            yield from self._matches_op(pattern, self._makers.get(value), so_far)

    def _matches_op(self, pattern: tuple[Any, ...], op: Op | None, so_far: Match) -> Iterator[Match]:
        kind, *inputs = pattern
        attributes = inputs.pop() if isinstance(inputs[-1], dict) else {}
        if op is None or op.type != kind or len(op.inputs) != len(inputs):
            return
        if any(not _is_close(op.attributes.get(name, 0), value) for name, value in attributes.items()):
            return
        orders = [op.inputs, op.inputs[::-1]] if kind in ("Add", "Mul") else [op.inputs]
        for order in orders:
            matches = [Match(so_far.bound, (*so_far.ops, op))]
            for inner, value in zip(inputs, order, strict=True):
                matches = [more for match in matches for more in self._matches(inner, value, match)]
            yield from matches

    def _is_closed(self, match: Match) -> bool:
        taken = Counter(name for op in match.ops for name in op.inputs)
        return all(self._uses[op.outputs[0]] == taken[op.outputs[0]] for op in match.ops[1:])


def _is_close(given: Any, value: float) -> bool:
    return isinstance(given, int | float) and bool(np.isclose(given, value))


def _settings(match: Match) -> dict[str, Any]:
    return next((op.attributes for op in match.ops if op.type == "InstanceNormalization"), {})
