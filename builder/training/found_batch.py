"""Finds the batch size of a run that asks for the largest one, once: the run's own project says it from then on."""

from builder.runs.folder import RunFolder
from builder.spec.facts import DataFacts
from builder.spec.project import Project, save_project
from builder.training.batch_finder import largest_that_fits
from builder.training.examples import Examples
from builder.training.memory import limited_memory


def with_found_batch(folder: RunFolder, project: Project, facts: DataFacts, examples: Examples) -> Project:
    """The project as it trains; one that goes on keeps the size that it began with."""
    if not project.training.largest_batch or folder.plan.exists():
        return project
    with limited_memory():
        found = sized(project, largest_that_fits(project, facts, examples))
    save_project(found, folder.project_json)
    return found


def sized(project: Project, batch_size: int) -> Project:
    return project.model_copy(update={"training": project.training.model_copy(update={"batch_size": batch_size})})


def batch_note(project: Project) -> str:
    """To be said of the run in the end."""
    training = project.training
    return f"Batches of {training.batch_size:,}: the largest that fit." if training.largest_batch else ""
