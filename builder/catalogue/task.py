"""The kinds of answers a model can be asked for."""

from typing import Literal, Protocol

from builder.catalogue.component import Shape

Task = Literal["binary", "multiclass", "regression", "reconstruction"]
CLASSIFICATION: tuple[Task, ...] = ("binary", "multiclass")
REGRESSION: tuple[Task, ...] = ("regression",)
RECONSTRUCTION: tuple[Task, ...] = ("reconstruction",)
"""The model gives back its own input."""
NUMBERS = REGRESSION + RECONSTRUCTION
"""Answered with numbers."""


class TargetFacts(Protocol):
    """What the data says about the target and what it is learned from; `builder.spec.facts.DataFacts` is one."""

    @property
    def task(self) -> Task: ...
    @property
    def input_shape(self) -> Shape: ...
    @property
    def target_size(self) -> int: ...
    @property
    def target_lowest(self) -> float | None: ...
    @property
    def class_counts(self) -> tuple[int, ...]: ...
