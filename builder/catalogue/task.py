"""The kinds of answers a model can be asked for."""

from typing import Literal, Protocol

Task = Literal["binary", "multiclass", "regression", "reconstruction"]
CLASSIFICATION: tuple[Task, ...] = ("binary", "multiclass")
REGRESSION: tuple[Task, ...] = ("regression",)
RECONSTRUCTION: tuple[Task, ...] = ("reconstruction",)
"""The model gives back its own input."""
NUMBERS = REGRESSION + RECONSTRUCTION
"""Answered with numbers."""


class TargetFacts(Protocol):
    """What the data says about the target; `builder.spec.facts.DataFacts` is one."""

    @property
    def task(self) -> Task: ...
    @property
    def target_size(self) -> int: ...
    @property
    def target_lowest(self) -> float | None: ...
    @property
    def class_counts(self) -> tuple[int, ...]: ...
