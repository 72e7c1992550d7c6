"""Fixes of the training's settings, made for the project as it stands now."""

from typing import Any

from builder.catalogue.component import Component
from builder.catalogue.optimizers import Optimizer
from builder.catalogue.regularization import Regularization
from builder.check.edits import Edit, UpdateTraining
from builder.check.problem import Fix
from builder.spec.project import Project
from builder.spec.training import TrainingSpec

HIGHEST_LR = 10.0
"""The catalogue's own bound."""


def usual_lr(optimizer: Optimizer) -> float:
    return type(optimizer).model_fields["lr"].default


def set_training(**components: Component | tuple[Component, ...] | float) -> Edit:
    """The edit that sets these fields of the training."""
    return UpdateTraining(changes={name: _as_json(value) for name, value in components.items()})


def _as_json(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_as_json(part) for part in value]
    return value.model_dump(mode="json") if isinstance(value, Component) else value


def with_lr(project: Project, lr: float) -> Fix:
    optimizer = project.training.optimizer.model_copy(update={"lr": lr})
    return Fix(f"Set the learning rate to {lr:g}", (set_training(optimizer=optimizer),))


def with_regularizer(training: TrainingSpec, *added: Regularization) -> Edit:
    """What is added takes the place of its kind."""
    kinds = {item.kind for item in added}
    kept = tuple(item for item in training.regularization if item.kind not in kinds)
    return set_training(regularization=(*kept, *added))


def rounded(lr: float) -> float:
    """With one digit, as people write learning rates."""
    return min(HIGHEST_LR, float(f"{lr:.0e}"))
