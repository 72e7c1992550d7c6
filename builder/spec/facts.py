"""What the data says about itself: all that checking a model against it needs."""

from typing import Literal

from builder.catalogue.component import Shape
from builder.catalogue.task import Task
from builder.spec.base import Spec


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
    row_counts: tuple[int, int, int]
    """Rows of training, validation and test."""
    raw_inputs: tuple[RawInput, ...]
