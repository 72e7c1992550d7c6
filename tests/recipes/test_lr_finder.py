"""The learning rate that is found trains within 0.02 of the best of twelve, for two optimizers and several splits."""

import math
import statistics
from collections.abc import Callable

import numpy as np
import pytest

from builder.catalogue.optimizers import SGD, Optimizer
from builder.data.dataset import prepare
from builder.data.templates import make_project
from builder.errors import RunError
from builder.spec.facts import DataFacts
from builder.spec.project import Project
from builder.spec.templates import TEMPLATES
from builder.training import lr_finder, range_test
from builder.training.examples import Examples, load_examples
from builder.training.loop import Trainer
from tests.recipes.recipe import seeded
from tests.training.examples import Notes

pytestmark = pytest.mark.recipe

GRID = np.geomspace(1e-5, 1, 12).tolist()
MARGIN = 0.02
CASES = (
    ("digits-mlp", "Accuracy", 10, (0, 1)),
    ("wine", "Accuracy", 30, (0, 1, 2, 3)),
    ("diabetes", "R2", 40, (0, 1, 2, 3)),
)
"""Template, metric, epochs, seeds: of the split, the first weights and the order."""
OPTIMIZERS: dict[str, Callable[[Optimizer], Optimizer]] = {"AdamW": lambda own: own, "SGD": lambda own: SGD()}
Prepared = tuple[Project, DataFacts, Examples]


@pytest.fixture(autouse=True)
def _as_much_time_as_it_wants(monkeypatch):
    """What is found then does not depend on how busy this machine is."""
    monkeypatch.setattr(range_test, "SWEEPS_S", 1000.0)
    monkeypatch.setattr(lr_finder, "RACE_S", 1000.0)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(("name", "metric", "epochs", "seeds"), CASES, ids=[case[0] for case in CASES])
def test_the_rate_that_is_found_is_nearly_the_best_of_twelve(name, metric, epochs, seeds, optimizer):
    prepared = [_prepared(name, OPTIMIZERS[optimizer], epochs, seed) for seed in seeds]
    found = [lr_finder.find_lr_on(*one, lambda share, text: None).suggestion for one in prepared]
    grid = [_mean([(one, lr) for one in prepared], metric) for lr in GRID]
    reached, best = _mean(list(zip(prepared, found, strict=True)), metric), max(grid)
    print(
        f"\n{name}, {optimizer}: found {found}: {reached:.3f}; best of the grid {best:.3f} at {GRID[grid.index(best)]:.2g}"
    )
    print("  ".join(f"{lr:.1e}: {figure:.3f}" for lr, figure in zip(GRID, grid, strict=True)))
    assert reached >= best - MARGIN


def _prepared(name: str, optimizer: Callable[[Optimizer], Optimizer], epochs: int, seed: int) -> Prepared:
    project = seeded(make_project(TEMPLATES[name]), seed)
    changed = {"optimizer": optimizer(project.training.optimizer), "epochs": epochs}
    project = project.model_copy(update={"training": project.training.model_copy(update=changed)})
    dataset = prepare(project.data)
    return project, dataset.facts, load_examples(dataset, project.training.loss, seed)


def _mean(trainings: list[tuple[Prepared, float]], metric: str) -> float:
    """Of the test rows."""
    return statistics.mean(_figure(*prepared, lr, metric) for prepared, lr in trainings)


def _figure(project: Project, facts: DataFacts, examples: Examples, lr: float, metric: str) -> float:
    optimizer = project.training.optimizer.model_copy(update={"lr": lr})
    training = project.training.model_copy(update={"optimizer": optimizer})
    trainer = Trainer(project.model_copy(update={"training": training}), facts, examples, Notes())
    try:
        trainer.run()
    except RunError:  # it diverged
        return -1.0
    figure = trainer.evaluate(examples.test_rows)[metric]
    return max(figure, -1.0) if math.isfinite(figure) else -1.0
