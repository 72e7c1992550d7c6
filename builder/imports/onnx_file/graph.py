"""An ONNX graph as plain data: operations in order, constants as arrays."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class Op:
    """One operation; a left-out input or output is an empty name."""

    type: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Graph:
    """`input_sizes` has None for a size known only at run time; its first is the batch."""

    ops: tuple[Op, ...]
    constants: dict[str, np.ndarray]
    input: str
    input_sizes: tuple[int | None, ...]
    output: str
    opset: int

    def uses(self) -> Counter[str]:
        """How many operations take each value; being the answer counts as one."""
        return Counter([self.output, *(name for op in self.ops for name in op.inputs)])


def first_too_early(ops: Sequence[Op], known: set[str]) -> Op | None:
    """The first operation that takes what nothing before it makes, as in a ring; ONNX asks for an order without any."""
    made = known | {""}
    for op in ops:
        if not made.issuperset(op.inputs):
            return op
        made.update(op.outputs)
    return None
