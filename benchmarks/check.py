"""How long an edit with its check takes, as at every keystroke in the editor."""

from collections.abc import Iterator

from benchmarks.result import Result, result, timed
from builder.catalogue.activations import ReLU
from builder.catalogue.layers import BatchNorm2d, Conv2d, Flatten, Linear, MaxPool2d
from builder.check.edits import UpdateLayer, apply
from builder.check.report import check
from builder.data.dataset import prepare
from builder.data.templates import make_project
from builder.spec.facts import DataFacts
from builder.spec.project import Project
from builder.spec.templates import TEMPLATES, dense, stack

REPEATS = 50


def measure() -> Iterator[Result]:
    project = make_project(TEMPLATES["digits-cnn"])
    facts = prepare(project.data).facts
    blocks = [
        layer for _ in range(19) for layer in (Conv2d(out_channels=32, padding=1), BatchNorm2d(activation=ReLU()))
    ]
    model = stack(*blocks, MaxPool2d(), Flatten(), *dense(*[64] * 9), Linear())
    assert len(model.nodes) == 50
    project = project.model_copy(update={"model": model})
    assert check(project, facts).can_train
    yield result("check of 50 layers", [timed(check, project, facts) for _ in range(REPEATS)], "ms", goal=10)
    large = project.model_copy(
        update={"model": stack(*blocks, *blocks, MaxPool2d(), *blocks[:12], Flatten(), *dense(*[64] * 9), Linear())}
    )
    assert len(large.model.nodes) == 100 and check(large, facts).can_train
    widths = iter(range(100, 100 + REPEATS))
    yield result(
        "edit and check of 100 layers",
        [timed(_edited, large, facts, next(widths)) for _ in range(REPEATS)],
        "ms",
        goal=8,
    )


def _edited(project: Project, facts: DataFacts, width: int) -> None:
    """Another width in the middle, which no cache knows."""
    check(apply(project, UpdateLayer(id="conv2d_20", changes={"out_channels": width})), facts)
