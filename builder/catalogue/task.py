"""The kinds of answers a model can be asked for."""

from typing import Literal

Task = Literal["binary", "multiclass", "regression"]
CLASSIFICATION: tuple[Task, ...] = ("binary", "multiclass")
REGRESSION: tuple[Task, ...] = ("regression",)
