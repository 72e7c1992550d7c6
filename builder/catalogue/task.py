"""The kinds of answers a model can be asked for."""

from typing import Literal

Task = Literal["binary", "multiclass", "regression", "reconstruction"]
CLASSIFICATION: tuple[Task, ...] = ("binary", "multiclass")
REGRESSION: tuple[Task, ...] = ("regression",)
RECONSTRUCTION: tuple[Task, ...] = ("reconstruction",)
"""The model gives back its own input."""
NUMBERS = REGRESSION + RECONSTRUCTION
"""Answered with numbers."""
