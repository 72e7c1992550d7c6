"""What the data says about itself: all that checking a model against it needs."""

from math import prod
from typing import Literal

from builder.catalogue.component import Shape
from builder.catalogue.task import Task
from builder.spec.base import Spec

OWN_INPUT = "scaled input"
"""What a reconstruction is compared with: its own input, as it reaches the first layer."""


class RawInput(Spec):
    """One input of the exported model, in the user's own terms."""

    name: str
    dtype: Literal["float32", "string", "uint8"]


class DataFacts(Spec):
    """`input_shape` is what reaches the first layer after preprocessing, batch left out."""

    input_shape: Shape
    task: Task
    target: str
    classes: tuple[str, ...] = ()
    class_counts: tuple[int, ...] = ()
    """Training rows of each class."""
    target_lowest: float | None = None
    """Of a number as target."""
    row_counts: tuple[int, int, int]
    """Rows of training, validation and test."""
    raw_inputs: tuple[RawInput, ...]

    @property
    def target_size(self) -> int:
        """How many values the model is asked for: one for each class, the number itself, or its own inputs."""
        return prod(self.input_shape) if self.task == "reconstruction" else len(self.classes) or 1
