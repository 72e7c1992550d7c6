"""Finds the batch size of a run that asks for the largest one, once: the run's own project says it from then on."""

from collections.abc import Callable

from builder.runs.folder import RunFolder
from builder.runs.origin import origin_of
from builder.spec.facts import DataFacts
from builder.spec.project import Project, save_project
from builder.spec.training import TrainingSpec
from builder.training.batch_finder import largest_that_fits
from builder.training.examples import Examples
from builder.training.memory import limited_memory


def with_found_batch(folder: RunFolder, project: Project, facts: DataFacts, load: Callable[[], Examples]) -> Project:
    """The project as it trains; one that goes on keeps the size that it began with."""
    if not project.training.largest_batch or folder.plan.exists() or _was_found_before(folder, project.training):
        return project
    with limited_memory():
        found = sized(project, largest_that_fits(project, facts, load()))
    save_project(found, folder.project_json)
    return found


def _was_found_before(folder: RunFolder, training: TrainingSpec) -> bool:
    """By the run that this one was forked from; another size would deal its epochs into other batches."""
    came = origin_of(folder)
    return came is not None and came.training.largest_batch and came.training.batch_size == training.batch_size


def sized(project: Project, batch_size: int) -> Project:
    return project.model_copy(update={"training": project.training.model_copy(update={"batch_size": batch_size})})


def batch_note(project: Project) -> str:
    """To be said of the run in the end."""
    training = project.training
    return f"Batches of {training.batch_size:,}: the largest that fit." if training.largest_batch else ""
