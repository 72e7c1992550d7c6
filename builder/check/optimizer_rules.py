"""Rules for what an optimizer does not go with."""

from collections.abc import Iterator

from builder.catalogue.optimizers import AdamW
from builder.catalogue.regularization import GradientClipping, MaxNorm, ValueClipping
from builder.check.edits import UpdateTraining
from builder.check.problem import Fix, Problem, error
from builder.check.shapes import place_of
from builder.spec.project import Project

_MEDDLING = (GradientClipping, ValueClipping, MaxNorm)
"""What changes gradients or weights between an optimizer's moves."""


def optimizer_problems(project: Project) -> Iterator[Problem]:
    """An optimizer that compares losses within a step needs the same loss each time, and its whole slope."""
    training = project.training
    if not training.optimizer.takes_closure:
        return
    label = training.optimizer.label
    other = Fix("Use AdamW", (UpdateTraining(changes={"optimizer": AdamW().model_dump(mode="json")}),))
    for index, node in enumerate(project.model.nodes):
        if _is_random(node.layer):
            message = f"changes the loss at random, but {label} compares the losses of several tries within a step. Switch dropout off, or use AdamW."
            yield error(place_of(project.model, index), message, other, node_id=node.id)
    for item in training.regularization:
        if isinstance(item, _MEDDLING):
            rest = [one.model_dump(mode="json") for one in training.regularization if one is not item]
            fix = Fix(f"Switch {item.label} off", (UpdateTraining(changes={"regularization": rest}),))
            message = f"{label} learns the curvature from its own gradients and moves, which {item.label} would change behind its back. Switch that off, or use AdamW."
            yield error("Optimizer", message, fix, other, field="optimizer")


def _is_random(layer: object) -> bool:
    share = getattr(layer, "p", 0.0) if layer.family == "Regularization" else getattr(layer, "dropout", 0.0)
    return bool(share)
