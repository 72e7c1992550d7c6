"""What reading a model file gives: a whole model with its weights, or the list of what stands in the way."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from builder.catalogue.component import Shape
from builder.spec.model import ModelSpec

MISFITS = (LookupError, ValueError, TypeError, AttributeError, ArithmeticError, StopIteration)
"""What reading a file raises where it does not say what its kind of file says."""
MOST_NAMES = 3
"""Places of one unsupported operation that are named."""


class Unsupported(Exception):
    """An operation of the file that the catalogue cannot express; the message completes "Conv (2×: a, b): …"."""


@dataclass(frozen=True)
class Imported:
    """`model` is None if anything is unsupported: half a model is never given. `weights` are by state_dict name."""

    model: ModelSpec | None
    weights: dict[str, np.ndarray] = field(default_factory=dict)
    input_shape: Shape | None = None
    """What the first layer was made for, batch left out; None if the file does not say."""
    unsupported: tuple[str, ...] = ()


@dataclass(frozen=True)
class Obstacle:
    """One operation that cannot be carried over."""

    operation: str
    name: str
    reason: str


def listed(obstacles: Iterable[Obstacle]) -> tuple[str, ...]:
    """One line for each operation and reason, with how often and where."""
    obstacles = tuple(obstacles)
    counts = Counter((each.operation, each.reason) for each in obstacles)
    lines = []
    for (operation, reason), count in counts.items():
        names = [each.name for each in obstacles if (each.operation, each.reason) == (operation, reason)]
        more = ", …" if count > MOST_NAMES else ""
        lines.append(f"{operation} ({count}×: {', '.join(names[:MOST_NAMES])}{more}): {reason}")
    return tuple(lines)
